/**
 * Trains a general model on many users with the reference network, for others to personalise.
 * Pure: the same dataset, network and options give the same model, bit for bit.
 */
import type { Model } from '../data/model-file.js';
import { Prng } from '../data/prng.js';
import type { Dataset } from '../data/recording.js';
import { formatUsers } from '../data/users.js';
import { batchesOf, selectWindows, userWindows, type WindowSet } from '../data/windows.js';
import { parameterTensorSize } from '../reference/layer.js';
import { Network, type NetworkDescription } from '../reference/network.js';
import { Trainer } from '../reference/trainer.js';

/** What the command line leaves out. The recorded command names an option only where it differs. */
export const PRETRAIN_DEFAULTS = { epochs: 30, seed: 1, learningRate: 0.1, batch: 32 } as const;

export interface PretrainOptions {
  /** As it follows `--data`, for the recorded command. The dataset given must be that one. */
  readonly data: string;
  /** Rising, at least one. All of their training trials are used, none of their test trials. */
  readonly users: readonly number[];
  /** Samples of a window. The parameters fit windows of any other length too. */
  readonly windowLength: number;
  readonly epochs: number;
  /** Of the initial weights and of the order of windows. */
  readonly seed: number;
  /** At the start; falls in equal steps towards 0 over the epochs. */
  readonly learningRate: number;
  readonly batch: number;
  /** As it follows `--out`, for the recorded command; nothing is written here. */
  readonly out: string;
}

/** After every epoch. */
export interface PretrainProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean of the losses of the epoch's batches. */
  readonly loss: number;
}

/** The command that makes this model again. */
export function pretrainCommand(options: PretrainOptions, channels: number): string {
  const extra: string[] = [];
  if (options.learningRate !== PRETRAIN_DEFAULTS.learningRate) extra.push(`--lr ${options.learningRate}`);
  if (options.batch !== PRETRAIN_DEFAULTS.batch) extra.push(`--batch ${options.batch}`);
  return [
    `m4lab pretrain --data ${options.data} --users ${formatUsers(options.users)}`,
    `--input ${options.windowLength}x${channels} --epochs ${options.epochs} --seed ${options.seed}`,
    ...extra,
    `--out ${options.out}`,
  ].join(' ');
}

/**
 * Weights uniform in +-sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio, AISTATS 2010), biases 0.
 * In the order of the parameter vector.
 */
export function initialParameters(network: Network, seed: number): Float32Array {
  const random = new Prng(seed, 1);
  const values = new Float32Array(network.parameterCount);
  let at = 0;
  for (const { layer } of network.layers) {
    for (const tensor of layer.parameters) {
      const fan = tensor.fanIn + tensor.fanOut;
      const limit = fan === 0 ? 0 : Math.sqrt(6 / fan);
      const end = at + parameterTensorSize(tensor);
      for (; at < end; at++) values[at] = limit === 0 ? 0 : random.uniform(-limit, limit);
    }
  }
  return values;
}

/** Trains on all layers. UserError as the dataset throws it; RangeError for options out of range. */
export function pretrain(
  dataset: Dataset,
  description: NetworkDescription,
  options: PretrainOptions,
  onProgress: (progress: PretrainProgress) => void = () => {},
): Model {
  const network = new Network(description, options.windowLength);
  const set = trainingWindows(dataset, options);
  const loss = trainEpochs(network, set, options, onProgress);
  const { epochs, batch, learningRate, seed } = options;
  const { channels } = description.input;
  return {
    name: `general-${dataset.name}`,
    network: description.name,
    command: pretrainCommand(options, channels),
    input: { length: options.windowLength, channels },
    dataset: { name: dataset.name, sha256: dataset.sha256(options.users) },
    users: [...options.users],
    training: { epochs, batch, learningRate, seed, loss: loss.last },
    parameters: loss.parameters,
  };
}

function trainingWindows(dataset: Dataset, { users, windowLength }: PretrainOptions): WindowSet {
  const sets = users.map((user) => userWindows(dataset, user, windowLength).train);
  return { windows: sets.flatMap((set) => set.windows), labels: sets.flatMap((set) => set.labels) };
}

function trainEpochs(
  network: Network,
  set: WindowSet,
  options: PretrainOptions,
  onProgress: (progress: PretrainProgress) => void,
): { parameters: Float32Array; last: number } {
  const { epochs } = options;
  const random = new Prng(options.seed, 2);
  const order = set.windows.map((_, index) => index);
  let parameters = initialParameters(network, options.seed);
  let last = Number.NaN;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const rate = (options.learningRate * (epochs - epoch + 1)) / epochs;
    const trainer = new Trainer(network, 'full', rate, parameters);
    const batches = batchesOf(selectWindows(set, random.shuffle(order)), options.batch);
    const losses = batches.map(({ windows, labels }) => trainer.trainBatch(windows, labels));
    last = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    parameters = trainer.parameters;
    onProgress({ epoch, epochs, loss: last });
  }
  return { parameters, last };
}
