/**
 * `m4lab calibrate`: measures training batches of a firmware at a few sizes and fits the cycles of each
 * operation type. The sizes lie between the ones that people use, so that a prediction at 20, 40, 60, 80 or
 * 100 samples is one the fit has not seen.
 */
import type { Command } from 'commander';
import { openDataset, SYNTHETIC } from '../../data/dataset.js';
import { readModel } from '../../data/model-file.js';
import { readNetwork } from '../../data/network-file.js';
import { packagePath } from '../../data/package-root.js';
import { takeBalanced, userWindows } from '../../data/windows.js';
import { CALIBRATION_SCHEMA, type Calibration } from '../../estimator/calibration.js';
import { estimateCycles } from '../../estimator/estimate.js';
import { fitCoefficients } from '../../estimator/fit.js';
import { requireSymbol } from '../../link/link.js';
import { type CalibrationPoint, measurePoint, type PointReading } from '../../measure/calibration-run.js';
import { count, errorPercent } from '../../measure/checks.js';
import { TRAIN_BATCH } from '../../measure/firmware-session.js';
import { type Mode, Network, type NetworkDescription } from '../../reference/network.js';
import { jsonText } from '../../report/json-text.js';
import { reportingGuestStop } from '../guest-stop.js';
import { integerOption } from '../option-values.js';
import { ProgressLine } from '../progress-line.js';
import { defaultMcu, readMcu } from '../read-input.js';
import { readTrainerElf, type TrainerElf } from '../trainer-elf.js';
import { requireWritable, writeOutputFile } from '../write-output.js';

interface Options {
  readonly elf?: string;
  readonly mcu: string;
  readonly maxCycles: number;
  readonly out: string;
}

const WINDOW_LENGTHS = [30, 50, 70, 90] as const;
const MODES = ['tl', 'full'] as const satisfies readonly Mode[];
/** Two counts, so that what a batch costs is told from what a window costs. */
const COUNTS = [1, 3] as const;
const LEARNING_RATE = 0.01;
const WEARER = 17;
const MAX_CYCLES = 2_000_000_000;

export function registerCalibrate(program: Command): void {
  program
    .command('calibrate')
    .description('fit the estimator: cycles of each operation type, from measured batches')
    .requiredOption('--out <file>', 'where the calibration goes')
    .option('--elf <file>', 'training firmware on the link; default: the shipped trainer of the MCU')
    .option('--mcu <name>', 'MCU profile: a name in profiles/mcu or a .json path', defaultMcu)
    .option('--max-cycles <n>', 'limit of one batch', integerOption('--max-cycles', { min: 1 }), MAX_CYCLES)
    .action((options: Options) => reportingGuestStop(() => runCalibrate(options)));
}

function runCalibrate(options: Options): void {
  requireWritable('--out', options.out);
  const network = readNetwork();
  const mcu = readMcu(options.mcu);
  const firmware = readTrainerElf(options.elf, mcu);
  requireSymbol(firmware.elf, TRAIN_BATCH, 'cycles are measured');
  const progress = new ProgressLine();
  const points = calibrationPoints(network);
  const readings = points.map((point, i) => {
    progress.update(`${point.mode} at ${point.network.windowLength} samples`, i / points.length);
    return measurePoint(mcu, firmware.elf, point, options.maxCycles);
  });
  progress.clear();
  const calibration = makeCalibration(options, mcu.name, network, firmware, readings);
  writeOutputFile('--out', options.out, jsonText(calibration));
  process.stdout.write(`${summary(calibration, options.out).join('\n')}\n`);
}

function calibrationPoints(description: NetworkDescription): CalibrationPoint[] {
  const { parameters } = readModel(packagePath('harness', 'models', 'general-synthetic.json'), description);
  const dataset = openDataset(SYNTHETIC, description.classes);
  return WINDOW_LENGTHS.flatMap((length) => {
    const network = new Network(description, length);
    const windows = takeBalanced(userWindows(dataset, WEARER, length).train, Math.max(...COUNTS));
    return MODES.map((mode) => ({
      network,
      mode,
      parameters,
      windows,
      learningRate: LEARNING_RATE,
      counts: COUNTS,
    }));
  });
}

function makeCalibration(
  options: Options,
  mcu: string,
  network: NetworkDescription,
  firmware: TrainerElf,
  readings: readonly PointReading[],
): Calibration {
  const observations = readings.flatMap((reading) => reading.observations);
  const cyclesPerOperation = fitCoefficients(observations);
  const batches = readings
    .flatMap((reading) => reading.batches)
    .map(({ mode, windowLength, count: windows, cycles: measured }) => {
      const sized = new Network(network, windowLength);
      const predicted = estimateCycles(sized, mode, windows, { cyclesPerOperation }).cycles;
      return { mode, windowLength, count: windows, measured, predicted };
    });
  const errors = batches.map(({ predicted, measured }) => Math.abs(errorPercent(predicted, measured)));
  const elf = options.elf === undefined ? '' : `--elf ${options.elf} `;
  return {
    $schema: './calibration.schema.json',
    schema: CALIBRATION_SCHEMA,
    command: `m4lab calibrate ${elf}--mcu ${options.mcu} --out ${options.out}`,
    mcu,
    timingModel: readings[0]?.timingModel ?? '',
    network: network.name,
    elf: { name: firmware.path, sha256: firmware.sha256 },
    windowLengths: [...WINDOW_LENGTHS],
    modes: [...MODES],
    observations: observations.length,
    cyclesPerOperation,
    batches,
    greatestErrorPercent: Number(Math.max(...errors).toPrecision(3)),
  };
}

function summary(calibration: Calibration, out: string): string[] {
  const { timingModel, observations, batches, greatestErrorPercent } = calibration;
  const rows = batches.map(({ mode, windowLength, count: windows, measured, predicted }) => {
    const size = `${mode.padEnd(4)} ${String(windowLength).padStart(4)} samples, ${windows} windows`;
    const error = errorPercent(predicted, measured).toFixed(3).padStart(8);
    const [was, is] = [measured, predicted].map((cycles) => count(cycles).padStart(12));
    return `  ${size}  measured ${was}  fitted ${is} ${error} %`;
  });
  const types = Object.keys(calibration.cyclesPerOperation).length;
  return [
    `${out}: ${types} operation types, ${observations} observations`,
    ...rows,
    `  greatest error ${greatestErrorPercent} %; ${timingModel}, unverified on silicon`,
  ];
}
