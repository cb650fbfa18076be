import { describe, expect, it } from 'vitest';
import { relu } from '../../../harness/reference/relu.js';
import { hiddenLayer, randomTensor, runLayer } from './example.js';
import { tf } from './witness.js';

describe('relu', () => {
  it('keeps what is above 0 and clears the rest to +0, a NaN too', () => {
    const x = Float32Array.of(1, -1, 0, -0, Number.NaN, 1e-45);
    const { y } = runLayer(hiddenLayer(relu, {}, 6, 1), x, new Float32Array(0), x);
    expect([...y].map((value) => (Object.is(value, -0) ? '-0' : value))).toEqual([
      1,
      0,
      0,
      0,
      0,
      Math.fround(1e-45),
    ]);
  });

  it('works over its own input', () => {
    const x = randomTensor(1, 12);
    const layer = hiddenLayer(relu, {}, 3, 4);
    const { y, dx } = runLayer(layer, x, new Float32Array(0), randomTensor(2, 12));
    const inPlace = x.slice();
    layer.forward(inPlace, new Float32Array(0), inPlace);
    expect(inPlace).toEqual(y);
    const error = randomTensor(2, 12);
    layer.backwardInput(new Float32Array(0), y, error, error);
    expect(error).toEqual(dx);
  });

  it('agrees with TensorFlow.js', () => {
    const x = randomTensor(1, 12);
    const dy = randomTensor(2, 12);
    const { y, dx } = runLayer(hiddenLayer(relu, {}, 3, 4), x, new Float32Array(0), dy);
    expect(y).toEqual(tf.relu(tf.tensor1d(x)).dataSync());
    const grad = tf
      .grad((t) => tf.relu(t))(tf.tensor1d(x), tf.tensor1d(dy))
      .dataSync();
    // The witness multiplies by 0 and so gives -0 for a negative gradient; ours is always +0.
    expect(dx).toEqual(grad.map((value) => value + 0));
  });
});
