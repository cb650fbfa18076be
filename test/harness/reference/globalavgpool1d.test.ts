import { describe, expect, it } from 'vitest';
import { globalavgpool1d } from '../../../harness/reference/globalavgpool1d.js';
import { dot, hiddenLayer, randomTensor, relativeError, runLayer } from './example.js';
import { tf, toWitness } from './witness.js';

describe('globalavgpool1d', () => {
  const layer = hiddenLayer(globalavgpool1d, {}, 4, 7);
  const x = randomTensor(1, 28);
  const dy = randomTensor(2, 4);
  const { y, dx } = runLayer(layer, x, new Float32Array(0), dy);

  it('sums in order and scales by a rounded reciprocal', () => {
    const fl = Math.fround;
    let sum = x[7] as number;
    for (let i = 8; i < 14; i++) sum = fl(sum + (x[i] as number));
    expect(y[1]).toBe(fl(sum * fl(1 / 7)));
    expect([...dx.subarray(7, 14)]).toEqual(new Array(7).fill(fl((dy[1] as number) * fl(1 / 7))));
  });

  it('agrees with TensorFlow.js and is adjoint to its gradient', () => {
    expect(relativeError(y, tf.mean(toWitness(x, 4, 7), 1).dataSync())).toBeLessThan(1e-6);
    expect(Math.abs(dot(y, dy) - dot(x, dx))).toBeLessThan(1e-6);
  });
});
