/** Flatten: the same bytes seen as a vector, channel-major. It moves and computes nothing, either way. */
import { type HiddenLayer, type LayerDescription, type LayerKind, type Shape, sizeOf } from './layer.js';

function create(description: LayerDescription, input: Shape): HiddenLayer {
  return {
    kind: flatten.kind,
    name: description.name,
    isLoss: false,
    input,
    output: { channels: sizeOf(input), length: 1 },
    parameters: [],
    storage: 'view',
    cost: { forward: {}, backwardWeights: {}, backwardInput: {} },
    forward() {},
    backwardWeights() {},
    backwardInput() {},
  };
}

export const flatten: LayerKind = { kind: 'flatten', options: [], operations: {}, create };
