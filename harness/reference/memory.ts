/**
 * The memory of training, buffer by buffer, in the order of the firmware's arena: every buffer float32
 * or a 32-bit label, none padded. Not the stack and not the program: those are measured.
 */
import { memoryOf } from './layer.js';
import type { Mode, Network } from './network.js';

export type BufferKind =
  | 'parameters'
  | 'gradients'
  | 'windows'
  | 'labels'
  | 'probabilities'
  | 'activations'
  | 'errors';

export interface PlannedBuffer {
  readonly kind: BufferKind;
  /** What it holds: a layer's name for activations and errors, else the kind. */
  readonly name: string;
  readonly bytes: number;
}

const WORD_BYTES = 4;

/**
 * The buffers of a trainer for batches of up to `batchCapacity` windows. Activations are kept for one
 * window, every stored output in a buffer of its own, errors only down to the lowest trained layer.
 */
export function arenaPlan(network: Network, mode: Mode, batchCapacity: number): PlannedBuffer[] {
  const plan = network.plan(mode);
  const words = (kind: BufferKind, name: string, count: number) => ({
    kind,
    name,
    bytes: count * WORD_BYTES,
  });
  const stored = plan.steps.filter(({ layer }) => memoryOf(layer).activations > 0);
  const activations = stored.map(({ layer }) =>
    words('activations', layer.name, memoryOf(layer).activations),
  );
  const errors = stored
    .filter(({ runsBackward }) => runsBackward)
    .toReversed()
    .map(({ layer }) => words('errors', layer.name, memoryOf(layer).errors));
  return [
    words('parameters', 'parameters', network.parameterCount),
    words('gradients', 'gradients', plan.gradientCount),
    words('windows', 'windows', batchCapacity * network.inputCount),
    words('labels', 'labels', batchCapacity),
    words('probabilities', 'probabilities', batchCapacity * network.classCount),
    ...activations,
    ...errors,
  ];
}
