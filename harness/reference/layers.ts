/** The list of layer kinds. A new layer is its own file and one line here; nothing else names a kind. */
import { avgpool1d } from './avgpool1d.js';
import { conv1d } from './conv1d.js';
import { dense } from './dense.js';
import { flatten } from './flatten.js';
import { globalavgpool1d } from './globalavgpool1d.js';
import type { Layer, LayerDescription, LayerKind, Shape } from './layer.js';
import { relu } from './relu.js';
import { softmax } from './softmax.js';

export const LAYER_KINDS: readonly LayerKind[] = [
  conv1d,
  relu,
  avgpool1d,
  globalavgpool1d,
  flatten,
  dense,
  softmax,
];

/** Makes a layer for an input of this shape. RangeError for an unknown kind or a wrong option. */
export function createLayer(description: LayerDescription, input: Shape): Layer {
  const found = LAYER_KINDS.find((candidate) => candidate.kind === description.kind);
  if (found === undefined) {
    const known = LAYER_KINDS.map((candidate) => candidate.kind).join(', ');
    throw new RangeError(`layer ${description.name}: kind ${description.kind} is none of ${known}`);
  }
  for (const name of Object.keys(description.options)) {
    if (!found.options.includes(name)) {
      throw new RangeError(`layer ${description.name}: a ${found.kind} has no option ${name}`);
    }
  }
  return found.create(description, input);
}
