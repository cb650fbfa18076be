/**
 * Stochastic gradient descent without momentum: scale = rate / count, w = w - scale * g, every
 * operation rounded to single. The gradients are sums over the batch, hence the division.
 */
import type { OperationCounts, OperationType } from './layer.js';
import type { TrainingPlan } from './network.js';

const fl = Math.fround;

export const SGD_OPERATIONS: Readonly<Record<string, OperationType>> = {
  'sgd.zero.gradient': { what: 'one gradient cleared', arithmetic: {} },
  'sgd.update.parameter': { what: 'one parameter moved', arithmetic: { multiply: 1, add: 1 } },
  'sgd.update.call': { what: 'one update: the rate divided by the count', arithmetic: { divide: 1 } },
};

/** Clearing the gradients at the start of a batch. */
export function zeroCost(plan: TrainingPlan): OperationCounts {
  return { 'sgd.zero.gradient': plan.gradientCount };
}

/** The update at the end of a batch. */
export function updateCost(plan: TrainingPlan): OperationCounts {
  return { 'sgd.update.parameter': plan.gradientCount, 'sgd.update.call': 1 };
}

/** Moves the trained parameters after a batch of `count` windows; frozen ones are not touched. */
export function sgdUpdate(
  plan: TrainingPlan,
  parameters: Float32Array,
  gradients: Float32Array,
  learningRate: number,
  count: number,
): void {
  const scale = fl(fl(learningRate) / count);
  for (const { trained, parameterOffset, gradientOffset, parameterCount } of plan.steps) {
    if (!trained) continue;
    for (let i = 0; i < parameterCount; i++) {
      const step = fl(scale * (gradients[gradientOffset + i] as number));
      parameters[parameterOffset + i] = fl((parameters[parameterOffset + i] as number) - step);
    }
  }
}
