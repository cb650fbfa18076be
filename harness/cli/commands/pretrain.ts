/**
 * `m4lab pretrain`: trains a general model on many users with the reference network, and writes it as a
 * file.
 */
import type { Command } from 'commander';
import { openDataset } from '../../data/dataset.js';
import { formatModel } from '../../data/model-file.js';
import { readNetwork } from '../../data/network-file.js';
import { parseUsers } from '../../data/users.js';
import { PRETRAIN_DEFAULTS, pretrain } from '../../models/pretrain.js';
import { inputOption, integerOption, numberOption } from '../option-values.js';
import { ProgressLine } from '../progress-line.js';
import { requireWritable, writeOutputFile } from '../write-output.js';

interface Options {
  readonly data: string;
  readonly users: number[];
  readonly input: number;
  readonly epochs: number;
  readonly seed: number;
  readonly lr: number;
  readonly batch: number;
  readonly out: string;
}

const MAX_SEED = 2 ** 32 - 1;

export function registerPretrain(program: Command): void {
  const { input } = readNetwork();
  const { epochs, seed, learningRate, batch } = PRETRAIN_DEFAULTS;
  program
    .command('pretrain')
    .description('train a general model on many users with the reference network')
    .requiredOption('--data <synthetic|dir>', 'the built-in wearers, or a folder of user_NN.csv')
    .requiredOption('--users <list>', 'whose training trials to use: 1-16 or 1-4,9', parseUsers)
    .requiredOption('--out <file>', 'where the model goes')
    .option('--input <NxC>', 'samples x channels of a window', inputOption('--input', input), 20)
    .option(
      '--epochs <n>',
      'passes over the data',
      integerOption('--epochs', { min: 1, max: 10_000 }),
      epochs,
    )
    .option('--seed <n>', 'of weights and order', integerOption('--seed', { min: 0, max: MAX_SEED }), seed)
    .option('--lr <rate>', 'learning rate at the start', numberOption('--lr', { above: 0 }), learningRate)
    .option('--batch <n>', 'windows a batch', integerOption('--batch', { min: 1, max: 1024 }), batch)
    .action(runPretrain);
}

function runPretrain(options: Options): void {
  const { data, users, epochs, seed, batch, out } = options;
  requireWritable('--out', out);
  const network = readNetwork();
  const dataset = openDataset(data, network.classes);
  const progress = new ProgressLine();
  const settings = {
    data,
    users,
    windowLength: options.input,
    epochs,
    seed,
    learningRate: options.lr,
    batch,
    out,
  };
  const model = pretrain(dataset, network, settings, ({ epoch, loss }) => {
    progress.update(`epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}`, epoch / epochs);
  });
  progress.clear();
  writeOutputFile('--out', out, formatModel(model));
  const loss = model.training.loss.toFixed(4);
  process.stdout.write(`${out}: ${model.name}, ${model.parameters.length} parameters, loss ${loss}\n`);
}
