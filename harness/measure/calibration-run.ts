/**
 * Measures what a calibration is fitted to: batches at several sizes in both modes, and inside them every
 * layer's function on its own, found by its symbol (`conv1d_forward`, `conv1d_backward`, `softmax_loss`).
 * Firmware without such symbols gives whole batches only: a poorer fit, but a fit.
 */
import type { ElfImage, McuProfile } from '../../emulator/index.js';
import type { WindowSet } from '../data/windows.js';
import type { Observation } from '../estimator/fit.js';
import { batchCost, type Phase, type StepCost, totalCounts } from '../reference/cost.js';
import { LAYER_KINDS } from '../reference/layers.js';
import type { Mode, Network } from '../reference/network.js';
import { FirmwareSession, TRAIN_BATCH } from './firmware-session.js';
import type { TimedCall } from './function-timer.js';

/** Which functions of a layer's kind do the work of which phases. */
const DIRECTIONS: readonly { readonly functions: readonly string[]; readonly phases: readonly Phase[] }[] = [
  { functions: ['forward', 'loss'], phases: ['forward'] },
  { functions: ['backward'], phases: ['backwardWeights', 'backwardInput'] },
];
/** Functions that stand outside every layer. */
const OUTER: readonly { readonly function: string; readonly phase: Phase }[] = [
  { function: 'gradients_clear', phase: 'zero' },
  { function: 'sgd_update', phase: 'update' },
];

export interface CalibrationPoint {
  readonly network: Network;
  readonly mode: Mode;
  readonly parameters: Float32Array;
  /** Windows to train on; the counts take the first of them. */
  readonly windows: WindowSet;
  readonly learningRate: number;
  /** Windows of each batch to measure. */
  readonly counts: readonly number[];
}

export interface MeasuredBatch {
  readonly mode: Mode;
  readonly windowLength: number;
  readonly count: number;
  readonly cycles: number;
}

export interface PointReading {
  readonly batches: readonly MeasuredBatch[];
  readonly observations: readonly Observation[];
  readonly timingModel: string;
}

/** Every function that may be timed, for any network. */
function timedFunctions(): string[] {
  const suffixes = DIRECTIONS.flatMap(({ functions }) => functions);
  const layers = LAYER_KINDS.flatMap(({ kind }) => suffixes.map((suffix) => `${kind}_${suffix}`));
  return [...layers, ...OUTER.map((outer) => outer.function)];
}

/**
 * Measures one size in one mode, on a machine of its own; the ELF must have the function train_batch.
 * Throws as the session and the link do.
 */
export function measurePoint(
  profile: McuProfile,
  elf: ElfImage,
  point: CalibrationPoint,
  maxCycles: number,
): PointReading {
  const { network, mode, counts } = point;
  const session = new FirmwareSession(profile, elf, { functions: timedFunctions(), maxCycles });
  const { windowLength } = network;
  session.configure(point, Math.max(...counts));
  const batches: MeasuredBatch[] = [];
  const observations: Observation[] = [];
  for (const count of counts) {
    session.timer.take();
    session.link.trainBatch(point.windows.windows.slice(0, count), point.windows.labels.slice(0, count));
    const calls = session.timer.take();
    const whole = calls.find(({ name }) => name === TRAIN_BATCH);
    batches.push({ mode, windowLength, count, cycles: whole?.cycles ?? 0 });
    observations.push(...explain(batchCost(network, mode, count), calls, count));
  }
  return { batches, observations, timingModel: session.timingModel };
}

/**
 * Splits a batch's calls among its steps. A step whose functions were seen as often as expected becomes an
 * observation; what no function explains stays together with the steps left over.
 */
export function explain(
  steps: readonly StepCost[],
  calls: readonly TimedCall[],
  count: number,
): Observation[] {
  const inside = calls.filter(({ name, depth }) => name !== TRAIN_BATCH && depth === 1);
  const whole = calls.find(({ name }) => name === TRAIN_BATCH)?.cycles ?? 0;
  const left = new Set(steps);
  const observations: Observation[] = [];
  const observe = (explained: readonly StepCost[], cycles: number) => {
    const counts = totalCounts(explained);
    // A layer that counts no operation (a view) cannot explain cycles: they stay with the rest.
    if (Object.keys(counts).length === 0 || cycles <= 0) return;
    observations.push({ counts, cycles });
    for (const step of explained) left.delete(step);
  };
  for (const { layers, cycles } of layerReadings(steps, inside, count)) observe(layers, cycles);
  for (const outer of OUTER) {
    const cycles = sumCycles(inside.filter(({ name }) => name === outer.function));
    observe(
      steps.filter(({ phase }) => phase === outer.phase),
      cycles,
    );
  }
  const explained = observations.reduce((sum, { cycles }) => sum + cycles, 0);
  observe([...left], whole - explained);
  return observations;
}

interface LayerReading {
  readonly layers: readonly StepCost[];
  readonly cycles: number;
}

function layerReadings(
  steps: readonly StepCost[],
  calls: readonly TimedCall[],
  count: number,
): LayerReading[] {
  const kinds = [...new Set(steps.map(({ kind }) => kind))].filter((kind) => kind !== '');
  return kinds.flatMap((kind) =>
    DIRECTIONS.flatMap(({ functions, phases }) => {
      const own = steps.filter((step) => step.kind === kind && phases.includes(step.phase));
      const names = [...new Set(own.map(({ layer }) => layer))];
      const seen = functions.map((suffix) => calls.filter(({ name }) => name === `${kind}_${suffix}`));
      const lists = seen.filter((list) => list.length > 0);
      // As often as the layers times the windows, or the calls cannot be told apart.
      if (lists.length === 0 || lists.some((list) => list.length !== names.length * count)) return [];
      return names.map((layer, position) => ({
        layers: own.filter((step) => step.layer === layer),
        cycles: sumCycles(
          lists.flatMap((list) => list.filter((_, call) => call % names.length === position)),
        ),
      }));
    }),
  );
}

function sumCycles(calls: readonly TimedCall[]): number {
  return calls.reduce((sum, { cycles }) => sum + cycles, 0);
}
