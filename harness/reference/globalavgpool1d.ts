/**
 * GlobalAvgPool1D: y[c] = (x[c][0] + x[c][1] + ...) * (1/length), the reciprocal rounded to single.
 * Backward spreads dy[c] * (1/length) over all samples of the channel.
 */
import {
  type HiddenLayer,
  type LayerDescription,
  type LayerKind,
  type OperationType,
  type Shape,
  sizeOf,
} from './layer.js';

const fl = Math.fround;

const operations: Record<string, OperationType> = {
  'globalavgpool1d.forward.add': { what: 'one sample more added to its channel', arithmetic: { add: 1 } },
  'globalavgpool1d.forward.output': {
    what: 'one channel begun, scaled and stored',
    arithmetic: { multiply: 1 },
  },
  'globalavgpool1d.forward.call': { what: 'one call', arithmetic: {} },
  'globalavgpool1d.backward.sample': { what: 'one input gradient stored', arithmetic: {} },
  'globalavgpool1d.backward.output': { what: 'one output gradient scaled', arithmetic: { multiply: 1 } },
  'globalavgpool1d.backward.call': { what: 'one call', arithmetic: {} },
};

function forward({ channels, length }: Shape, x: Float32Array, y: Float32Array): void {
  const reciprocal = fl(1 / length);
  for (let c = 0; c < channels; c++) {
    let sum = x[c * length] as number;
    for (let i = 1; i < length; i++) {
      sum = fl(sum + (x[c * length + i] as number));
    }
    y[c] = fl(sum * reciprocal);
  }
}

function backwardInput({ channels, length }: Shape, dy: Float32Array, dx: Float32Array): void {
  const reciprocal = fl(1 / length);
  for (let c = 0; c < channels; c++) {
    dx.fill(fl((dy[c] as number) * reciprocal), c * length, (c + 1) * length);
  }
}

function create(description: LayerDescription, input: Shape): HiddenLayer {
  const { channels, length } = input;
  return {
    kind: globalavgpool1d.kind,
    name: description.name,
    isLoss: false,
    input,
    output: { channels, length: 1 },
    parameters: [],
    storage: 'own',
    cost: {
      forward: {
        'globalavgpool1d.forward.add': channels * (length - 1),
        'globalavgpool1d.forward.output': channels,
        'globalavgpool1d.forward.call': 1,
      },
      backwardWeights: {},
      backwardInput: {
        'globalavgpool1d.backward.sample': sizeOf(input),
        'globalavgpool1d.backward.output': channels,
        'globalavgpool1d.backward.call': 1,
      },
    },
    forward: (x, _p, y) => forward(input, x, y),
    backwardWeights() {},
    backwardInput: (_p, _y, dy, dx) => backwardInput(input, dy, dx),
  };
}

export const globalavgpool1d: LayerKind = { kind: 'globalavgpool1d', options: [], operations, create };
