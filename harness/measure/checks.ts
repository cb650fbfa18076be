/**
 * Judges a training run. Each check says in words what it saw; one that could not be made says so and does
 * not count as passed. The verdict is `pass` only when every check passed.
 */
import type { CycleEstimate, MemoryEstimate } from '../estimator/estimate.js';
import type { BatchReading, TrainingRun } from './training-run.js';

/** Greatest error of the predicted cycles of a batch, in percent. */
export const CYCLE_TOLERANCE_PERCENT = 10;

export type CheckState = 'pass' | 'fail' | 'not checked';

export interface Check {
  readonly name: string;
  readonly state: CheckState;
  /** What was seen, with its numbers. */
  readonly text: string;
}

/** `incomplete`: nothing failed, but something was not checked. */
export type Verdict = 'pass' | 'fail' | 'incomplete';

/**
 * Predicted cycles by the count of windows in a batch, or why there is no prediction that proves anything.
 */
export interface CyclePrediction {
  readonly byCount: ReadonlyMap<number, CycleEstimate>;
  /** Set when the prediction must not be judged: there is none, or this size was used to fit it. */
  readonly unjudged?: string;
}

export interface JudgedRun {
  readonly run: TrainingRun;
  readonly memory: MemoryEstimate;
  readonly cycles: CyclePrediction;
}

export function verdictOf(checks: readonly Check[]): Verdict {
  if (checks.some(({ state }) => state === 'fail')) return 'fail';
  return checks.length > 0 && checks.every(({ state }) => state === 'pass') ? 'pass' : 'incomplete';
}

export function checkRun(judged: JudgedRun): Check[] {
  const { run } = judged;
  return [
    parityCheck(run),
    trainedCheck(run),
    ...(run.tensors.frozen > 0 ? [frozenCheck(run)] : []),
    lossCheck(run),
    memoryCheck(judged),
    cycleCheck(judged),
    stackCheck(run),
  ];
}

/** The batches that hold the most windows: those that figures "a batch" speak of. */
export function fullBatches(batches: readonly BatchReading[]): BatchReading[] {
  const most = Math.max(0, ...batches.map(({ count }) => count));
  return batches.filter(({ count }) => count === most);
}

/** Mean of the full batches, in whole cycles; null where none was measured. */
export function measuredCycles(batches: readonly BatchReading[]): number | null {
  const full = fullBatches(batches).map(({ cycles }) => cycles);
  if (full.length === 0 || full.some((cycles) => cycles === null)) return null;
  return Math.round(full.reduce<number>((sum, cycles) => sum + (cycles ?? 0), 0) / full.length);
}

/** Predicted against measured, in percent of the measured. */
export function errorPercent(predicted: number, measured: number): number {
  return (100 * (predicted - measured)) / measured;
}

function check(name: string, passed: boolean, text: string): Check {
  return { name, state: passed ? 'pass' : 'fail', text };
}

function notChecked(name: string, reason: string): Check {
  return { name, state: 'not checked', text: reason };
}

function parityCheck({ parity }: TrainingRun): Check {
  const { compared, differing, maxUlp, first } = parity;
  if (compared === 0) return check('parity', false, 'no value was compared');
  if (differing === 0) return check('parity', true, `0 ulp over ${count(compared)} values compared`);
  const where =
    first === undefined
      ? ''
      : `; first ${first.tensor}[${first.index}] in ${first.where}: firmware ${first.firmware}, ` +
        `reference ${first.reference}, ${count(first.ulp)} ulp`;
  return check(
    'parity',
    false,
    `${count(differing)} of ${count(compared)} values differ, by up to ${count(maxUlp)} ulp${where}`,
  );
}

function trainedCheck({ unmoved, tensors }: TrainingRun): Check {
  const text = unmoved.length === 0 ? 'all moved' : `unchanged: ${unmoved.join(', ')}`;
  const name = 'trained parameters';
  return check(name, unmoved.length === 0 && tensors.trained > 0, `${tensors.trained} tensors, ${text}`);
}

function frozenCheck({ disturbed, tensors }: TrainingRun): Check {
  const text = disturbed.length === 0 ? 'every byte as before' : `changed: ${disturbed.join(', ')}`;
  return check('frozen parameters', disturbed.length === 0, `${tensors.frozen} tensors, ${text}`);
}

function lossCheck({ loss }: TrainingRun): Check {
  const fell = loss.after < loss.before;
  const word = fell ? 'fell' : 'did not fall';
  return check('loss', fell, `${word} from ${loss.before.toFixed(4)} to ${loss.after.toFixed(4)}`);
}

function memoryCheck({ run, memory }: JudgedRun): Check {
  const measured = run.memory.arenaBytes;
  if (measured === null) return notChecked('memory', 'the ELF has no symbol m4lab_arena with a size');
  const text = `${count(measured)} bytes of arena measured, ${count(memory.bytes)} predicted`;
  return check('memory', measured === memory.bytes, text);
}

function cycleCheck({ run, cycles }: JudgedRun): Check {
  const name = 'cycles a batch';
  if (cycles.unjudged !== undefined) return notChecked(name, cycles.unjudged);
  const errors = run.batches.map(({ count: windows, cycles: measured }) => {
    const predicted = cycles.byCount.get(windows)?.cycles;
    return measured === null || predicted === undefined ? Number.NaN : errorPercent(predicted, measured);
  });
  if (errors.length === 0 || errors.some(Number.isNaN)) {
    return notChecked(name, 'the ELF has no function train_batch');
  }
  const worst = errors.reduce((most, error) => (Math.abs(error) > Math.abs(most) ? error : most), 0);
  const batches = run.batches.length === 1 ? '1 batch' : `${run.batches.length} batches`;
  const seen = `${batches}, prediction off by at most ${signedPercent(worst)}`;
  const passed = Math.abs(worst) <= CYCLE_TOLERANCE_PERCENT;
  return check(name, passed, `${seen}, ${CYCLE_TOLERANCE_PERCENT} % allowed`);
}

function stackCheck({ memory }: TrainingRun): Check {
  const { stackPeakBytes, stackReserveBytes } = memory;
  if (stackReserveBytes === null) {
    return notChecked('stack', 'the ELF has no symbols __stack_top and __stack_limit');
  }
  const text = `peak ${count(stackPeakBytes)} of ${count(stackReserveBytes)} bytes reserved`;
  return check('stack', stackPeakBytes > 0 && stackPeakBytes <= stackReserveBytes, text);
}

export function signedPercent(value: number): string {
  const text = `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(2)} %`;
  return text;
}

/** Digits in groups of three, the same in every locale. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
