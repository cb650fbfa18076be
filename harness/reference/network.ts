/**
 * A network for one window length: its layers with their shapes, the flat parameter vector, and the
 * forward and backward pass of one window. What is trained, and how far the error goes down, is the
 * TrainingPlan of a mode. Parameters and gradients belong to the caller; see trainer.ts.
 */
import {
  type HiddenLayer,
  type Layer,
  type LayerDescription,
  type LossLayer,
  memoryOf,
  parameterTensorSize,
  sizeOf,
} from './layer.js';
import { createLayer } from './layers.js';

/** `tl` trains the layers that the description lists; `full` trains all. */
export type Mode = 'tl' | 'full';

/** A network as data; profiles/network holds one. */
export interface NetworkDescription {
  readonly name: string;
  /** Class names in the order of their labels. */
  readonly classes: readonly string[];
  /** Channels of a window and the lengths allowed, in samples. */
  readonly input: {
    readonly channels: number;
    readonly minLength: number;
    readonly maxLength: number;
  };
  readonly layers: readonly LayerDescription[];
  /** Names of the layers which transfer learning trains. */
  readonly transferLearning: readonly string[];
}

/** A layer and where its parameters begin in the flat vector. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly parameterOffset: number;
  readonly parameterCount: number;
}

/** What one layer does in a training step of a mode. */
export interface PlanStep extends PlacedLayer {
  readonly trained: boolean;
  /** Where its gradients begin in the gradient vector, -1 when frozen. */
  readonly gradientOffset: number;
  /** An error arrives at its output. */
  readonly runsBackward: boolean;
  /** It computes the gradient of its input. */
  readonly propagates: boolean;
}

/** The steps of a mode, in the order of the layers. */
export interface TrainingPlan {
  readonly mode: Mode;
  readonly steps: readonly PlanStep[];
  /** Elements of the gradient vector: the trained parameters, in the order of the parameter vector. */
  readonly gradientCount: number;
}

/** One parameter tensor, to name a value by: `conv1.w`. */
export interface NamedTensor {
  readonly name: string;
  readonly parameterOffset: number;
  /** -1 when frozen in the mode asked for. */
  readonly gradientOffset: number;
  readonly count: number;
}

interface Slot {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export class Network {
  readonly layers: readonly PlacedLayer[];
  /** Elements of one window: channels x length. */
  readonly inputCount: number;
  readonly classCount: number;
  /** Elements of the flat parameter vector. */
  readonly parameterCount: number;
  readonly #loss: LossLayer;

  /** Throws RangeError for a length out of range and for layers that do not fit together. */
  constructor(
    readonly description: NetworkDescription,
    readonly windowLength: number,
  ) {
    const { channels, minLength, maxLength } = description.input;
    if (!Number.isInteger(windowLength) || windowLength < minLength || windowLength > maxLength) {
      throw new RangeError(
        `window length ${windowLength} is not an integer from ${minLength} to ${maxLength}`,
      );
    }
    this.inputCount = channels * windowLength;
    this.classCount = description.classes.length;
    this.layers = placeLayers(description, windowLength);
    this.parameterCount = this.layers.reduce((sum, placed) => sum + placed.parameterCount, 0);
    this.#loss = lossOf(this.layers, this.classCount);
  }

  /** What training in this mode does, layer by layer. */
  plan(mode: Mode): TrainingPlan {
    const wanted = this.description.transferLearning;
    const trains = (placed: PlacedLayer) =>
      placed.parameterCount > 0 && (mode === 'full' || wanted.includes(placed.layer.name));
    const lowest = this.layers.findIndex(trains);
    let gradientCount = 0;
    const steps = this.layers.map((placed, index) => {
      const trained = trains(placed);
      const gradientOffset = trained ? gradientCount : -1;
      if (trained) gradientCount += placed.parameterCount;
      const runsBackward = lowest >= 0 && index >= lowest;
      return { ...placed, trained, gradientOffset, runsBackward, propagates: runsBackward && index > lowest };
    });
    return { mode, steps, gradientCount };
  }

  /** Every parameter tensor in the order of the flat vector. */
  tensors(mode: Mode): NamedTensor[] {
    return this.plan(mode).steps.flatMap((step) => {
      let within = 0;
      return step.layer.parameters.map((tensor) => {
        const named = {
          name: `${step.layer.name}.${tensor.name}`,
          parameterOffset: step.parameterOffset + within,
          gradientOffset: step.trained ? step.gradientOffset + within : -1,
          count: parameterTensorSize(tensor),
        };
        within += named.count;
        return named;
      });
    });
  }

  /** The pass over one window, with buffers of its own: one for every stored output and its error. */
  createPass(mode: Mode, parameters: Float32Array, gradients: Float32Array): Pass {
    return new Pass(this, this.#loss, this.plan(mode), parameters, gradients);
  }
}

function placeLayers(description: NetworkDescription, windowLength: number): PlacedLayer[] {
  let shape = { channels: description.input.channels, length: windowLength };
  let parameterOffset = 0;
  return description.layers.map((entry) => {
    const layer = createLayer(entry, shape);
    const placed = { layer, parameterOffset, parameterCount: memoryOf(layer).parameters };
    shape = layer.output;
    parameterOffset += placed.parameterCount;
    return placed;
  });
}

function lossOf(layers: readonly PlacedLayer[], classCount: number): LossLayer {
  const last = layers.at(-1)?.layer;
  const early = layers.slice(0, -1).find(({ layer }) => layer.isLoss);
  if (last === undefined || !last.isLoss || early !== undefined) {
    throw new RangeError('a network ends in one loss layer and has no other');
  }
  if (sizeOf(last.output) !== classCount) {
    throw new RangeError(`the network gives ${sizeOf(last.output)} outputs for ${classCount} classes`);
  }
  return last;
}

/** Forward and backward of one window after another, in one set of buffers. Made by Network.createPass. */
export class Pass {
  readonly #steps: readonly BoundStep[];
  readonly #logits: Float32Array;
  readonly #probabilities: Float32Array;
  readonly #logitErrors: Float32Array;

  constructor(
    network: Network,
    readonly lossLayer: LossLayer,
    plan: TrainingPlan,
    parameters: Float32Array,
    gradients: Float32Array,
  ) {
    this.#steps = bindSteps(plan, new Float32Array(network.inputCount), parameters, gradients);
    const last = this.#steps.at(-1);
    this.#logits = last?.value.y ?? new Float32Array(network.inputCount);
    this.#logitErrors = last?.error.y ?? new Float32Array(network.inputCount);
    this.#probabilities = new Float32Array(network.classCount);
  }

  /** Runs one window forward; the probabilities are a view that the next call overwrites. */
  forward(window: Float32Array): Float32Array {
    this.#steps[0]?.value.x.set(window);
    for (const { layer, value, p } of this.#steps) {
      layer.forward(value.x, p, value.y);
    }
    this.lossLayer.forward(this.#logits, NOTHING, this.#probabilities);
    return this.#probabilities;
  }

  /** The loss of the last window forwarded. */
  loss(label: number): number {
    return this.lossLayer.loss(this.#logits, label);
  }

  /** Adds the gradients of the last window forwarded to the trained layers' gradients. */
  backward(label: number): void {
    this.lossLayer.backwardLoss(this.#probabilities, label, this.#logitErrors);
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const { layer, step, value, error, p, dp } = this.#steps[i] as BoundStep;
      if (!step.runsBackward) break;
      if (step.trained) layer.backwardWeights(value.x, error.y, dp);
      if (step.propagates) layer.backwardInput(p, value.y, error.y, error.x);
    }
  }
}

interface BoundStep {
  readonly step: PlanStep;
  readonly layer: HiddenLayer;
  /** The layer's input and output. */
  readonly value: Slot;
  /** Their gradients. */
  readonly error: Slot;
  readonly p: Float32Array;
  readonly dp: Float32Array;
}

const NOTHING = new Float32Array(0);

/** Gives every hidden layer its buffers: a new one where its output is stored, else those of its input. */
function bindSteps(
  plan: TrainingPlan,
  window: Float32Array,
  parameters: Float32Array,
  gradients: Float32Array,
): BoundStep[] {
  let x = window;
  let dx = new Float32Array(window.length);
  const bound: BoundStep[] = [];
  for (const step of plan.steps) {
    const layer = step.layer;
    if (layer.isLoss) continue;
    const stored = memoryOf(layer).activations;
    const y = layer.storage === 'own' ? new Float32Array(stored) : x;
    const dy = layer.storage === 'own' ? new Float32Array(stored) : dx;
    const p = parameters.subarray(step.parameterOffset, step.parameterOffset + step.parameterCount);
    const dp = step.trained
      ? gradients.subarray(step.gradientOffset, step.gradientOffset + step.parameterCount)
      : NOTHING;
    bound.push({ step, layer, value: { x, y }, error: { x: dx, y: dy }, p, dp });
    x = y;
    dx = dy;
  }
  return bound;
}
