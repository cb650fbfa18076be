/** Network descriptions as files, profiles/network/*.json, schema `m4lab.network/1`. */
import * as z from 'zod';
import { UserError } from '../../emulator/errors.js';
import { Network, type NetworkDescription } from '../reference/network.js';
import { readJsonFile } from './json-file.js';
import { packagePath } from './package-root.js';

const positive = z.number().int().positive();

export const networkSchema = z.strictObject({
  schema: z.literal('m4lab.network/1'),
  name: z.string().min(1),
  classes: z.array(z.string().min(1)).min(2),
  input: z.strictObject({ channels: positive, minLength: positive, maxLength: positive }),
  layers: z
    .array(
      z.strictObject({ kind: z.string(), name: z.string().min(1), options: z.record(z.string(), positive) }),
    )
    .min(1),
  transferLearning: z.array(z.string()),
});

/**
 * The network of a file, by default the paper's. UserError where the file is unreadable, breaks the
 * schema, or names layers that do not fit together.
 */
export function readNetwork(
  path = packagePath('profiles', 'network', 'imu-har-cnn.json'),
): NetworkDescription {
  const { schema: _schema, ...description } = readJsonFile(path, 'network description', networkSchema);
  const names = description.layers.map((layer) => layer.name);
  const unknown = description.transferLearning.find((name) => !names.includes(name));
  try {
    if (unknown !== undefined) throw new RangeError(`transferLearning names ${unknown}, which is no layer`);
    new Network(description, description.input.minLength);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError({
      code: 'network-layers',
      what: path,
      expected: `does not describe a network (${error.message})`,
      fix: 'correct the layer named, see harness/reference for the kinds and their options',
    });
  }
  return description;
}
