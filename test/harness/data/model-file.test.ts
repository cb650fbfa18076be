import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../emulator/errors.js';
import { formatModel, type Model, readModel } from '../../../harness/data/model-file.js';
import { readNetwork } from '../../../harness/data/network-file.js';

const network = readNetwork();
const model: Model = {
  name: 'test',
  network: network.name,
  command: 'm4lab pretrain',
  input: { length: 20, channels: 3 },
  dataset: { name: 'synthetic', sha256: 'a'.repeat(64) },
  users: [1, 2],
  training: { epochs: 1, batch: 32, learningRate: 0.1, seed: 1, loss: 1.5 },
  parameters: Float32Array.from({ length: 10084 }, (_, i) => Math.sin(i)),
};

let folder = '';
const write = (text: string) => {
  const path = join(folder, 'model.json');
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'm4lab-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file as parsed, to be spoilt. */
interface Spoilt {
  [field: string]: unknown;
  users: number[];
  parameters: { base64: string; count: number; sha256: string };
}

/** Writes a changed file and gives what reading it says. */
function messageOf(change: (file: Spoilt) => void): string {
  const file: Spoilt = JSON.parse(formatModel(model));
  change(file);
  return messageFor(write(JSON.stringify(file)));
}

function messageFor(path: string): string {
  try {
    readModel(path, network);
  } catch (error) {
    if (error instanceof UserError) return error.message.replace(path, 'FILE');
    throw error;
  }
  return 'no error';
}

describe('a model file', () => {
  it('comes back to the bit, and to the byte when written again', () => {
    const read = readModel(write(formatModel(model)), network);
    expect(read).toEqual(model);
    expect(formatModel(read)).toBe(readFileSync(join(folder, 'model.json'), 'utf8'));
  });

  it('holds parameters as float32, little-endian, in base64', () => {
    const { parameters } = JSON.parse(formatModel(model));
    expect(Buffer.from(parameters.base64, 'base64').readFloatLE(4)).toBe(Math.fround(Math.sin(1)));
  });

  it.each<[string, (file: Spoilt) => void, string]>([
    ['another schema', (file) => Object.assign(file, { schema: 'x' }), 'FILE: schema'],
    ['no users', (file) => file.users.splice(0), 'FILE: users does not fit a model file'],
    ['another network', (file) => Object.assign(file, { network: 'x' }), 'FILE: network is x, but must be'],
    ['a field of no meaning', (file) => Object.assign(file, { extra: 1 }), 'Unrecognized key'],
  ])('with %s is refused', (_, change, message) => {
    expect(messageOf(change)).toContain(message);
  });

  it('with a flipped bit, or too few parameters, is refused', () => {
    const flipped = messageOf(({ parameters }) => {
      parameters.base64 = parameters.base64.replace(/.{4}/, 'AAAB');
    });
    expect(flipped).toContain('FILE: parameters.sha256 is ');
    const short = messageOf(({ parameters }) => {
      parameters.base64 = parameters.base64.slice(0, 400);
    });
    expect(short).toContain('FILE: the bytes of parameters.base64 is 300, but must be 40336');
    const count = messageOf(({ parameters }) => {
      parameters.count = 7;
    });
    expect(count).toContain('FILE: parameters.count is 7, but must be 10084');
  });

  it('with a parameter that is no number is refused, however right its checksum', () => {
    const message = messageOf(({ parameters }) => {
      const bytes = Buffer.from(parameters.base64, 'base64');
      bytes.writeFloatLE(Number.NaN, 4);
      parameters.base64 = bytes.toString('base64');
      parameters.sha256 = createHash('sha256').update(bytes).digest('hex');
    });
    expect(message).toContain('FILE: parameter 1 is NaN, but must be a finite number');
  });

  it('that is missing, or is no JSON, is refused', () => {
    expect(messageFor(join(folder, 'none.json'))).toBe(
      'the model file FILE cannot be read (ENOENT); check the path',
    );
    expect(messageFor(write('{'))).toMatch(/^FILE is not JSON \(.*\); give a model file$/);
  });
});
