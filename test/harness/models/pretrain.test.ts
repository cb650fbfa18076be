import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../harness/data/dataset.js';
import { confusionMatrix, macroF1 } from '../../../harness/data/metrics.js';
import { formatModel, readModel } from '../../../harness/data/model-file.js';
import { readNetwork } from '../../../harness/data/network-file.js';
import { packagePath } from '../../../harness/data/package-root.js';
import { batchesOf, takeBalanced, userWindows, type WindowSet } from '../../../harness/data/windows.js';
import { initialParameters, type PretrainOptions, pretrain } from '../../../harness/models/pretrain.js';
import { Network } from '../../../harness/reference/network.js';
import { Trainer } from '../../../harness/reference/trainer.js';

const description = readNetwork();
const synthetic = openDataset('synthetic', description.classes);
const shipped = (name: string) => packagePath('harness', 'models', `${name}.json`);

const OPTIONS: PretrainOptions = {
  data: 'synthetic',
  users: [1, 2],
  windowLength: 20,
  epochs: 2,
  seed: 1,
  learningRate: 0.1,
  batch: 32,
  out: 'm.json',
};

function f1Of(trainer: Trainer, { windows, labels }: WindowSet): number {
  return macroF1(confusionMatrix(labels, trainer.evaluate(windows, labels).predictions, 6));
}

describe('pretraining', () => {
  it('gives the same file for the same options, another for another seed', () => {
    const first = formatModel(pretrain(synthetic, description, OPTIONS));
    expect(formatModel(pretrain(synthetic, description, OPTIONS))).toBe(first);
    expect(formatModel(pretrain(synthetic, description, { ...OPTIONS, seed: 2 }))).not.toBe(first);
  });

  it('tells its progress and lowers the loss', () => {
    const losses: number[] = [];
    const model = pretrain(synthetic, description, OPTIONS, ({ loss }) => losses.push(loss));
    expect(losses).toHaveLength(2);
    expect(losses[1]).toBeLessThan(losses[0] as number);
    expect(model.training.loss).toBe(losses[1]);
  });

  it('records its command, with what differs from the default', () => {
    const { command } = pretrain(synthetic, description, {
      ...OPTIONS,
      epochs: 1,
      learningRate: 0.2,
      batch: 16,
    });
    expect(command).toBe(
      'm4lab pretrain --data synthetic --users 1-2 --input 20x3 --epochs 1 --seed 1' +
        ' --lr 0.2 --batch 16 --out m.json',
    );
  });

  it('begins within Glorot’s range, biases at 0', () => {
    const parameters = initialParameters(new Network(description, 20), 1);
    const limit = Math.sqrt(6 / (3 * 3 + 32 * 3));
    const greatest = Math.max(...parameters.subarray(0, 288).map(Math.abs));
    expect(greatest).toBeLessThanOrEqual(limit);
    expect(greatest).toBeGreaterThan(0.9 * limit);
    expect([...parameters.subarray(288, 320)]).toEqual(new Array(32).fill(0));
  });
});

describe('the shipped models', () => {
  it('name the synthetic wearers that this generator makes', () => {
    const model = readModel(shipped('general-synthetic'), description);
    expect(model.dataset).toEqual({ name: 'synthetic', sha256: synthetic.sha256(model.users) });
    expect(model.users).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  });

  it('name the recordings that MotionSense holds', () => {
    const model = readModel(shipped('general-motionsense'), description);
    expect(model.users).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    const folder = packagePath('..', 'shared', 'data', 'motionsense_20hz');
    if (!existsSync(folder)) {
      console.info(`${folder} is absent: the hash of MotionSense was not compared`);
      return;
    }
    const dataset = openDataset(folder, description.classes);
    expect(model.dataset).toEqual({ name: 'motionsense', sha256: dataset.sha256(model.users) });
  });

  it.each(['general-synthetic', 'general-motionsense'])('%s is written as it would be again', (name) => {
    const path = shipped(name);
    expect(formatModel(readModel(path, description))).toBe(readFileSync(path, 'utf8'));
  });

  it.each(['tl', 'full'] as const)('gain by personalisation for a wearer not seen, %s', (mode) => {
    const model = readModel(shipped('general-synthetic'), description);
    const { train, test } = userWindows(synthetic, 17, 20);
    const [few, held] = [takeBalanced(train, 64), takeBalanced(test, 48)];
    const trainer = new Trainer(new Network(description, 20), mode, 0.01, model.parameters);
    const before = f1Of(trainer, held);
    const losses: number[] = [];
    for (let epoch = 0; epoch < 5; epoch++) {
      for (const { windows, labels } of batchesOf(few, 32)) losses.push(trainer.trainBatch(windows, labels));
    }
    expect(losses.at(-1)).toBeLessThan(losses[0] as number);
    expect(before).toBeGreaterThan(0.4);
    expect(before).toBeLessThan(0.8);
    expect(f1Of(trainer, held)).toBeGreaterThan(before + 0.1);
  });
});
