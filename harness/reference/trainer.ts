/**
 * Training and evaluation as the firmware does it, batch by batch. The trainer owns parameters and
 * gradients in the firmware's own layout, so that a parity check compares the arrays as they are.
 */
import type { Mode, Network, Pass, TrainingPlan } from './network.js';
import { sgdUpdate } from './sgd.js';

const fl = Math.fround;

/** What evaluating windows gives. */
export interface Evaluation {
  /** Mean loss, summed in the order of the windows. NaN for no windows. */
  readonly loss: number;
  /** Class probabilities, window after window. */
  readonly probabilities: Float32Array;
  /** The most probable class of every window; the first of equals. */
  readonly predictions: number[];
}

export class Trainer {
  /** The flat parameter vector, frozen layers included. May be written between batches. */
  readonly parameters: Float32Array;
  /** Gradients of the trained parameters, summed over the last batch; cleared when the next one starts. */
  readonly gradients: Float32Array;
  /** Class probabilities of the last batch, before its update: window after window. */
  probabilities = new Float32Array(0);
  readonly plan: TrainingPlan;
  readonly #pass: Pass;

  /**
   * @param learningRate rounded to float32
   * @param parameters copied; zeros when left out. RangeError when their count is not the network's.
   */
  constructor(
    readonly network: Network,
    readonly mode: Mode,
    readonly learningRate: number,
    parameters?: Float32Array,
  ) {
    if (parameters !== undefined && parameters.length !== network.parameterCount) {
      throw new RangeError(
        `${parameters.length} parameters given, the network has ${network.parameterCount}`,
      );
    }
    this.plan = network.plan(mode);
    this.parameters = parameters?.slice() ?? new Float32Array(network.parameterCount);
    this.gradients = new Float32Array(this.plan.gradientCount);
    this.#pass = network.createPass(mode, this.parameters, this.gradients);
  }

  /** One step: forward and backward of every window, then the update. Returns the batch's mean loss. */
  trainBatch(windows: readonly Float32Array[], labels: readonly number[]): number {
    this.#check(windows, labels);
    this.gradients.fill(0);
    const { loss, probabilities } = this.#run(windows, labels, true);
    this.probabilities = probabilities;
    sgdUpdate(this.plan, this.parameters, this.gradients, this.learningRate, windows.length);
    return loss;
  }

  /** Forward only; changes neither parameters nor gradients. */
  evaluate(windows: readonly Float32Array[], labels: readonly number[]): Evaluation {
    this.#check(windows, labels);
    const { loss, probabilities } = this.#run(windows, labels, false);
    const classes = this.network.classCount;
    const predictions = windows.map((_, i) => argmax(probabilities.subarray(i * classes, (i + 1) * classes)));
    return { loss, probabilities, predictions };
  }

  #run(windows: readonly Float32Array[], labels: readonly number[], train: boolean) {
    const classes = this.network.classCount;
    const probabilities = new Float32Array(windows.length * classes);
    let sum = 0;
    windows.forEach((window, i) => {
      const label = labels[i] as number;
      probabilities.set(this.#pass.forward(window), i * classes);
      const loss = this.#pass.loss(label);
      sum = i === 0 ? loss : fl(sum + loss);
      if (train) this.#pass.backward(label);
    });
    return { loss: fl(sum / windows.length), probabilities };
  }

  #check(windows: readonly Float32Array[], labels: readonly number[]): void {
    const { inputCount, classCount } = this.network;
    if (windows.length !== labels.length) {
      throw new RangeError(`${windows.length} windows with ${labels.length} labels`);
    }
    if (windows.some((window) => window.length !== inputCount)) {
      throw new RangeError(`a window does not have ${inputCount} elements`);
    }
    if (labels.some((label) => !Number.isInteger(label) || label < 0 || label >= classCount)) {
      throw new RangeError(`a label is not an integer from 0 to ${classCount - 1}`);
    }
  }
}

/** The index of the greatest element, the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] as number) > (values[best] as number)) best = i;
  }
  return best;
}
