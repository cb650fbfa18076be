import { describe, expect, it } from 'vitest';
import { UserError } from '../../../emulator/index.js';
import { estimateCycles, estimateMemory } from '../../../harness/estimator/estimate.js';
import { OPERATION_TYPES } from '../../../harness/reference/cost.js';
import { type Mode, Network } from '../../../harness/reference/network.js';
import { description, model, trainerSession } from '../measure/trainer-firmware.js';

describe('memory', () => {
  const cases = [10, 19, 20, 33, 64, 100, 128].flatMap((length) =>
    (['tl', 'full'] as Mode[]).flatMap((mode) => [1, 32].map((batch) => [length, mode, batch] as const)),
  );

  it('is what the firmware itself plans, at every size', () => {
    const session = trainerSession();
    const { parameters } = model;
    for (const [windowLength, mode, batchCapacity] of cases) {
      const network = new Network(description, windowLength);
      const planned = session.configure({ network, mode, parameters, learningRate: 0.01 }, batchCapacity);
      expect(
        `${windowLength} ${mode} ${batchCapacity}: ${estimateMemory(network, mode, batchCapacity).bytes}`,
      ).toBe(`${windowLength} ${mode} ${batchCapacity}: ${planned}`);
    }
  });

  it('by kind sums to the whole', () => {
    const { bytes, kinds } = estimateMemory(new Network(description, 20), 'full', 32);
    expect(bytes).toBe(102_240);
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'parameters',
      'gradients',
      'windows',
      'labels',
      'probabilities',
      'activations',
      'errors',
    ]);
    expect(kinds.reduce((sum, entry) => sum + entry.bytes, 0)).toBe(bytes);
  });
});

describe('cycles', () => {
  const network = new Network(description, 20);
  const none = Object.fromEntries(Object.keys(OPERATION_TYPES).map((type) => [type, 0]));

  it('are coefficient times count', () => {
    const only = { cyclesPerOperation: { ...none, 'conv1d.forward.mac': 2, 'batch.call': 7 } };
    // 32 filters x 3 channels x 3 taps x 18 outputs, and 64 x 32 x 3 x 7.
    const macs = 32 * 9 * 18 + 64 * 96 * 7;
    const { cycles, steps } = estimateCycles(network, 'tl', 4, only);
    expect(cycles).toBe(2 * 4 * macs + 7);
    expect(steps.find(({ layer, phase }) => layer === 'conv1' && phase === 'forward')?.cycles).toBe(
      2 * 4 * 32 * 9 * 18,
    );
  });

  it('need every operation type', () => {
    const { 'relu.forward.call': _missing, ...rest } = none;
    expect(() => estimateCycles(network, 'tl', 1, { cyclesPerOperation: rest })).toThrow(UserError);
    expect(() => estimateCycles(network, 'tl', 1, { cyclesPerOperation: rest })).toThrow(
      /relu\.forward\.call/,
    );
  });
});
