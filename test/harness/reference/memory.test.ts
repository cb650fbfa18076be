import { describe, expect, it } from 'vitest';
import { arenaPlan } from '../../../harness/reference/memory.js';
import { type Mode, Network } from '../../../harness/reference/network.js';
import { description } from './example.js';

function elements(mode: Mode, windowLength: number, capacity: number) {
  const plan = arenaPlan(new Network(description, windowLength), mode, capacity);
  return plan.map(({ kind, name, bytes }) => [kind, name, bytes / 4]);
}

const COMMON = (gradients: number) => [
  ['parameters', 'parameters', 10084],
  ['gradients', 'gradients', gradients],
  ['windows', 'windows', 32 * 60],
  ['labels', 'labels', 32],
  ['probabilities', 'probabilities', 32 * 6],
  ['activations', 'conv1', 32 * 18],
  ['activations', 'pool1', 32 * 9],
  ['activations', 'conv2', 64 * 7],
  ['activations', 'pool2', 64 * 3],
  ['activations', 'gap', 64],
  ['activations', 'dense1', 50],
  ['activations', 'dense2', 6],
];

describe('the arena', () => {
  it('holds in transfer learning the errors of the dense layers only', () => {
    expect(elements('tl', 20, 32)).toEqual([
      ...COMMON(3556),
      ['errors', 'dense2', 6],
      ['errors', 'dense1', 50],
    ]);
  });

  it('holds in full training an error for every stored output', () => {
    expect(elements('full', 20, 32)).toEqual([
      ...COMMON(10084),
      ['errors', 'dense2', 6],
      ['errors', 'dense1', 50],
      ['errors', 'gap', 64],
      ['errors', 'pool2', 64 * 3],
      ['errors', 'conv2', 64 * 7],
      ['errors', 'pool1', 32 * 9],
      ['errors', 'conv1', 32 * 18],
    ]);
  });

  it('drops the odd sample in each pool', () => {
    const sizes = new Map(elements('tl', 23, 1).map(([, name, count]) => [name, count]));
    expect([sizes.get('conv1'), sizes.get('pool1'), sizes.get('conv2'), sizes.get('pool2')]).toEqual([
      32 * 21,
      32 * 10,
      64 * 8,
      64 * 4,
    ]);
  });
});
