/**
 * Models as files, schema `m4lab.model/1`: parameters, and where they come from, down to the command
 * that makes the same file again byte for byte.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { UserError } from '../../emulator/errors.js';
import { Network, type NetworkDescription } from '../reference/network.js';
import { readJsonFile } from './json-file.js';

export const MODEL_SCHEMA = 'm4lab.model/1';

const positive = z.number().int().positive();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');

export const modelSchema = z.strictObject({
  schema: z.literal(MODEL_SCHEMA),
  name: z.string().min(1),
  network: z.string().min(1),
  command: z.string().min(1),
  input: z.strictObject({ length: positive, channels: positive }),
  dataset: z.strictObject({ name: z.string().min(1), sha256 }),
  users: z.array(positive).min(1),
  training: z.strictObject({
    epochs: positive,
    batch: positive,
    learningRate: z.number().positive(),
    seed: z.number().int().nonnegative(),
    loss: z.number(),
  }),
  parameters: z.strictObject({ count: positive, sha256, base64: z.base64() }),
});

type ModelFile = z.infer<typeof modelSchema>;

/** A trained network: what the file says, its parameters decoded. */
export interface Model extends Omit<ModelFile, 'schema' | 'parameters'> {
  readonly parameters: Float32Array;
}

function littleEndian(parameters: Float32Array): Buffer {
  const bytes = Buffer.alloc(parameters.length * 4);
  parameters.forEach((value, i) => {
    bytes.writeFloatLE(value, i * 4);
  });
  return bytes;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The file's text. The same model always gives the same bytes. */
export function formatModel(model: Model): string {
  const bytes = littleEndian(model.parameters);
  const file: ModelFile = {
    schema: MODEL_SCHEMA,
    name: model.name,
    network: model.network,
    command: model.command,
    input: model.input,
    dataset: model.dataset,
    users: model.users,
    training: model.training,
    parameters: { count: model.parameters.length, sha256: digest(bytes), base64: bytes.toString('base64') },
  };
  const text = JSON.stringify(file, null, 2).replace(/\[[\d,\s]+\]/g, onOneLine);
  return `${text}\n`;
}

/** A list of numbers, printed one a line, as a formatter would have it. */
function onOneLine(list: string): string {
  return list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');
}

/**
 * Reads a model for this network. UserError where the file is unreadable, breaks the schema, is of
 * another network, holds too few or too many parameters, or where their checksum is wrong.
 */
export function readModel(path: string, network: NetworkDescription): Model {
  const { schema: _schema, parameters, ...rest } = readJsonFile(path, 'model file', modelSchema);
  const bytes = Buffer.from(parameters.base64, 'base64');
  const { parameterCount } = new Network(network, network.input.minLength);
  checkModel(path, 'network', rest.network, network.name, 'give a model of this network');
  checkModel(path, 'parameters.count', parameters.count, parameterCount, 'give a model of this network');
  checkModel(path, 'the bytes of parameters.base64', bytes.length, parameterCount * 4, 'copy the file anew');
  checkModel(path, 'parameters.sha256', parameters.sha256, digest(bytes), 'copy the file anew');
  const values = Float32Array.from({ length: parameterCount }, (_, i) => bytes.readFloatLE(i * 4));
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    checkModel(
      path,
      `parameter ${broken}`,
      String(values[broken]),
      'a finite number',
      'train the model anew',
    );
  }
  return { ...rest, parameters: values };
}

function checkModel(
  path: string,
  field: string,
  got: string | number,
  expected: string | number,
  fix: string,
) {
  if (got === expected) return;
  throw new UserError({
    code: 'model-file',
    what: `${path}: ${field}`,
    got: String(got),
    expected: `must be ${expected}`,
    fix,
  });
}
