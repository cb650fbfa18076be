import { describe, expect, it } from 'vitest';
import { avgpool1d } from '../../../harness/reference/avgpool1d.js';
import { dot, hiddenLayer, randomTensor, relativeError, runLayer } from './example.js';
import { averageOfTwo, fromWitness, tf, toWitness } from './witness.js';

const NONE = new Float32Array(0);

describe('avgpool1d', () => {
  it('averages whole groups by a rounded reciprocal and drops the rest', () => {
    const layer = hiddenLayer(avgpool1d, { size: 3 }, 1, 8);
    const { y, dx } = runLayer(
      layer,
      Float32Array.of(1, 2, 4, 0.1, 0.2, 0.3, 9, 9),
      NONE,
      Float32Array.of(1, 5),
    );
    const third = Math.fround(1 / 3);
    const sum = Math.fround(Math.fround(Math.fround(0.1) + Math.fround(0.2)) + Math.fround(0.3));
    expect([...y]).toEqual([Math.fround(7 * third), Math.fround(sum * third)]);
    const share = Math.fround(5 * third);
    expect([...dx]).toEqual([third, third, third, share, share, share, 0, 0]);
  });

  it.each([8, 9])('agrees with TensorFlow.js over %i samples', (length) => {
    const layer = hiddenLayer(avgpool1d, { size: 2 }, 3, length);
    const x = randomTensor(1, 3 * length);
    const dy = randomTensor(2, 12);
    const { y, dx } = runLayer(layer, x, NONE, dy);
    expect(relativeError(y, fromWitness(averageOfTwo(toWitness(x, 3, length))))).toBeLessThan(1e-6);
    const grad = tf.grad((t) => averageOfTwo(t as tf.Tensor3D))(toWitness(x, 3, length), toWitness(dy, 3, 4));
    expect(relativeError(dx, fromWitness(grad))).toBeLessThan(1e-6);
    expect(Math.abs(dot(y, dy) - dot(x, dx))).toBeLessThan(1e-6);
  });

  it('writes every input gradient, dropped samples too', () => {
    const layer = hiddenLayer(avgpool1d, { size: 2 }, 2, 5);
    const dx = new Float32Array(10).fill(7);
    layer.backwardInput(NONE, NONE, new Float32Array(4).fill(2), dx);
    expect([...dx]).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1, 0]);
  });

  it('refuses fewer samples than a group', () => {
    expect(() => hiddenLayer(avgpool1d, { size: 3 }, 1, 2)).toThrow(/fewer than its group of 3/);
  });
});
