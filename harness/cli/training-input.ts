/** What `m4lab validate` trains on: the user's windows, the model to start from, and the settings. */
import { UserError } from '../../emulator/index.js';
import { openDataset, SYNTHETIC } from '../data/dataset.js';
import { type Model, readModel } from '../data/model-file.js';
import { packagePath } from '../data/package-root.js';
import type { Dataset } from '../data/recording.js';
import { takeBalanced, userWindows, type WindowSet } from '../data/windows.js';
import type { Network } from '../reference/network.js';
import type { Validation } from '../report/validation.js';

export interface InputOptions {
  readonly data: string;
  readonly user: number;
  readonly epochs?: number;
  readonly windows?: number;
  readonly lr: number;
  readonly batch: number;
  readonly seed: number;
  readonly model?: string;
  readonly allowSeen?: boolean;
}

export interface TrainingInput {
  readonly model: Model;
  readonly modelPath: string;
  readonly sawUser: boolean;
  readonly sets: { readonly train: WindowSet; readonly test: WindowSet; readonly lossSet: WindowSet };
  readonly data: Validation['data'];
  readonly training: Validation['training'];
}

/** The synthetic wearers give as many windows as one asks for; this many make a quick run. */
const SYNTHETIC_TRAIN = 64;
const SYNTHETIC_TEST = 48;
const SYNTHETIC_EPOCHS = 3;
/** A recorded user has over a thousand windows: one pass is a run of minutes. */
const RECORDED_EPOCHS = 1;
/** The loss before and after is taken over no more windows than this. */
const LOSS_WINDOWS = 256;

/** UserError for data, a user or a model that does not fit, and for a user whom the model has seen. */
export function readTrainingInput(options: InputOptions, network: Network): TrainingInput {
  const { user, lr: learningRate, batch, seed } = options;
  const dataset = openDataset(options.data, network.description.classes);
  const modelPath = options.model ?? `harness/models/general-${dataset.name}.json`;
  const path = options.model ?? packagePath(...modelPath.split('/'));
  const model = readModel(path, network.description);
  const sawUser = model.dataset.name === dataset.name && model.users.includes(user);
  if (sawUser && options.allowSeen !== true) throw seenError(model, user);
  const sets = windowSets(options, dataset, network.windowLength);
  const epochs = options.epochs ?? (options.data === SYNTHETIC ? SYNTHETIC_EPOCHS : RECORDED_EPOCHS);
  return {
    model,
    modelPath,
    sawUser,
    sets,
    data: {
      name: dataset.name,
      user,
      sha256: dataset.sha256([user]),
      trainWindows: sets.train.windows.length,
      testWindows: sets.test.windows.length,
      lossWindows: sets.lossSet.windows.length,
    },
    training: { epochs, batch, learningRate, seed },
  };
}

function windowSets(options: InputOptions, dataset: Dataset, length: number): TrainingInput['sets'] {
  const all = userWindows(dataset, options.user, length);
  const synthetic = options.data === SYNTHETIC;
  const wanted = options.windows ?? (synthetic ? SYNTHETIC_TRAIN : undefined);
  const train = wanted === undefined ? all.train : takeBalanced(all.train, wanted);
  const test = synthetic ? takeBalanced(all.test, SYNTHETIC_TEST) : all.test;
  for (const [part, set] of [['training', train] as const, ['test', test] as const]) {
    if (set.windows.length > 0) continue;
    throw new UserError({
      code: 'no-windows',
      what: `user ${options.user} of ${options.data}`,
      expected: `has no ${part} window of ${length} samples`,
      fix: 'give another --user or a shorter --input',
    });
  }
  const lossSet = train.windows.length > LOSS_WINDOWS ? takeBalanced(train, LOSS_WINDOWS) : train;
  return { train, test, lossSet };
}

function seenError(model: Model, user: number): UserError {
  const others = model.users.at(-1) ?? user;
  return new UserError({
    code: 'user-seen',
    what: `option --user is ${user}: ${model.name}`,
    expected: `was trained on this user, so that its F1 would flatter`,
    fix: `give a user that it has not seen (above ${others}), or --allow-seen`,
  });
}
