import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../../harness/data/package-root.js';
import { createLayer, LAYER_KINDS } from '../../../harness/reference/layers.js';

const SHAPE = { channels: 3, length: 20 };

describe('the layer kinds', () => {
  it('each stand in a file of their name here, and in a C pair of their name in the firmware', () => {
    const reference = readdirSync(packagePath('harness', 'reference'));
    const firmware = readdirSync(packagePath('firmware', 'layers'));
    for (const { kind } of LAYER_KINDS) {
      expect(reference).toContain(`${kind}.ts`);
      expect(firmware).toEqual(expect.arrayContaining([`${kind}.c`, `${kind}.h`]));
    }
    const sources = firmware.filter((name) => name.endsWith('.c') && name !== 'elementary.c');
    expect(sources).toHaveLength(LAYER_KINDS.length);
  });

  it('refuses a kind that nobody knows, and an option that a kind does not have', () => {
    const lstm = { kind: 'lstm', name: 'one', options: {} };
    expect(() => createLayer(lstm, SHAPE)).toThrow(/layer one: kind lstm is none of conv1d, relu/);
    const relu = { kind: 'relu', name: 'two', options: { slope: 1 } };
    expect(() => createLayer(relu, SHAPE)).toThrow(/layer two: a relu has no option slope/);
  });
});
