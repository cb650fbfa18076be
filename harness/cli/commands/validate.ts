/**
 * `m4lab validate`: fine-tunes a network on the emulated MCU with real firmware, checks every bit against the
 * reference, and every byte and cycle against the estimate. This file reads the options and joins the
 * parts; the run is harness/measure's, the words are harness/report's.
 */
import chalk from 'chalk';
import type { Command } from 'commander';
import type { McuProfile } from '../../../emulator/index.js';
import { SYNTHETIC } from '../../data/dataset.js';
import { readNetwork } from '../../data/network-file.js';
import { estimateCycles, estimateMemory } from '../../estimator/estimate.js';
import { type CyclePrediction, checkRun, verdictOf } from '../../measure/checks.js';
import { FirmwareSession } from '../../measure/firmware-session.js';
import { runTraining } from '../../measure/training-run.js';
import { type Mode, Network } from '../../reference/network.js';
import { energyFigure } from '../../report/energy.js';
import { jsonText } from '../../report/json-text.js';
import type { Paint } from '../../report/paint.js';
import { validationJson } from '../../report/validate-json.js';
import { validationText } from '../../report/validate-text.js';
import type { ValidatedRun, Validation } from '../../report/validation.js';
import { readCalibration } from '../calibration-file.js';
import { exitCodes } from '../exit-codes.js';
import { reportingGuestStop } from '../guest-stop.js';
import { choiceOption, inputOption, integerOption, numberOption } from '../option-values.js';
import { ProgressLine } from '../progress-line.js';
import { defaultMcu, readMcu } from '../read-input.js';
import { readTrainerElf, type TrainerElf } from '../trainer-elf.js';
import { readTrainingInput, type TrainingInput } from '../training-input.js';
import { requireWritable, STDOUT, writeOutputFile } from '../write-output.js';

interface Options {
  readonly data: string;
  readonly user: number;
  readonly mode: Mode | 'both';
  readonly input: number;
  readonly epochs?: number;
  readonly windows?: number;
  readonly lr: number;
  readonly batch: number;
  readonly seed: number;
  readonly model?: string;
  readonly elf?: string;
  readonly mcu: string;
  readonly calibration?: string;
  readonly allowSeen?: boolean;
  readonly maxCycles: number;
  readonly json?: string;
}

type FoundCalibration = ReturnType<typeof readCalibration>;

const MAX_CYCLES = 2_000_000_000;
const MAX_SEED = 2 ** 32 - 1;

export function registerValidate(program: Command): void {
  const integer = (option: string, min: number, max: number) => integerOption(option, { min, max });
  const { input } = readNetwork();
  program
    .command('validate')
    .description('fine-tune on the emulated MCU; check bits, bytes and cycles')
    .option('--data <synthetic|dir>', 'the built-in wearers, or a folder of user_NN.csv', SYNTHETIC)
    .option('--user <n>', 'whose data to fine-tune on', integer('--user', 1, 9999), 17)
    .option('--mode <mode>', 'tl, full or both', choiceOption('--mode', ['tl', 'full', 'both']), 'both')
    .option('--input <NxC>', 'samples x channels of a window', inputOption('--input', input), 20)
    .option('--epochs <n>', 'passes over the windows (3; 1 with a folder)', integer('--epochs', 1, 10_000))
    .option('--windows <n>', 'training windows (64; all with a folder)', integer('--windows', 1, 100_000))
    .option('--lr <rate>', 'learning rate', numberOption('--lr', { above: 0 }), 0.01)
    .option('--batch <n>', 'windows a batch', integer('--batch', 1, 1024), 32)
    .option('--seed <n>', 'of the order of windows', integer('--seed', 0, MAX_SEED), 1)
    .option('--model <file>', 'where to start; default: the shipped general model of the data')
    .option('--allow-seen', 'accept a user whom the model was trained on')
    .option('--elf <file>', 'training firmware on the link; default: the shipped trainer of the MCU')
    .option('--mcu <name>', 'MCU profile: a name in profiles/mcu or a .json path', defaultMcu)
    .option('--calibration <file>', 'cycles of each operation; default: the shipped one of the MCU')
    .option('--max-cycles <n>', 'limit of one command', integer('--max-cycles', 1, 1e15), MAX_CYCLES)
    .option('--json <file|->', 'write the report as JSON; - for stdout, and then nothing else there')
    .action((options: Options) => reportingGuestStop(() => runValidate(options)));
}

function runValidate(options: Options): void {
  if (options.json !== undefined && options.json !== STDOUT) requireWritable('--json', options.json);
  const network = new Network(readNetwork(), options.input);
  const mcu = readMcu(options.mcu);
  const firmware = readTrainerElf(options.elf, mcu);
  const calibration = readCalibration(options.calibration, mcu.name);
  const input = readTrainingInput(options, network);
  const modes: readonly Mode[] = options.mode === 'both' ? ['tl', 'full'] : [options.mode];
  const progress = new ProgressLine();
  let timingModel = '';
  const runs = modes.map((mode, i) => {
    const session = new FirmwareSession(mcu, firmware.elf, { maxCycles: options.maxCycles });
    timingModel = session.timingModel;
    const share = (part: number) => (i + part) / modes.length;
    try {
      return validateMode(session, mode, network, input, calibration, (topic, part) =>
        progress.update(topic, share(part)),
      );
    } finally {
      progress.clear();
    }
  });
  const verdict = verdictOf(runs.flatMap(({ checks }) => checks));
  const facts = { verdict, timingModel, runs, mcu: mcuFacts(mcu) };
  publish({ ...facts, ...inputFacts(firmware, input, calibration) }, options.json);
  if (verdict !== 'pass') process.exitCode = exitCodes.checkFailed;
}

function validateMode(
  session: FirmwareSession,
  mode: Mode,
  network: Network,
  input: TrainingInput,
  calibration: FoundCalibration,
  tell: (topic: string, share: number) => void,
): ValidatedRun {
  const { training } = input;
  const job = { network, mode, parameters: input.model.parameters, ...input.sets, ...training };
  const run = runTraining(session, job, ({ stage, epoch, done, total }) => {
    const epochs = `training, epoch ${epoch} of ${training.epochs}`;
    tell(`${mode}: ${stage === 'training' ? epochs : `evaluating ${stage} training`}`, done / total);
  });
  const memory = estimateMemory(network, mode, training.batch);
  const counts = run.batches.map(({ count }) => count);
  const cycles = predictCycles(session, mode, network, counts, calibration);
  const checks = checkRun({ run, memory, cycles });
  return {
    run,
    windowLength: network.windowLength,
    channels: network.description.input.channels,
    memory,
    cycles: cycles.byCount.get(Math.max(...counts)),
    checks,
    verdict: verdictOf(checks),
  };
}

function predictCycles(
  session: FirmwareSession,
  mode: Mode,
  network: Network,
  counts: readonly number[],
  found: FoundCalibration,
): CyclePrediction {
  if (found === undefined) {
    return { byCount: new Map(), unjudged: `no calibration for ${session.profile.name}` };
  }
  const { calibration, name } = found;
  const estimate = (windows: number) => estimateCycles(network, mode, windows, calibration);
  const byCount = new Map([...new Set(counts)].map((windows) => [windows, estimate(windows)]));
  const mismatch = (what: string, got: string) => `${name} was fitted for ${what} ${got}`;
  if (calibration.windowLengths.includes(network.windowLength)) {
    return { byCount, unjudged: `${network.windowLength} samples were used to fit ${name}` };
  }
  if (calibration.timingModel !== session.timingModel) {
    return { byCount, unjudged: mismatch('the timing model', calibration.timingModel) };
  }
  if (calibration.mcu !== session.profile.name) {
    return { byCount, unjudged: mismatch('the MCU', calibration.mcu) };
  }
  return { byCount };
}

function mcuFacts(profile: McuProfile): Validation['mcu'] {
  const { name, clocks, flash } = profile;
  const table = flash?.waitStates ?? [];
  const atMax = table.find(({ upToHz }) => upToHz >= clocks.maxHz);
  const { resetHz, maxHz } = clocks;
  const energy = energyFigure(profile);
  return { name, resetHz, maxHz, maxHzWaitStates: atMax?.waitStates ?? 0, energy };
}

function inputFacts(
  firmware: TrainerElf,
  { model, modelPath, sawUser, data, training }: TrainingInput,
  found: FoundCalibration,
): Pick<Validation, 'elf' | 'model' | 'data' | 'training' | 'calibration'> {
  return {
    elf: { path: firmware.path, sha256: firmware.sha256 },
    model: { name: model.name, path: modelPath, sawUser },
    data,
    training,
    calibration:
      found === undefined
        ? undefined
        : {
            name: found.name,
            windowLengths: found.calibration.windowLengths,
            sameElf: found.calibration.elf.sha256 === firmware.sha256,
          },
  };
}

function publish(validation: Validation, json: string | undefined): void {
  const text = () => jsonText(validationJson(validation));
  if (json === STDOUT) {
    process.stdout.write(text());
    return;
  }
  // The report first: should the file not be writable after all, what was measured is not lost.
  process.stdout.write(`${validationText(validation, terminalPaint).join('\n')}\n`);
  if (json !== undefined) writeOutputFile('--json', json, text());
}

/** chalk itself knows whether stdout is a terminal and whether NO_COLOR is set. */
const terminalPaint: Paint = {
  good: (text) => chalk.green(text),
  bad: (text) => chalk.red(text),
  doubtful: (text) => chalk.yellow(text),
  strong: (text) => chalk.bold(text),
};
