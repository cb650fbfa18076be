/**
 * TensorFlow.js as the witness for gradients. It works channels-last, [time][channel], and stores kernels
 * as [k][channel][filter] and [input][unit]; the tensors are transposed on the way in and out.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// Only for what importing it does: it enters the gradient functions in tfjs-core's registry.
import '@tensorflow/tfjs-layers';

// The witness is told that this is a test, or it advertises its faster backend in every run.
tf.env().set('IS_TEST', true);
await tf.setBackend('cpu');

export { tf };

/** Our [channel][time] as a witness tensor of one sample, [1][time][channel]. */
export function toWitness(x: Float32Array, channels: number, length: number): tf.Tensor3D {
  return tf.expandDims(tf.transpose(tf.tensor2d(x, [channels, length])), 0) as tf.Tensor3D;
}

/** The other way round. */
export function fromWitness(x: tf.Tensor): Float32Array {
  return tf.transpose(tf.squeeze(x, [0])).dataSync() as Float32Array;
}

/** The paper's network from our flat parameter vector: the mean cross-entropy of the windows. */
export function networkLoss(p: tf.Tensor1D, windows: tf.Tensor3D, labels: readonly number[]): tf.Scalar {
  let at = 0;
  const take = (...shape: number[]): tf.Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    at += size;
    return tf.reshape(tf.slice(p, [at - size], [size]), shape);
  };
  const convolve = (x: tf.Tensor3D, filters: number, channels: number): tf.Tensor3D => {
    const kernel = tf.transpose(take(filters, channels, 3), [2, 1, 0]) as tf.Tensor3D;
    const y = tf.relu(tf.add(tf.conv1d(x, kernel, 1, 'valid'), take(filters))) as tf.Tensor3D;
    return averageOfTwo(y);
  };
  const pooled = convolve(convolve(windows, 32, 3), 64, 32);
  let x = tf.mean(pooled, 1) as tf.Tensor2D;
  x = tf.relu(tf.add(tf.matMul(x, take(50, 64) as tf.Tensor2D, false, true), take(50)));
  const logits = tf.add(tf.matMul(x, take(6, 50) as tf.Tensor2D, false, true), take(6));
  const chosen = tf.mul(tf.logSoftmax(logits), tf.oneHot(tf.tensor1d([...labels], 'int32'), 6));
  return tf.neg(tf.mean(tf.sum(chosen, 1))) as tf.Scalar;
}

/** Averages neighbours along time and drops an odd last sample. */
export function averageOfTwo(x: tf.Tensor3D): tf.Tensor3D {
  return tf.squeeze(tf.avgPool(tf.expandDims(x, 2) as tf.Tensor4D, [2, 1], [2, 1], 'valid'), [2]);
}
