/**
 * AvgPool1D: y[c][m] = (x[c][p*m] + ... + x[c][p*m + p-1]) * (1/p), p samples to one, no overlap.
 * The reciprocal is rounded to single first, as the firmware keeps it. Samples beyond the last whole
 * group are dropped; their gradient is +0.
 */
import {
  type HiddenLayer,
  type LayerDescription,
  type LayerKind,
  type OperationType,
  option,
  type Shape,
} from './layer.js';

const fl = Math.fround;

const operations: Record<string, OperationType> = {
  'avgpool1d.forward.add': { what: 'one sample more added to its group', arithmetic: { add: 1 } },
  'avgpool1d.forward.output': { what: 'one group begun, scaled and stored', arithmetic: { multiply: 1 } },
  'avgpool1d.forward.call': { what: 'one call', arithmetic: {} },
  'avgpool1d.backward.sample': { what: 'one input gradient stored', arithmetic: {} },
  'avgpool1d.backward.output': { what: 'one output gradient scaled', arithmetic: { multiply: 1 } },
  'avgpool1d.backward.call': { what: 'one call', arithmetic: {} },
};

interface Sizes {
  readonly channels: number;
  readonly size: number;
  readonly inLength: number;
  readonly outLength: number;
}

function forward({ channels, size, inLength, outLength }: Sizes, x: Float32Array, y: Float32Array): void {
  const reciprocal = fl(1 / size);
  for (let c = 0; c < channels; c++) {
    for (let m = 0; m < outLength; m++) {
      const from = c * inLength + size * m;
      let sum = x[from] as number;
      for (let i = 1; i < size; i++) {
        sum = fl(sum + (x[from + i] as number));
      }
      y[c * outLength + m] = fl(sum * reciprocal);
    }
  }
}

function backwardInput(
  { channels, size, inLength, outLength }: Sizes,
  dy: Float32Array,
  dx: Float32Array,
): void {
  const reciprocal = fl(1 / size);
  for (let c = 0; c < channels; c++) {
    const row = c * inLength;
    for (let m = 0; m < outLength; m++) {
      const share = fl((dy[c * outLength + m] as number) * reciprocal);
      dx.fill(share, row + size * m, row + size * (m + 1));
    }
    dx.fill(0, row + size * outLength, row + inLength);
  }
}

function create(description: LayerDescription, input: Shape): HiddenLayer {
  const size = option(description, 'size');
  const outLength = Math.floor(input.length / size);
  if (outLength < 1) {
    throw new RangeError(
      `layer ${description.name}: ${input.length} samples are fewer than its group of ${size}`,
    );
  }
  const sizes: Sizes = { channels: input.channels, size, inLength: input.length, outLength };
  const outputs = input.channels * outLength;
  return {
    kind: avgpool1d.kind,
    name: description.name,
    isLoss: false,
    input,
    output: { channels: input.channels, length: outLength },
    parameters: [],
    storage: 'own',
    cost: {
      forward: {
        'avgpool1d.forward.add': outputs * (size - 1),
        'avgpool1d.forward.output': outputs,
        'avgpool1d.forward.call': 1,
      },
      backwardWeights: {},
      backwardInput: {
        'avgpool1d.backward.sample': input.channels * input.length,
        'avgpool1d.backward.output': outputs,
        'avgpool1d.backward.call': 1,
      },
    },
    forward: (x, _p, y) => forward(sizes, x, y),
    backwardWeights() {},
    backwardInput: (_p, _y, dy, dx) => backwardInput(sizes, dy, dx),
  };
}

export const avgpool1d: LayerKind = { kind: 'avgpool1d', options: ['size'], operations, create };
