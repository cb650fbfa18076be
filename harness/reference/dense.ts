/**
 * Dense: y[j] = b[j] + sum over i of x[i] * w[j][i]. Parameters: w [units][inputs], then b [units].
 * The activation is a layer of its own.
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
  'dense.forward.mac': { what: 'x * w added to an output', arithmetic: { multiply: 1, add: 1 } },
  'dense.forward.output': { what: 'one output begun with its bias and stored', arithmetic: {} },
  'dense.forward.call': { what: 'one call', arithmetic: {} },
  'dense.weights.mac': {
    what: 'da * x added to a weight gradient in memory',
    arithmetic: { multiply: 1, add: 1 },
  },
  'dense.weights.output': { what: 'one output: da added to its bias gradient', arithmetic: { add: 1 } },
  'dense.weights.call': { what: 'one call', arithmetic: {} },
  'dense.input.mac': { what: 'w * da added to an input gradient', arithmetic: { multiply: 1, add: 1 } },
  'dense.input.output': { what: 'one input gradient begun and stored', arithmetic: {} },
  'dense.input.call': { what: 'one call', arithmetic: {} },
};

function forward(inputs: number, units: number, x: Float32Array, p: Float32Array, y: Float32Array): void {
  for (let j = 0; j < units; j++) {
    const row = j * inputs;
    let sum = p[units * inputs + j] as number;
    for (let i = 0; i < inputs; i++) {
      sum = fl(sum + fl((x[i] as number) * (p[row + i] as number)));
    }
    y[j] = sum;
  }
}

function backwardWeights(
  inputs: number,
  units: number,
  x: Float32Array,
  dy: Float32Array,
  dp: Float32Array,
): void {
  const biasAt = units * inputs;
  for (let j = 0; j < units; j++) {
    const d = dy[j] as number;
    const row = j * inputs;
    dp[biasAt + j] = fl((dp[biasAt + j] as number) + d);
    for (let i = 0; i < inputs; i++) {
      dp[row + i] = fl((dp[row + i] as number) + fl(d * (x[i] as number)));
    }
  }
}

/** dx[i] sums over j from +0; j is outermost so that all dx advance together, each in its own order. */
function backwardInput(
  inputs: number,
  units: number,
  p: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): void {
  dx.fill(0);
  for (let j = 0; j < units; j++) {
    const d = dy[j] as number;
    const row = j * inputs;
    for (let i = 0; i < inputs; i++) {
      dx[i] = fl((dx[i] as number) + fl((p[row + i] as number) * d));
    }
  }
}

function cost(inputs: number, units: number): HiddenLayer['cost'] {
  const macs = inputs * units;
  return {
    forward: { 'dense.forward.mac': macs, 'dense.forward.output': units, 'dense.forward.call': 1 },
    backwardWeights: { 'dense.weights.mac': macs, 'dense.weights.output': units, 'dense.weights.call': 1 },
    backwardInput: { 'dense.input.mac': macs, 'dense.input.output': inputs, 'dense.input.call': 1 },
  };
}

function create(description: LayerDescription, input: Shape): HiddenLayer {
  if (input.length !== 1) {
    throw new RangeError(
      `layer ${description.name}: its input has ${input.length} samples a channel; flatten it first`,
    );
  }
  const inputs = input.channels;
  const units = option(description, 'units');
  return {
    kind: dense.kind,
    name: description.name,
    isLoss: false,
    input,
    output: { channels: units, length: 1 },
    parameters: [
      { name: 'w', shape: [units, inputs], fanIn: inputs, fanOut: units },
      { name: 'b', shape: [units], fanIn: 0, fanOut: 0 },
    ],
    storage: 'own',
    cost: cost(inputs, units),
    forward: (x, p, y) => forward(inputs, units, x, p, y),
    backwardWeights: (x, dy, dp) => backwardWeights(inputs, units, x, dy, dp),
    backwardInput: (p, _y, dy, dx) => backwardInput(inputs, units, p, dy, dx),
  };
}

export const dense: LayerKind = { kind: 'dense', options: ['units'], operations, create };
