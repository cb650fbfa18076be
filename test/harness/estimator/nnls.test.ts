import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nonNegativeLeastSquares } from '../../../harness/estimator/nnls.js';

const residual = (rows: readonly number[][], x: readonly number[], target: readonly number[]) =>
  rows.reduce((sum, row, i) => {
    const value = row.reduce((s, a, j) => s + a * (x[j] as number), 0);
    return sum + (value - (target[i] as number)) ** 2;
  }, 0);

describe('non-negative least squares', () => {
  it('finds an exact solution, whatever the scale of a column', () => {
    const truth = [2, 0.5, 3000];
    const rows = [
      [1, 400, 0.001],
      [3, 100, 0.004],
      [2, 900, 0.002],
      [7, 50, 0.009],
    ];
    const target = rows.map((row) => row.reduce((sum, a, j) => sum + a * (truth[j] as number), 0));
    const found = nonNegativeLeastSquares(rows, target);
    found.forEach((value, j) => {
      expect(value / (truth[j] as number)).toBeCloseTo(1, 2);
    });
  });

  it('holds at 0 what would be negative, and refits the rest (Lawson and Hanson’s case of a bound)', () => {
    // Unbounded: x = (3, -1). Bounded: the second at 0, the first at (1 * 2 + 1 * 1 + 2 * 5) / 6.
    const rows = [
      [1, 1],
      [1, 2],
      [2, 1],
    ];
    const [first, second] = nonNegativeLeastSquares(rows, [2, 1, 5]);
    expect(second).toBe(0);
    expect(first).toBeCloseTo(13 / 6, 5);
  });

  it('shares evenly between columns that cannot be told apart, and gives 0 to an empty one', () => {
    const rows = [
      [1, 1, 0],
      [2, 2, 0],
    ];
    const [a, b, c] = nonNegativeLeastSquares(rows, [10, 20]);
    expect(a).toBeCloseTo(5, 4);
    expect(b).toBeCloseTo(5, 4);
    expect(c).toBe(0);
  });

  it('is never beaten by a point nearby', () => {
    const entry = fc.integer({ min: 0, max: 50 });
    const row = fc.array(entry, { minLength: 3, maxLength: 3 });
    const problem = fc.tuple(
      fc.array(row, { minLength: 4, maxLength: 6 }),
      fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 6, maxLength: 6 }),
    );
    fc.assert(
      fc.property(problem, ([rows, values]) => {
        const target = values.slice(0, rows.length);
        const x = nonNegativeLeastSquares(rows, target);
        expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
        const least = residual(rows, x, target);
        for (let j = 0; j < 3; j++) {
          for (const step of [-0.01, 0.01]) {
            const other = x.map((value, i) => (i === j ? Math.max(0, value + step) : value));
            expect(residual(rows, other, target)).toBeGreaterThanOrEqual(least - 1e-3 * (1 + least));
          }
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('refuses sizes that do not fit', () => {
    expect(() => nonNegativeLeastSquares([], [])).toThrow(RangeError);
    expect(() => nonNegativeLeastSquares([[1], [2]], [1])).toThrow(RangeError);
    expect(() => nonNegativeLeastSquares([[1, 2], [2]], [1, 2])).toThrow(RangeError);
  });
});
