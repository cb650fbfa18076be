/** Examples for the tests of the reference: the paper's network, numbers neither 0 nor regular. */
import { readNetwork } from '../../../harness/data/network-file.js';
import { Prng } from '../../../harness/data/prng.js';
import { initialParameters } from '../../../harness/models/pretrain.js';
import type { HiddenLayer, LayerKind } from '../../../harness/reference/layer.js';
import { Network } from '../../../harness/reference/network.js';

export const description = readNetwork();

/** Values uniform in [-1, 1), rounded to single. */
export function randomTensor(seed: number, count: number): Float32Array {
  const random = new Prng(99, seed);
  return Float32Array.from({ length: count }, () => random.uniform(-1, 1));
}

/** A network with Glorot's weights and biases that are not zero. */
export function exampleNetwork(windowLength: number): { network: Network; parameters: Float32Array } {
  const network = new Network(description, windowLength);
  const noise = randomTensor(7, network.parameterCount);
  const parameters = initialParameters(network, 3).map((value, i) => value + 0.05 * (noise[i] as number));
  return { network, parameters };
}

/** `count` windows with labels 0, 1, ... in turn. */
export function exampleBatch(network: Network, count: number, seed = 1) {
  const windows = Array.from({ length: count }, (_, i) => randomTensor(seed * 1000 + i, network.inputCount));
  return { windows, labels: windows.map((_, i) => i % network.classCount) };
}

/** A hidden layer of this kind over an input of this shape. */
export function hiddenLayer(
  kind: LayerKind,
  options: Record<string, number>,
  channels: number,
  length: number,
): HiddenLayer {
  const layer = kind.create({ kind: kind.kind, name: 'layer', options }, { channels, length });
  if (layer.isLoss) throw new Error(`${kind.kind} is a loss layer`);
  return layer;
}

/** Runs a layer forward and both ways back, in fresh buffers; gradients start at +0. */
export function runLayer(layer: HiddenLayer, x: Float32Array, p: Float32Array, dy: Float32Array) {
  const y = new Float32Array(layer.output.channels * layer.output.length);
  const dp = new Float32Array(p.length);
  const dx = new Float32Array(x.length);
  layer.forward(x, p, y);
  layer.backwardWeights(x, dy, dp);
  layer.backwardInput(p, y, dy, dx);
  return { y, dp, dx };
}

/** The greatest difference, as a share of the greatest expected value. */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < got.length; i++) {
    worst = Math.max(worst, Math.abs((got[i] as number) - (expected[i] as number)));
    scale = Math.max(scale, Math.abs(expected[i] as number));
  }
  return worst / scale;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
