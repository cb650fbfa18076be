import { describe, expect, it } from 'vitest';
import type { LossLayer } from '../../../harness/reference/layer.js';
import { softmax } from '../../../harness/reference/softmax.js';
import { randomTensor, relativeError } from './example.js';
import { tf } from './witness.js';

const layer = softmax.create(
  { kind: 'softmax', name: 'softmax', options: {} },
  { channels: 6, length: 1 },
) as LossLayer;

function run(x: Float32Array, label: number) {
  const y = new Float32Array(6);
  const dx = new Float32Array(6);
  layer.forward(x, new Float32Array(0), y);
  layer.backwardLoss(y, label, dx);
  return { y, dx, loss: layer.loss(x, label) };
}

const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);

describe('softmax', () => {
  it('agrees with TensorFlow.js: probabilities, loss and gradient', () => {
    for (let seed = 0; seed < 50; seed++) {
      const x = randomTensor(seed, 6).map((value) => value * 8);
      const { y, dx, loss } = run(x, seed % 6);
      const f = (t: tf.Tensor) => tf.neg(tf.sum(tf.slice(tf.logSoftmax(t), [seed % 6], [1])));
      const { value, grad } = tf.valueAndGrad(f)(tf.tensor1d(x));
      expect(relativeError(y, tf.softmax(tf.tensor1d(x)).dataSync())).toBeLessThan(1e-6);
      expect(relativeError(dx, grad.dataSync())).toBeLessThan(1e-6);
      expect(Math.abs(loss - (value.dataSync()[0] as number))).toBeLessThan(3e-6);
    }
  });

  it('has probabilities that sum to 1 and gradients that sum to 0, within some ulp of 1', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { y, dx } = run(
        randomTensor(seed, 6).map((value) => value * 20),
        seed % 6,
      );
      expect(Math.abs(sum(y) - 1)).toBeLessThanOrEqual(4 * 2 ** -24);
      expect(Math.abs(sum(dx))).toBeLessThanOrEqual(4 * 2 ** -24);
    }
  });

  it('bears inputs that exp alone would not', () => {
    const { y, dx, loss } = run(Float32Array.of(1000, 0, -1000, 5, 6, 7), 1);
    expect([...y]).toEqual([1, 0, 0, 0, 0, 0]);
    expect([...dx]).toEqual([1, -1, 0, 0, 0, 0]);
    expect(loss).toBe(1000);
  });
});
