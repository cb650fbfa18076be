import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNetwork } from '../../../harness/data/network-file.js';
import { packagePath } from '../../../harness/data/package-root.js';

const text = readFileSync(packagePath('profiles', 'network', 'imu-har-cnn.json'), 'utf8');
let folder = '';
const read = (changed: string) => {
  const path = join(folder, 'network.json');
  writeFileSync(path, changed);
  return readNetwork(path);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'm4lab-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a network description', () => {
  it('is the paper’s by default', () => {
    const network = readNetwork();
    expect(network.name).toBe('imu-har-cnn');
    expect(network.classes).toEqual(['downstairs', 'upstairs', 'sitting', 'standing', 'walking', 'jogging']);
    expect(read(text)).toEqual(network);
  });

  it.each([
    ['"units": 50', '"units": 0', /layers\.8\.options\.units does not fit a network description/],
    ['"kind": "flatten"', '"kind": "lstm"', /kind lstm is none of conv1d/],
    ['"units": 6', '"units": 7', /gives 7 outputs for 6 classes/],
    ['["dense1", "dense2"]', '["dense9"]', /transferLearning names dense9, which is no layer/],
    ['"filters": 32, "kernel": 3', '"filters": 32', /layer conv1: option kernel is undefined/],
    ['"minLength": 10', '"minLength": 9', /layer pool2: 1 samples are fewer than its group of 2/],
  ])('with %s changed to %s is refused', (from, to, message) => {
    expect(text).toContain(from);
    expect(() => read(text.replace(from, to))).toThrow(message);
  });
});
