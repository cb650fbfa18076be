import { describe, expect, it } from 'vitest';
import {
  arithmeticOf,
  batchCost,
  evaluateCost,
  OPERATION_TYPES,
  totalCounts,
} from '../../../harness/reference/cost.js';
import { LAYER_KINDS } from '../../../harness/reference/layers.js';
import { Network } from '../../../harness/reference/network.js';
import { description } from './example.js';

const network = new Network(description, 20);

describe('the cost of a batch', () => {
  it('counts the forward pass of one window by hand', () => {
    const counts = totalCounts(evaluateCost(network, 1));
    expect(counts['conv1d.forward.mac']).toBe(32 * 9 * 18 + 64 * 96 * 7);
    expect(counts['conv1d.forward.output']).toBe(32 * 18 + 64 * 7);
    expect(counts['dense.forward.mac']).toBe(50 * 64 + 6 * 50);
    expect(counts['relu.forward.element']).toBe(32 * 18 + 64 * 7 + 50);
    expect(counts['avgpool1d.forward.output']).toBe(32 * 9 + 64 * 3);
    expect(counts['globalavgpool1d.forward.add']).toBe(64 * 2);
  });

  it('has no gradient below the lowest trained layer in transfer learning', () => {
    const counts = totalCounts(batchCost(network, 'tl', 32));
    expect(counts['conv1d.weights.mac']).toBeUndefined();
    expect(counts['dense.weights.mac']).toBe(32 * (50 * 64 + 6 * 50));
    expect(counts['dense.input.mac']).toBe(32 * 6 * 50);
    expect(counts['sgd.update.parameter']).toBe(3556);
  });

  it('has in full training every gradient but that of the window', () => {
    const counts = totalCounts(batchCost(network, 'full', 32));
    expect(counts['conv1d.weights.mac']).toBe(32 * (32 * 9 * 18 + 64 * 96 * 7));
    expect(counts['conv1d.input.mac']).toBe(32 * 64 * 96 * 7);
    expect(counts['dense.input.mac']).toBe(32 * (50 * 64 + 6 * 50));
    expect(counts['sgd.zero.gradient']).toBe(10084);
  });

  it('grows with the windows, but for what runs once a batch', () => {
    const one = totalCounts(batchCost(network, 'full', 1));
    const two = totalCounts(batchCost(network, 'full', 2));
    for (const [type, n] of Object.entries(one)) {
      const once = type.startsWith('sgd.') || type === 'batch.call';
      expect(two[type], type).toBe(once ? n : 2 * n);
    }
  });

  it('declares every operation type that a layer counts, and counts every one declared', () => {
    const counted = Object.keys(totalCounts(batchCost(network, 'full', 1))).sort();
    expect(counted).toEqual(Object.keys(OPERATION_TYPES).sort());
    const declared = LAYER_KINDS.flatMap((kind) => Object.keys(kind.operations));
    expect(new Set(declared).size).toBe(declared.length);
  });

  it('sums arithmetic, and refuses a type that nobody declared', () => {
    expect(arithmeticOf({ 'dense.forward.mac': 3, 'softmax.forward.class': 6 })).toEqual({
      multiply: 3,
      add: 15,
      divide: 6,
      compare: 6,
      exp: 6,
      log: 0,
    });
    expect(() => arithmeticOf({ nothing: 1 })).toThrow(/not declared/);
  });
});
