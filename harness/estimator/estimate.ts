/**
 * What training will take, before anything runs: memory by kind from the arena's plan, operations by layer
 * and phase from the layers' formulas, cycles by one coefficient an operation type. Memory is exact; cycles
 * are as good as the calibration and travel with its timing model.
 */
import { UserError } from '../../emulator/index.js';
import { batchCost, type Phase, type StepCost } from '../reference/cost.js';
import { arenaPlan, type BufferKind } from '../reference/memory.js';
import type { Mode, Network } from '../reference/network.js';
import type { Calibration } from './calibration.js';

export interface MemoryEstimate {
  /** The whole arena. */
  readonly bytes: number;
  /** In the order of the arena; every kind once, 0 where the mode needs none. */
  readonly kinds: readonly { readonly kind: BufferKind; readonly bytes: number }[];
}

export interface StepEstimate {
  readonly phase: Phase;
  /** A layer's name, empty around them. */
  readonly layer: string;
  readonly cycles: number;
}

export interface CycleEstimate {
  /** Whole cycles of one train_batch. */
  readonly cycles: number;
  readonly steps: readonly StepEstimate[];
}

export function estimateMemory(network: Network, mode: Mode, batchCapacity: number): MemoryEstimate {
  const bytes = new Map<BufferKind, number>();
  for (const buffer of arenaPlan(network, mode, batchCapacity)) {
    bytes.set(buffer.kind, (bytes.get(buffer.kind) ?? 0) + buffer.bytes);
  }
  const kinds = [...bytes].map(([kind, sum]) => ({ kind, bytes: sum }));
  return { bytes: kinds.reduce((sum, entry) => sum + entry.bytes, 0), kinds };
}

/** UserError where the calibration lacks an operation type: it is then of another network's layers. */
export function estimateCycles(
  network: Network,
  mode: Mode,
  count: number,
  calibration: Pick<Calibration, 'cyclesPerOperation'>,
): CycleEstimate {
  const steps = batchCost(network, mode, count).map(({ phase, layer, counts }) => ({
    phase,
    layer,
    cycles: cyclesOf(counts, calibration.cyclesPerOperation),
  }));
  return { cycles: Math.round(steps.reduce((sum, step) => sum + step.cycles, 0)), steps };
}

function cyclesOf(counts: StepCost['counts'], coefficients: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce((sum, [type, count]) => {
    const each = coefficients[type];
    if (each !== undefined) return sum + each * count;
    throw new UserError({
      code: 'calibration-type',
      what: 'the calibration',
      expected: `has no operation type ${type}, which this network needs`,
      fix: 'make it anew with `m4lab calibrate`',
    });
  }, 0);
}
