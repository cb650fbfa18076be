/** The whole network's gradients, judged by TensorFlow.js and by finite differences in float64. */
import { describe, expect, it } from 'vitest';
import { Network } from '../../../harness/reference/network.js';
import { Trainer } from '../../../harness/reference/trainer.js';
import { description, exampleBatch, exampleNetwork, relativeError } from './example.js';
import { float64Loss, nearestKink } from './float64-network.js';
import { fromWitness, networkLoss, tf, toWitness } from './witness.js';

/** Gradients of the batch's mean loss; learning rate 0 leaves the parameters as they are. */
function referenceGradients(windowLength: number, count: number) {
  const { network, parameters } = exampleNetwork(windowLength);
  const batch = exampleBatch(network, count);
  const trainer = new Trainer(network, 'full', 0, parameters);
  const loss = trainer.trainBatch(batch.windows, batch.labels);
  return { network, parameters, batch, loss, gradients: trainer.gradients.map((g) => g / count) };
}

describe('the network against TensorFlow.js', () => {
  it.each([10, 20, 21, 23, 100])('has its loss and gradients at %i samples', (length) => {
    const { network, parameters, batch, loss, gradients } = referenceGradients(length, 4);
    const windows = tf.concat(batch.windows.map((w) => toWitness(w, 3, length))) as tf.Tensor3D;
    const witness = tf.valueAndGrad((p: tf.Tensor) => networkLoss(p as tf.Tensor1D, windows, batch.labels));
    const { value, grad } = witness(tf.tensor1d(parameters));
    expect(Math.abs(loss - (value.dataSync()[0] as number))).toBeLessThan(2e-6);
    const expected = grad.dataSync();
    for (const tensor of network.tensors('full')) {
      const [from, to] = [tensor.parameterOffset, tensor.parameterOffset + tensor.count];
      const error = relativeError(gradients.subarray(from, to), expected.subarray(from, to));
      expect(error, tensor.name).toBeLessThan(1e-5);
    }
  });

  it('sees the window transposed both ways alike', () => {
    const window = exampleBatch(new Network(description, 12), 1).windows[0] as Float32Array;
    expect(fromWitness(toWitness(window, 3, 12))).toEqual(window);
  });
});

describe('the network against finite differences', () => {
  it('has the gradients of an independent float64 network', () => {
    const { network, parameters, batch, gradients } = referenceGradients(20, 2);
    const p = Float64Array.from(parameters);
    const lossOf = () =>
      batch.windows.reduce((sum, w, i) => sum + float64Loss(p, w, batch.labels[i] as number), 0) / 2;
    const kink = Math.min(...batch.windows.map((w) => nearestKink(p, w)));
    const eps = Math.min(1e-6, kink / 10);
    expect(eps).toBeGreaterThan(1e-9);
    for (let i = 0; i < network.parameterCount; i += 37) {
      const kept = p[i] as number;
      p[i] = kept + eps;
      const above = lossOf();
      p[i] = kept - eps;
      const slope = (above - lossOf()) / (2 * eps);
      p[i] = kept;
      const allowed = 1e-5 + 1e-3 * Math.abs(slope);
      expect(Math.abs((gradients[i] as number) - slope), `parameter ${i}`).toBeLessThan(allowed);
    }
  });
});

describe('the shape of the network', () => {
  it('is the paper’s', () => {
    const network = new Network(description, 20);
    expect(network.parameterCount).toBe(10084);
    const counts = Object.fromEntries(
      network.tensors('tl').map((t) => [t.name, [t.count, t.gradientOffset]]),
    );
    expect(counts).toEqual({
      'conv1.w': [288, -1],
      'conv1.b': [32, -1],
      'conv2.w': [6144, -1],
      'conv2.b': [64, -1],
      'dense1.w': [3200, 0],
      'dense1.b': [50, 3200],
      'dense2.w': [300, 3250],
      'dense2.b': [6, 3550],
    });
    expect(network.plan('tl').gradientCount).toBe(3556);
    expect(network.plan('full').gradientCount).toBe(10084);
  });

  it('propagates no error where nobody needs it', () => {
    const network = new Network(description, 20);
    const propagating = (mode: 'tl' | 'full') =>
      network.plan(mode).steps.flatMap(({ propagates, layer }) => (propagates ? [layer.name] : []));
    expect(propagating('tl')).toEqual(['relu3', 'dense2', 'softmax']);
    expect(propagating('full')).toEqual(network.layers.slice(1).map(({ layer }) => layer.name));
  });

  it.each([9, 129, 20.5, Number.NaN])('refuses %d samples', (length) => {
    expect(() => new Network(description, length)).toThrow(/is not an integer from 10 to 128/);
  });

  it('refuses layers that do not fit', () => {
    const layers = description.layers;
    const without = (name: string) => ({
      ...description,
      layers: layers.filter((layer) => layer.name !== name),
    });
    expect(() => new Network(without('softmax'), 20)).toThrow(/ends in one loss layer/);
    expect(() => new Network(without('gap'), 20)).not.toThrow();
    expect(() => new Network(without('dense2'), 20)).toThrow(/50 outputs for 6 classes/);
    const noFlatten = layers.filter(({ name }) => name !== 'gap' && name !== 'flatten');
    expect(() => new Network({ ...description, layers: noFlatten }, 20)).toThrow(/flatten it first/);
  });
});
