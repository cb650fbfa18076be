/** The report of `m4lab validate` for people: at most 100 columns, readable without colour. */
import {
  type Check,
  CYCLE_TOLERANCE_PERCENT,
  count,
  errorPercent,
  measuredCycles,
  signedPercent,
  type Verdict,
} from '../measure/checks.js';
import { type Energy, energyOf, estimateText } from './energy.js';
import type { Paint } from './paint.js';
import type { ValidatedRun, Validation } from './validation.js';

const WIDTH = 100;
const LABEL = 12;
/** Where the words of a check begin. */
const CHECK = 2 + LABEL + 1 + 20 + 1;
const MODES = { tl: 'Transfer learning (tl)', full: 'Full training (full)' } as const;

/** The lines of the whole report, without line ends. */
export function validationText(validation: Validation, paint: Paint): string[] {
  return [
    ...headLines(validation, paint),
    ...validation.runs.flatMap((entry) => ['', ...runLines(entry, validation, paint)]),
    '',
    ...verdictLines(validation, paint),
  ];
}

function headLines(validation: Validation, paint: Paint): string[] {
  const { elf, model, data, training, mcu, calibration } = validation;
  const seen = model.sawUser ? `, which has seen this ${data.name} user` : '';
  const losses =
    data.lossWindows < data.trainWindows ? `, loss taken over ${count(data.lossWindows)} of these` : '';
  const fit =
    calibration === undefined
      ? 'none'
      : `${calibration.name}, fitted at ${calibration.windowLengths.join(', ')} samples` +
        (calibration.sameElf ? '' : ' on another ELF');
  return [
    paint.strong(`Fine-tuning on an emulated ${mcu.name}`),
    ...labelled('firmware', `${elf.path}  sha256 ${elf.sha256.slice(0, 12)}`),
    ...labelled('model', `${model.name}${seen}`),
    ...labelled(
      'data',
      `${data.name} user ${data.user}: ${count(data.trainWindows)} training windows, ` +
        `${count(data.testWindows)} test windows${losses}`,
    ),
    ...labelled(
      'training',
      `${training.epochs === 1 ? '1 epoch' : `${training.epochs} epochs`}, batches of ${training.batch}, ` +
        `learning rate ${training.learningRate}, ` +
        `order by seed ${training.seed}`,
    ),
    ...labelled('estimator', fit),
  ];
}

function runLines(entry: ValidatedRun, validation: Validation, paint: Paint): string[] {
  const { run, windowLength, channels } = entry;
  return [
    paint.strong(`${MODES[run.mode]}, ${windowLength}x${channels}`),
    ...memoryLines(entry),
    ...cycleLines(entry, validation),
    ...labelled('loss', `${run.loss.before.toFixed(4)} before, ${run.loss.after.toFixed(4)} after`),
    ...labelled('macro F1', `${run.f1.before.toFixed(3)} before, ${run.f1.after.toFixed(3)} after`),
    ...entry.checks.flatMap((check) => checkLines(check, paint)),
  ];
}

function memoryLines({ run, memory }: ValidatedRun): string[] {
  const { arenaBytes, stackPeakBytes, static: fixed } = run.memory;
  const kinds = memory.kinds
    .filter(({ bytes }) => bytes > 0)
    .map(({ kind, bytes }) => `${kind} ${count(bytes)}`);
  const program = `static ${count(fixed.staticBytes)}, flash ${count(fixed.flashBytes)}`;
  const measured = arenaBytes === null ? 'not measured' : `measured ${count(arenaBytes)}`;
  return [
    ...labelled('memory', `predicted ${count(memory.bytes)}, ${measured} bytes`),
    ...labelled('', kinds.join(', ')),
    ...labelled('', `stack peak ${count(stackPeakBytes)}, ${program}`),
  ];
}

function cycleLines({ run, cycles }: ValidatedRun, { mcu, timingModel }: Validation): string[] {
  const measured = measuredCycles(run.batches);
  if (measured === null) return labelled('cycles', 'not measured');
  const windows = Math.max(...run.batches.map((batch) => batch.count));
  const predicted = cycles === undefined ? 'no prediction' : `predicted ${count(cycles.cycles)}`;
  const error = cycles === undefined ? '' : `, error ${signedPercent(errorPercent(cycles.cycles, measured))}`;
  const at = (hz: number) => `${seconds(measured / hz)} at ${hz / 1e6} MHz`;
  const waits =
    mcu.maxHzWaitStates === 0
      ? ''
      : `, which needs ${mcu.maxHzWaitStates} flash wait states not counted here`;
  return [
    ...labelled('cycles', `${predicted}, measured ${count(measured)} a batch of ${windows}${error}`),
    ...labelled('', `timing model ${timingModel}, unverified on silicon`),
    ...labelled('time', `${at(mcu.resetHz)} (reset clock)`),
    ...(mcu.maxHz === mcu.resetHz ? [] : labelled('', `${at(mcu.maxHz)} (highest clock${waits})`)),
    ...energyLines(energyOf(mcu.energy, measured)),
  ];
}

function energyLines(energy: Energy | null): string[] {
  if (energy === null) return [];
  return labelled('energy', estimateText(energy));
}

function seconds(value: number): string {
  return value >= 1 ? `${value.toFixed(2)} s` : `${(value * 1000).toFixed(1)} ms`;
}

function checkLines({ name, state, text }: Check, paint: Paint): string[] {
  const colour = { pass: paint.good, fail: paint.bad, 'not checked': paint.doubtful }[state];
  const word = state === 'fail' ? 'FAIL' : state;
  const [first = '', ...more] = wrap(text, WIDTH - CHECK);
  return [
    `  ${colour(word.padEnd(LABEL))} ${name.padEnd(20)} ${first}`,
    ...more.map((rest) => `${' '.repeat(CHECK)}${rest}`),
  ];
}

function verdictLines({ verdict, runs }: Validation, paint: Paint): string[] {
  const of = (state: Check['state']) =>
    runs.flatMap(({ run, checks }) =>
      checks.filter((check) => check.state === state).map(({ name }) => `${name} (${run.mode})`),
    );
  const passed = of('pass').length;
  const all = runs.reduce((sum, { checks }) => sum + checks.length, 0);
  const reasons: Record<Verdict, string> = {
    pass: `all ${all} checks passed: bits and bytes as predicted, cycles within ${CYCLE_TOLERANCE_PERCENT} %`,
    fail: `failed: ${of('fail').join(', ')}`,
    incomplete: `${passed} of ${all} checks passed, but not checked: ${of('not checked').join(', ')}`,
  };
  const colour = { pass: paint.good, fail: paint.bad, incomplete: paint.doubtful }[verdict];
  const word = { pass: 'PASS', fail: 'FAIL', incomplete: 'NOT PASSED' }[verdict];
  const [first = '', ...more] = wrap(reasons[verdict], WIDTH - word.length - 2);
  return [`${colour(word)}  ${first}`, ...more.map((rest) => `${' '.repeat(word.length + 2)}${rest}`)];
}

/** A label and its text, which goes on below itself where it is too long. */
function labelled(label: string, text: string): string[] {
  return wrap(text).map((part, i) => `  ${(i === 0 ? label : '').padEnd(LABEL)} ${part}`);
}

/** Breaks at spaces; a word longer than the width stays whole. */
function wrap(text: string, width = WIDTH - LABEL - 3): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
