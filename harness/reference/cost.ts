/**
 * What a whole batch executes: the layers' cost formulas summed over the steps that a mode runs.
 * Counts only; how many cycles one operation of a type takes is the estimator's calibration.
 */
import type { OperationCounts, OperationType } from './layer.js';
import { LAYER_KINDS } from './layers.js';
import type { Mode, Network } from './network.js';
import { SGD_OPERATIONS, updateCost, zeroCost } from './sgd.js';

const BATCH_OPERATIONS: Readonly<Record<string, OperationType>> = {
  'batch.window': { what: 'one window of a batch: the loop around its layers', arithmetic: {} },
  'batch.call': { what: 'one batch: the mean of its losses', arithmetic: { divide: 1 } },
};

/** Every operation type there is, by name. */
export const OPERATION_TYPES: Readonly<Record<string, OperationType>> = Object.assign(
  {},
  ...LAYER_KINDS.map((kind) => kind.operations),
  SGD_OPERATIONS,
  BATCH_OPERATIONS,
);

/** A phase of a batch: the layers' three, clearing the gradients, the update, and what stands around them. */
export type Phase = 'forward' | 'backwardWeights' | 'backwardInput' | 'zero' | 'update' | 'batch';

/** The counts of one phase of one layer over a whole batch. `layer` is empty where no layer is meant. */
export interface StepCost {
  readonly phase: Phase;
  readonly layer: string;
  readonly kind: string;
  readonly counts: OperationCounts;
}

function timesWindows(counts: OperationCounts, windows: number): OperationCounts {
  return Object.fromEntries(Object.entries(counts).map(([type, n]) => [type, n * windows]));
}

function outer(phase: Phase, counts: OperationCounts): StepCost {
  return { phase, layer: '', kind: '', counts };
}

/** What evaluating a batch of `count` windows executes, in order. */
export function evaluateCost(network: Network, count: number): StepCost[] {
  const forward = network.layers.map(({ layer }): StepCost => {
    const counts = timesWindows(layer.cost.forward, count);
    return { phase: 'forward', layer: layer.name, kind: layer.kind, counts };
  });
  return [outer('batch', { 'batch.window': count, 'batch.call': 1 }), ...forward];
}

/** What training one batch of `count` windows executes. */
export function batchCost(network: Network, mode: Mode, count: number): StepCost[] {
  const plan = network.plan(mode);
  const backward = plan.steps
    .toReversed()
    .flatMap(({ layer, trained, runsBackward, propagates }): StepCost[] => {
      const phases: Phase[] = [];
      if (runsBackward && trained) phases.push('backwardWeights');
      if (runsBackward && propagates) phases.push('backwardInput');
      return phases.map((phase) => ({
        phase,
        layer: layer.name,
        kind: layer.kind,
        counts: timesWindows(layer.cost[phase as 'backwardWeights' | 'backwardInput'], count),
      }));
    });
  return [
    outer('zero', zeroCost(plan)),
    ...evaluateCost(network, count),
    ...backward,
    outer('update', updateCost(plan)),
  ];
}

/** The counts of all steps together, by operation type. */
export function totalCounts(steps: readonly StepCost[]): OperationCounts {
  const total: Record<string, number> = {};
  for (const { counts } of steps) {
    for (const [type, n] of Object.entries(counts)) {
      total[type] = (total[type] ?? 0) + n;
    }
  }
  return total;
}

/** The arithmetic that these counts stand for. exp and log count once each, not by their inner steps. */
export function arithmeticOf(counts: OperationCounts) {
  const sum = { multiply: 0, add: 0, divide: 0, compare: 0, exp: 0, log: 0 };
  for (const [type, n] of Object.entries(counts)) {
    const arithmetic = OPERATION_TYPES[type]?.arithmetic;
    if (arithmetic === undefined) throw new RangeError(`operation type ${type} is not declared`);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) {
      sum[key] += n * (arithmetic[key] ?? 0);
    }
  }
  return sum;
}
