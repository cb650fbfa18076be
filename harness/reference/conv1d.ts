/**
 * Conv1D, stride 1, no padding: y[j][m] = b[j] + sum over c, k of x[c][m+k] * w[j][c][k].
 * Parameters: w [filters][channels][kernel], then b [filters].
 *
 * Every output is summed in the stated order, c then k, each product and each sum rounded to single.
 * The loops run along m, so that neighbouring outputs advance together: that changes no output's own
 * order, and it is what makes this fast in JavaScript (one chain of dependent adds is not).
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
  'conv1d.forward.mac': { what: 'x * w added to an output', arithmetic: { multiply: 1, add: 1 } },
  'conv1d.forward.output': { what: 'one output begun with its bias and stored', arithmetic: {} },
  'conv1d.forward.call': { what: 'one call', arithmetic: {} },
  'conv1d.weights.mac': { what: 'da * x added to a weight gradient', arithmetic: { multiply: 1, add: 1 } },
  'conv1d.weights.add': { what: 'da added to a bias gradient', arithmetic: { add: 1 } },
  'conv1d.weights.output': { what: 'one weight gradient loaded and stored', arithmetic: {} },
  'conv1d.weights.call': { what: 'one call', arithmetic: {} },
  'conv1d.input.mac': { what: 'da * w added to an input gradient', arithmetic: { multiply: 1, add: 1 } },
  'conv1d.input.row': { what: 'one filter begun for one input sample', arithmetic: {} },
  'conv1d.input.call': { what: 'one call', arithmetic: {} },
};

interface Sizes {
  readonly filters: number;
  readonly channels: number;
  readonly kernel: number;
  /** Samples of the input and of the output. */
  readonly inLength: number;
  readonly outLength: number;
}

function forward(s: Sizes, x: Float32Array, p: Float32Array, y: Float32Array): void {
  const { filters, channels, kernel, inLength, outLength } = s;
  const biasAt = filters * channels * kernel;
  let weightAt = 0;
  for (let j = 0; j < filters; j++) {
    const row = j * outLength;
    y.fill(p[biasAt + j] as number, row, row + outLength);
    for (let c = 0; c < channels; c++) {
      for (let k = 0; k < kernel; k++) {
        const w = p[weightAt++] as number;
        const from = c * inLength + k;
        for (let m = 0; m < outLength; m++) {
          y[row + m] = fl((y[row + m] as number) + fl((x[from + m] as number) * w));
        }
      }
    }
  }
}

/** Differentiates the forward line by w and b: m is the summed index, so it stays outermost. */
function backwardWeights(s: Sizes, x: Float32Array, dy: Float32Array, dp: Float32Array): void {
  const { filters, channels, kernel, inLength, outLength } = s;
  const weights = channels * kernel;
  const biasAt = filters * weights;
  for (let j = 0; j < filters; j++) {
    let db = dp[biasAt + j] as number;
    for (let m = 0; m < outLength; m++) {
      const d = dy[j * outLength + m] as number;
      db = fl(db + d);
      let at = j * weights;
      for (let c = 0; c < channels; c++) {
        const from = c * inLength + m;
        for (let k = 0; k < kernel; k++, at++) {
          dp[at] = fl((dp[at] as number) + fl(d * (x[from + k] as number)));
        }
      }
    }
    dp[biasAt + j] = db;
  }
}

/** dx[c][n]: j outermost, then k, then every n that k reaches; n - k outside the output adds nothing. */
function backwardInput(s: Sizes, p: Float32Array, dy: Float32Array, dx: Float32Array): void {
  const { filters, channels, kernel, inLength, outLength } = s;
  dx.fill(0);
  let weightAt = 0;
  for (let j = 0; j < filters; j++) {
    const row = j * outLength;
    for (let c = 0; c < channels; c++) {
      for (let k = 0; k < kernel; k++) {
        const w = p[weightAt++] as number;
        const to = c * inLength + k;
        for (let m = 0; m < outLength; m++) {
          dx[to + m] = fl((dx[to + m] as number) + fl((dy[row + m] as number) * w));
        }
      }
    }
  }
}

function cost({ filters, channels, kernel, inLength, outLength }: Sizes): HiddenLayer['cost'] {
  const macs = filters * channels * kernel * outLength;
  return {
    forward: {
      'conv1d.forward.mac': macs,
      'conv1d.forward.output': filters * outLength,
      'conv1d.forward.call': 1,
    },
    backwardWeights: {
      'conv1d.weights.mac': macs,
      'conv1d.weights.add': filters * outLength,
      'conv1d.weights.output': filters * channels * kernel,
      'conv1d.weights.call': 1,
    },
    backwardInput: {
      'conv1d.input.mac': macs,
      'conv1d.input.row': channels * inLength * filters,
      'conv1d.input.call': 1,
    },
  };
}

function create(description: LayerDescription, input: Shape): HiddenLayer {
  const filters = option(description, 'filters');
  const kernel = option(description, 'kernel');
  const outLength = input.length - kernel + 1;
  if (outLength < 1) {
    throw new RangeError(
      `layer ${description.name}: ${input.length} samples are fewer than its kernel of ${kernel}`,
    );
  }
  const sizes: Sizes = { filters, channels: input.channels, kernel, inLength: input.length, outLength };
  const shape = [filters, input.channels, kernel];
  return {
    kind: conv1d.kind,
    name: description.name,
    isLoss: false,
    input,
    output: { channels: filters, length: outLength },
    parameters: [
      { name: 'w', shape, fanIn: input.channels * kernel, fanOut: filters * kernel },
      { name: 'b', shape: [filters], fanIn: 0, fanOut: 0 },
    ],
    storage: 'own',
    cost: cost(sizes),
    forward: (x, p, y) => forward(sizes, x, p, y),
    backwardWeights: (x, dy, dp) => backwardWeights(sizes, x, dy, dp),
    backwardInput: (p, _y, dy, dx) => backwardInput(sizes, p, dy, dx),
  };
}

export const conv1d: LayerKind = { kind: 'conv1d', options: ['filters', 'kernel'], operations, create };
