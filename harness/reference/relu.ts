/**
 * ReLU, over its own input: y = x > 0 ? x : +0. A NaN fails the comparison and becomes +0.
 * Backward reads the stored output: dx = y > 0 ? dy : +0.
 */
import {
  type HiddenLayer,
  type LayerDescription,
  type LayerKind,
  type OperationType,
  type Shape,
  sizeOf,
} from './layer.js';

const operations: Record<string, OperationType> = {
  'relu.forward.element': { what: 'one element kept or cleared', arithmetic: { compare: 1 } },
  'relu.forward.call': { what: 'one call', arithmetic: {} },
  'relu.backward.element': { what: 'one gradient kept or cleared', arithmetic: { compare: 1 } },
  'relu.backward.call': { what: 'one call', arithmetic: {} },
};

function create(description: LayerDescription, input: Shape): HiddenLayer {
  const count = sizeOf(input);
  return {
    kind: relu.kind,
    name: description.name,
    isLoss: false,
    input,
    output: input,
    parameters: [],
    storage: 'in-place',
    cost: {
      forward: { 'relu.forward.element': count, 'relu.forward.call': 1 },
      backwardWeights: {},
      backwardInput: { 'relu.backward.element': count, 'relu.backward.call': 1 },
    },
    forward(x, _p, y) {
      for (let i = 0; i < count; i++) {
        const value = x[i] as number;
        if (value > 0) y[i] = value;
        else y[i] = 0;
      }
    },
    backwardWeights() {},
    backwardInput(_p, y, dy, dx) {
      for (let i = 0; i < count; i++) {
        dx[i] = (y[i] as number) > 0 ? (dy[i] as number) : 0;
      }
    },
  };
}

export const relu: LayerKind = { kind: 'relu', options: [], operations, create };
