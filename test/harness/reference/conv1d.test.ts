import { describe, expect, it } from 'vitest';
import { conv1d } from '../../../harness/reference/conv1d.js';
import { dot, hiddenLayer, randomTensor, relativeError, runLayer } from './example.js';
import { fromWitness, tf, toWitness } from './witness.js';

const fl = Math.fround;

/** A layer of 4 filters of 3 over 5 channels of 9 samples, with numbers. */
function example(kernel = 3, length = 9) {
  const layer = hiddenLayer(conv1d, { filters: 4, kernel }, 5, length);
  const x = randomTensor(1, 5 * length);
  const p = randomTensor(2, 4 * 5 * kernel + 4);
  const dy = randomTensor(3, 4 * layer.output.length);
  return { layer, x, p, dy, ...runLayer(layer, x, p, dy) };
}

describe('conv1d', () => {
  it('sums c, then k, from the bias, each operation rounded, one output after another', () => {
    const { x, p, y } = example();
    for (let j = 0; j < 4; j++) {
      for (let m = 0; m < 7; m++) {
        let sum = p[60 + j] as number;
        for (let c = 0; c < 5; c++) {
          for (let k = 0; k < 3; k++) {
            sum = fl(sum + fl((x[c * 9 + m + k] as number) * (p[(j * 5 + c) * 3 + k] as number)));
          }
        }
        expect(y[j * 7 + m]).toBe(sum);
      }
    }
  });

  it('sums a weight gradient over m, from what was there, each operation rounded', () => {
    const { layer, x, dy } = example();
    const dp = randomTensor(8, 64);
    const before = dp.slice();
    layer.backwardWeights(x, dy, dp);
    for (let at = 0; at < 60; at++) {
      const [j, c, k] = [Math.floor(at / 15), Math.floor(at / 3) % 5, at % 3];
      let sum = before[at] as number;
      for (let m = 0; m < 7; m++)
        sum = fl(sum + fl((dy[j * 7 + m] as number) * (x[c * 9 + m + k] as number)));
      expect(dp[at]).toBe(sum);
    }
    for (let j = 0; j < 4; j++) {
      let sum = before[60 + j] as number;
      for (let m = 0; m < 7; m++) sum = fl(sum + (dy[j * 7 + m] as number));
      expect(dp[60 + j]).toBe(sum);
    }
  });

  it('sums an input gradient over j, then k, from +0, only where an output stands', () => {
    const { p, dy, dx } = example();
    for (let at = 0; at < 45; at++) {
      const [c, n] = [Math.floor(at / 9), at % 9];
      let sum = 0;
      for (let j = 0; j < 4; j++) {
        for (let k = 0; k < 3; k++) {
          if (n - k < 0 || n - k >= 7) continue;
          sum = fl(sum + fl((dy[j * 7 + n - k] as number) * (p[(j * 5 + c) * 3 + k] as number)));
        }
      }
      expect(dx[at]).toBe(sum);
    }
  });

  it('agrees with TensorFlow.js, forward and both gradients', () => {
    const { x, p, dy, y, dp, dx } = example();
    const f = (input: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
      tf.add(tf.conv1d(input as tf.Tensor3D, tf.transpose(w, [2, 1, 0]) as tf.Tensor3D, 1, 'valid'), b);
    const args = [
      toWitness(x, 5, 9),
      tf.tensor3d(p.subarray(0, 60), [4, 5, 3]),
      tf.tensor1d(p.subarray(60)),
    ] as const;
    expect(relativeError(y, fromWitness(f(...args)))).toBeLessThan(1e-6);
    const [gx, gw, gb] = tf.grads(f as never)([...args], toWitness(dy, 4, 7)) as tf.Tensor[];
    expect(relativeError(dx, fromWitness(gx as tf.Tensor))).toBeLessThan(1e-6);
    expect(relativeError(dp.subarray(0, 60), (gw as tf.Tensor).dataSync())).toBeLessThan(1e-6);
    expect(relativeError(dp.subarray(60), (gb as tf.Tensor).dataSync())).toBeLessThan(1e-6);
  });

  it.each([
    [1, 9],
    [2, 9],
    [5, 5],
    [5, 12],
  ])('is adjoint to its input gradient, kernel %i of %i samples', (kernel, length) => {
    const { layer, x, p, dy, dx } = example(kernel, length);
    const linear = p.slice().fill(0, 20 * kernel);
    const y = new Float32Array(dy.length);
    layer.forward(x, linear, y);
    expect(Math.abs(dot(y, dy) - dot(x, dx))).toBeLessThan(1e-5);
  });

  it('counts every product that it makes', () => {
    const { layer } = example();
    expect(layer.cost.forward['conv1d.forward.mac']).toBe(4 * 7 * 5 * 3);
    expect(layer.cost.backwardWeights['conv1d.weights.mac']).toBe(4 * 5 * 3 * 7);
    let taps = 0;
    for (let n = 0; n < 9; n++) for (let k = 0; k < 3; k++) if (n - k >= 0 && n - k < 7) taps += 1;
    expect(layer.cost.backwardInput['conv1d.input.mac']).toBe(taps * 4 * 5);
    expect(layer.cost.backwardInput['conv1d.input.row']).toBe(5 * 9 * 4);
  });

  it('refuses fewer samples than its kernel, and a description without one', () => {
    expect(() => hiddenLayer(conv1d, { filters: 1, kernel: 3 }, 1, 2)).toThrow(/2 samples are fewer/);
    expect(() => hiddenLayer(conv1d, { filters: 1 }, 1, 9)).toThrow(/option kernel is undefined/);
    expect(() => hiddenLayer(conv1d, { filters: 0, kernel: 3 }, 1, 9)).toThrow(/option filters is 0/);
  });
});
