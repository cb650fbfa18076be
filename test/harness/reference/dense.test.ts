import { describe, expect, it } from 'vitest';
import { dense } from '../../../harness/reference/dense.js';
import { dot, hiddenLayer, randomTensor, relativeError, runLayer } from './example.js';
import { tf } from './witness.js';

const fl = Math.fround;
const layer = hiddenLayer(dense, { units: 4 }, 7, 1);
const x = randomTensor(1, 7);
const p = randomTensor(2, 32);
const dy = randomTensor(3, 4);

describe('dense', () => {
  it('sums the inputs from the bias, each operation rounded', () => {
    const { y } = runLayer(layer, x, p, dy);
    for (let j = 0; j < 4; j++) {
      let sum = p[28 + j] as number;
      for (let i = 0; i < 7; i++) sum = fl(sum + fl((x[i] as number) * (p[j * 7 + i] as number)));
      expect(y[j]).toBe(sum);
    }
  });

  it('sums an input gradient over the units from +0, each operation rounded', () => {
    const { dx } = runLayer(layer, x, p, dy);
    for (let i = 0; i < 7; i++) {
      let sum = 0;
      for (let j = 0; j < 4; j++) sum = fl(sum + fl((p[j * 7 + i] as number) * (dy[j] as number)));
      expect(dx[i]).toBe(sum);
    }
  });

  it('adds to the gradients that are there', () => {
    const dp = randomTensor(4, 32);
    const before = dp.slice();
    layer.backwardWeights(x, dy, dp);
    for (let j = 0; j < 4; j++) {
      expect(dp[28 + j]).toBe(fl((before[28 + j] as number) + (dy[j] as number)));
      for (let i = 0; i < 7; i++) {
        const at = j * 7 + i;
        expect(dp[at]).toBe(fl((before[at] as number) + fl((dy[j] as number) * (x[i] as number))));
      }
    }
  });

  it('agrees with TensorFlow.js, forward and all gradients', () => {
    const { y, dp, dx } = runLayer(layer, x, p, dy);
    const f = (input: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.add(tf.matMul(input, w, false, true), b);
    const args = [
      tf.tensor2d(x, [1, 7]),
      tf.tensor2d(p.subarray(0, 28), [4, 7]),
      tf.tensor1d(p.subarray(28)),
    ] as const;
    expect(relativeError(y, f(...args).dataSync())).toBeLessThan(1e-6);
    const [gx, gw, gb] = tf.grads(f as never)([...args], tf.tensor2d(dy, [1, 4])) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    expect(relativeError(dx, gx.dataSync())).toBeLessThan(1e-6);
    expect(relativeError(dp.subarray(0, 28), gw.dataSync())).toBeLessThan(1e-6);
    expect(relativeError(dp.subarray(28), gb.dataSync())).toBeLessThan(1e-6);
  });

  it('is adjoint to its input gradient', () => {
    const linear = p.slice().fill(0, 28);
    const { y, dx } = runLayer(layer, x, linear, dy);
    expect(Math.abs(dot(y, dy) - dot(x, dx))).toBeLessThan(1e-6);
  });

  it('counts every product that it makes', () => {
    expect(layer.cost.forward).toMatchObject({ 'dense.forward.mac': 28, 'dense.forward.output': 4 });
    expect(layer.cost.backwardWeights).toMatchObject({ 'dense.weights.mac': 28, 'dense.weights.output': 4 });
    expect(layer.cost.backwardInput).toMatchObject({ 'dense.input.mac': 28, 'dense.input.output': 7 });
  });

  it('refuses an input that is no vector', () => {
    expect(() => hiddenLayer(dense, { units: 4 }, 7, 2)).toThrow(/flatten it first/);
  });
});
