/**
 * Softmax with categorical cross-entropy, the last layer. The greatest input is subtracted first, so
 * that exp never overflows; the loss is log(sum of exp) - (x_t - max), which never takes log of 0.
 * The gradient of both together is p - 1 at the true class and p elsewhere.
 */
import { exp, log } from './elementary.js';
import {
  type LayerDescription,
  type LayerKind,
  type LossLayer,
  type OperationType,
  type Shape,
  sizeOf,
} from './layer.js';

const fl = Math.fround;

const operations: Record<string, OperationType> = {
  'softmax.forward.class': {
    what: 'one class: compared, exponentiated, summed, divided',
    arithmetic: { compare: 1, add: 2, exp: 1, divide: 1 },
  },
  'softmax.forward.call': { what: 'one call', arithmetic: {} },
  'softmax.loss.window': { what: 'the loss of one window', arithmetic: { add: 3, log: 1 } },
  'softmax.backward.class': { what: 'one probability copied as a gradient', arithmetic: {} },
  'softmax.backward.call': { what: 'one call: 1 taken from the true class', arithmetic: { add: 1 } },
};

function greatest(x: Float32Array): number {
  let max = x[0] as number;
  for (let i = 1; i < x.length; i++) {
    if ((x[i] as number) > max) max = x[i] as number;
  }
  return max;
}

function forward(x: Float32Array, y: Float32Array): void {
  const max = greatest(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const e = exp(fl((x[i] as number) - max));
    y[i] = e;
    sum = i === 0 ? e : fl(sum + e);
  }
  for (let i = 0; i < x.length; i++) {
    y[i] = fl((y[i] as number) / sum);
  }
}

function loss(x: Float32Array, label: number): number {
  const max = greatest(x);
  let sum = exp(fl((x[0] as number) - max));
  for (let i = 1; i < x.length; i++) {
    sum = fl(sum + exp(fl((x[i] as number) - max)));
  }
  return fl(log(sum) - fl((x[label] as number) - max));
}

function create(description: LayerDescription, input: Shape): LossLayer {
  const classes = sizeOf(input);
  return {
    kind: softmax.kind,
    name: description.name,
    isLoss: true,
    input,
    output: input,
    parameters: [],
    storage: 'probabilities',
    cost: {
      forward: { 'softmax.forward.class': classes, 'softmax.forward.call': 1, 'softmax.loss.window': 1 },
      backwardWeights: {},
      backwardInput: { 'softmax.backward.class': classes, 'softmax.backward.call': 1 },
    },
    forward: (x, _p, y) => forward(x, y),
    loss,
    backwardLoss(y, label, dx) {
      dx.set(y);
      dx[label] = fl((y[label] as number) - 1);
    },
  };
}

export const softmax: LayerKind = { kind: 'softmax', options: [], operations, create };
