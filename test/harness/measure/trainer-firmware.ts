/** The shipped trainer and its MCU, for tests that run the real thing. */
import { readMcu } from '../../../harness/cli/read-input.js';
import { readTrainerElf } from '../../../harness/cli/trainer-elf.js';
import { openDataset } from '../../../harness/data/dataset.js';
import { readModel } from '../../../harness/data/model-file.js';
import { readNetwork } from '../../../harness/data/network-file.js';
import { packagePath } from '../../../harness/data/package-root.js';
import { takeBalanced, userWindows } from '../../../harness/data/windows.js';
import { FirmwareSession } from '../../../harness/measure/firmware-session.js';
import type { TrainingJob } from '../../../harness/measure/training-run.js';
import { type Mode, Network } from '../../../harness/reference/network.js';

export const description = readNetwork();
export const profile = readMcu('stm32l496zg');
export const trainer = readTrainerElf(undefined, profile);
export const model = readModel(packagePath('harness', 'models', 'general-synthetic.json'), description);

export function trainerSession(): FirmwareSession {
  return new FirmwareSession(profile, trainer.elf, { maxCycles: 1e9 });
}

/** A short job on a few windows of a synthetic wearer. */
export function shortJob(mode: Mode, windowLength: number, windows: number, batch: number): TrainingJob {
  const network = new Network(description, windowLength);
  const sets = userWindows(openDataset('synthetic', description.classes), 17, windowLength);
  const train = takeBalanced(sets.train, windows);
  const test = takeBalanced(sets.test, 6);
  const { parameters } = model;
  return {
    network,
    mode,
    parameters,
    train,
    test,
    lossSet: train,
    epochs: 2,
    learningRate: 0.01,
    batch,
    seed: 3,
  };
}
