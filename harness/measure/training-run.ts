/**
 * Trains on the firmware and on the reference side by side, from the same parameters on the same batches, and
 * compares every value that either side can show. What comes of it is facts; checks.ts judges them.
 */

import { confusionMatrix, macroF1 } from '../data/metrics.js';
import { Prng } from '../data/prng.js';
import { batchesOf, selectWindows, type WindowSet } from '../data/windows.js';
import type { Mode, Network } from '../reference/network.js';
import { argmax, Trainer } from '../reference/trainer.js';
import { type FirmwareSession, type MemoryReading, TRAIN_BATCH } from './firmware-session.js';
import { bitsOf, ParityTally, type Stretch } from './parity.js';

export interface TrainingJob {
  readonly network: Network;
  readonly mode: Mode;
  /** Where both sides begin. */
  readonly parameters: Float32Array;
  readonly train: WindowSet;
  readonly test: WindowSet;
  /** The windows whose loss is taken before and after; commonly `train`, or a part of it. */
  readonly lossSet: WindowSet;
  readonly epochs: number;
  readonly learningRate: number;
  /** Windows a batch; the last batch of an epoch is trained with what is left. */
  readonly batch: number;
  /** Of the order of windows, anew each epoch. */
  readonly seed: number;
}

export interface TrainingProgress {
  readonly stage: 'before' | 'training' | 'after';
  /** Commands of the link done, and to do in the whole run. */
  readonly done: number;
  readonly total: number;
  /** From 1; 0 outside training. */
  readonly epoch: number;
}

/** Of one train_batch. */
export interface BatchReading {
  readonly count: number;
  /** Null where the ELF has no function train_batch. */
  readonly cycles: number | null;
  readonly loss: number;
}

export interface Before<T> {
  readonly before: T;
  readonly after: T;
}

export interface TrainingRun {
  readonly mode: Mode;
  readonly parity: ParityTally;
  readonly batches: readonly BatchReading[];
  /** Mean over the loss set, of the firmware. */
  readonly loss: Before<number>;
  /** Macro F1 over the test set, of the firmware. */
  readonly f1: Before<number>;
  /** Names of trained tensors of which no value changed. */
  readonly unmoved: readonly string[];
  /** Names of frozen tensors of which a value changed. */
  readonly disturbed: readonly string[];
  readonly tensors: { readonly trained: number; readonly frozen: number };
  /** Arena bytes that the firmware itself reports. */
  readonly reportedArenaBytes: number;
  readonly memory: MemoryReading;
}

/** Runs the job on a fresh session. Throws as the link does. */
export function runTraining(
  session: FirmwareSession,
  job: TrainingJob,
  onProgress: (progress: TrainingProgress) => void = () => {},
): TrainingRun {
  return new Duel(session, job, onProgress).run();
}

/** The two sides and what is known so far. */
class Duel {
  readonly #reference: Trainer;
  readonly #parity = new ParityTally();
  readonly #batches: BatchReading[] = [];
  readonly #order: number[];
  readonly #total: number;
  #done = 0;

  constructor(
    readonly session: FirmwareSession,
    readonly job: TrainingJob,
    readonly onProgress: (progress: TrainingProgress) => void,
  ) {
    const { network, mode, learningRate, parameters, train, test, lossSet, batch, epochs } = job;
    this.#reference = new Trainer(network, mode, learningRate, parameters);
    this.#order = train.windows.map((_, index) => index);
    const commands = (set: WindowSet) => Math.ceil(set.windows.length / batch);
    this.#total = epochs * commands(train) + 2 * (commands(test) + commands(lossSet));
  }

  run(): TrainingRun {
    const reportedArenaBytes = this.session.configure(this.job, this.job.batch);
    const before = this.#evaluateAll('before');
    this.#train();
    const after = this.#evaluateAll('after');
    const parameters = this.session.link.readParameters();
    const tensors = this.job.network.tensors(this.job.mode);
    const trained = tensors.filter(({ gradientOffset }) => gradientOffset >= 0);
    const frozen = tensors.filter(({ gradientOffset }) => gradientOffset < 0);
    const changed = ({ parameterOffset, count }: (typeof tensors)[number]) =>
      differs(parameters, this.job.parameters, parameterOffset, count);
    return {
      mode: this.job.mode,
      parity: this.#parity,
      batches: this.#batches,
      loss: { before: before.loss, after: after.loss },
      f1: { before: before.f1, after: after.f1 },
      unmoved: trained.filter((tensor) => !changed(tensor)).map(({ name }) => name),
      disturbed: frozen.filter(changed).map(({ name }) => name),
      tensors: { trained: trained.length, frozen: frozen.length },
      reportedArenaBytes,
      memory: this.session.readMemory(),
    };
  }

  #train(): void {
    const { train, batch, epochs, seed } = this.job;
    const random = new Prng(seed);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const part of batchesOf(selectWindows(train, random.shuffle(this.#order)), batch)) {
        this.#trainBatch(part);
        this.#tell('training', epoch);
      }
    }
  }

  #trainBatch({ windows, labels }: WindowSet): void {
    const { link, timer } = this.session;
    timer.take();
    const loss = link.trainBatch(windows, labels);
    const cycles = timer.take().find(({ name }) => name === TRAIN_BATCH)?.cycles ?? null;
    this.#batches.push({ count: windows.length, cycles, loss });

    const referenceLoss = this.#reference.trainBatch(windows, labels);
    const where = `batch ${this.#batches.length}`;
    const parity = this.#parity;
    const { gradients, parameters, probabilities } = this.#reference;
    parity.compareValue(loss, referenceLoss, 'loss', where);
    this.#compareProbabilities(probabilities, windows.length, where);
    parity.compare(link.readGradients(), gradients, this.#stretches('gradient'), where);
    parity.compare(link.readParameters(), parameters, this.#stretches('parameter'), where);
  }

  /** F1 over the test set and the loss over the loss set, both of the firmware, both compared. */
  #evaluateAll(stage: 'before' | 'after'): { loss: number; f1: number } {
    const { test, lossSet, network } = this.job;
    const { predictions } = this.#evaluate(test, stage, 'test');
    const { loss } = this.#evaluate(lossSet, stage, 'training');
    return { loss, f1: macroF1(confusionMatrix(test.labels, predictions, network.classCount)) };
  }

  #evaluate(
    set: WindowSet,
    stage: 'before' | 'after',
    what: string,
  ): { loss: number; predictions: number[] } {
    const { batch, network } = this.job;
    const predictions: number[] = [];
    let sum = 0;
    for (const { windows, labels } of batchesOf(set, batch)) {
      const loss = this.session.link.evaluate(windows, labels);
      const reference = this.#reference.evaluate(windows, labels);
      const where = `${what} windows ${predictions.length + 1} onwards, ${stage} training`;
      this.#parity.compareValue(loss, reference.loss, 'loss', where);
      const probabilities = this.#compareProbabilities(reference.probabilities, windows.length, where);
      const { classCount } = network;
      windows.forEach((_, i) => {
        predictions.push(argmax(probabilities.subarray(i * classCount, (i + 1) * classCount)));
      });
      sum += loss * windows.length;
      this.#tell(stage, 0);
    }
    return { loss: sum / set.windows.length, predictions };
  }

  #compareProbabilities(reference: Float32Array, count: number, where: string): Float32Array {
    const probabilities = this.session.link.readProbabilities(count);
    const stretch = { name: 'probability', offset: 0, count: reference.length };
    this.#parity.compare(probabilities, reference, [stretch], where);
    return probabilities;
  }

  #stretches(kind: 'gradient' | 'parameter'): Stretch[] {
    return this.job.network
      .tensors(this.job.mode)
      .map(({ name, count, gradientOffset, parameterOffset }) => ({
        name: `${kind} ${name}`,
        offset: kind === 'gradient' ? gradientOffset : parameterOffset,
        count: kind === 'gradient' && gradientOffset < 0 ? 0 : count,
      }));
  }

  #tell(stage: TrainingProgress['stage'], epoch: number): void {
    this.#done += 1;
    this.onProgress({ stage, done: this.#done, total: this.#total, epoch });
  }
}

/** Whether any bit differs in a stretch of two vectors. */
function differs(a: Float32Array, b: Float32Array, offset: number, count: number): boolean {
  const left = bitsOf(a);
  const right = bitsOf(b);
  for (let i = offset; i < offset + count; i++) {
    if (left[i] !== right[i]) return true;
  }
  return false;
}
