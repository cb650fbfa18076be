import { describe, expect, it } from 'vitest';
import { flatten } from '../../../harness/reference/flatten.js';
import { memoryOf } from '../../../harness/reference/layer.js';
import { hiddenLayer } from './example.js';

describe('flatten', () => {
  it('is a view: a vector as long as its input, no memory, no operation', () => {
    const layer = hiddenLayer(flatten, {}, 4, 3);
    expect(layer.output).toEqual({ channels: 12, length: 1 });
    expect(memoryOf(layer)).toEqual({ parameters: 0, activations: 0, errors: 0, probabilities: 0 });
    expect(layer.cost).toEqual({ forward: {}, backwardWeights: {}, backwardInput: {} });
  });
});
