/**
 * Fits the cycles of each operation type to what was measured. Pure: observations in, coefficients out.
 *
 * Each layer's function is an observation of its own, so that a convolution's cost is not guessed from the
 * sum of everything. Errors are relative: every observation counts alike, the long ones and the short.
 */
import type { OperationCounts } from '../reference/layer.js';
import { nonNegativeLeastSquares } from './nnls.js';

/** So many cycles were measured where the formulas count these operations. */
export interface Observation {
  readonly counts: OperationCounts;
  /** More than 0. */
  readonly cycles: number;
}

/** Digits kept: far below any error of the model, and short in the file. */
const DIGITS = 6;

/** Cycles of one operation, for every type that occurs, by name in alphabetical order. */
export function fitCoefficients(observations: readonly Observation[]): Record<string, number> {
  const types = [...new Set(observations.flatMap(({ counts }) => Object.keys(counts)))].sort();
  const used = observations.filter(({ cycles }) => cycles > 0);
  const rows = used.map(({ counts, cycles }) => types.map((type) => (counts[type] ?? 0) / cycles));
  const solution = nonNegativeLeastSquares(
    rows,
    used.map(() => 1),
  );
  return Object.fromEntries(
    types.map((type, i) => [type, Number((solution[i] as number).toPrecision(DIGITS))]),
  );
}
