/**
 * Non-negative least squares: the x >= 0 that makes |A x - b| least, by the active-set method of Lawson and
 * Hanson ("Solving Least Squares Problems", 1974, chapter 23). Small and dense: tens of columns, hundreds
 * of rows. Columns are scaled to length 1 first. Where columns depend on each other, a small ridge chooses
 * among the equal solutions the one that shares evenly between them; the result is unique, and the same on
 * every machine.
 */

/** Added to the diagonal of the scaled normal equations; columns have length 1, so it is relative. */
const RIDGE = 1e-7;
/** Gradients below this share of the greatest one count as 0. */
const TOLERANCE = 1e-10;

/**
 * @param rows each as long as there are columns, at least one row
 * @param target one value a row
 * RangeError where the sizes do not fit.
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  target: readonly number[],
): number[] {
  const columns = rows[0]?.length ?? 0;
  if (columns === 0 || rows.length !== target.length || rows.some((row) => row.length !== columns)) {
    throw new RangeError(`${rows.length} rows of ${columns} columns with ${target.length} targets`);
  }
  const scales = columnLengths(rows, columns);
  const scaled = rows.map((row) => row.map((value, j) => value / (scales[j] as number)));
  const gram = normalMatrix(scaled, columns);
  const right = Array.from({ length: columns }, (_, j) => dot(scaled, target, j));
  return activeSet(gram, right).map((value, j) => value / (scales[j] as number));
}

/** Minimises x'Gx / 2 - r'x over x >= 0. */
function activeSet(gram: readonly (readonly number[])[], right: readonly number[]): number[] {
  const columns = right.length;
  const least = TOLERANCE * Math.max(...right.map(Math.abs));
  let x = new Array<number>(columns).fill(0);
  const free = new Set<number>();
  for (let round = 0; round < 10 * columns; round++) {
    const descent = right.map((r, j) => r - product(gram[j] as readonly number[], x));
    let best = -1;
    for (let j = 0; j < columns; j++) {
      if (free.has(j) || (descent[j] as number) <= least) continue;
      if (best < 0 || (descent[j] as number) > (descent[best] as number)) best = j;
    }
    if (best < 0) return x;
    free.add(best);
    x = descend(gram, right, x, free);
  }
  return x;
}

/** Solves for the free columns; one that would turn negative stops the step and is fixed at 0 again. */
function descend(
  gram: readonly (readonly number[])[],
  right: readonly number[],
  from: readonly number[],
  free: Set<number>,
): number[] {
  const x = [...from];
  for (;;) {
    const list = [...free].sort((a, b) => a - b);
    const solution = solve(gram, right, list);
    const step = list.reduce((least, j, i) => {
      const wanted = solution[i] as number;
      const now = x[j] as number;
      return wanted > 0 ? least : Math.min(least, now / (now - wanted));
    }, 1);
    list.forEach((j, i) => {
      x[j] = (x[j] as number) + step * ((solution[i] as number) - (x[j] as number));
    });
    if (list.every((_, i) => (solution[i] as number) > 0)) return x;
    for (const [i, j] of list.entries()) {
      if ((solution[i] as number) > 0 || (x[j] as number) > TOLERANCE) continue;
      x[j] = 0;
      free.delete(j);
    }
    if (free.size === 0) return x;
  }
}

/** Cholesky on the free columns. */
function solve(
  gram: readonly (readonly number[])[],
  right: readonly number[],
  list: readonly number[],
): number[] {
  const n = list.length;
  const lower = list.map(() => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    const row = lower[i] as number[];
    for (let j = 0; j <= i; j++) {
      const other = lower[j] as number[];
      let sum = gram[list[i] as number]?.[list[j] as number] as number;
      for (let k = 0; k < j; k++) sum -= (row[k] as number) * (other[k] as number);
      row[j] = i === j ? Math.sqrt(Math.max(sum, Number.EPSILON)) : sum / (other[j] as number);
    }
  }
  const y = new Array<number>(n).fill(0);
  for (let i = 0; i < n; i++) {
    const row = lower[i] as number[];
    y[i] = ((right[list[i] as number] as number) - product(row, y)) / (row[i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = y[i] as number;
    for (let k = i + 1; k < n; k++) sum -= ((lower[k] as number[])[i] as number) * (y[k] as number);
    y[i] = sum / ((lower[i] as number[])[i] as number);
  }
  return y;
}

function product(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function dot(rows: readonly (readonly number[])[], target: readonly number[], column: number): number {
  return rows.reduce((sum, row, i) => sum + (row[column] as number) * (target[i] as number), 0);
}

function normalMatrix(rows: readonly (readonly number[])[], columns: number): number[][] {
  return Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) =>
      rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), i === j ? RIDGE : 0),
    ),
  );
}

/** A column of zeros keeps length 1: its coefficient stays 0. */
function columnLengths(rows: readonly (readonly number[])[], columns: number): number[] {
  return Array.from({ length: columns }, (_, j) => {
    const length = Math.sqrt(rows.reduce((sum, row) => sum + (row[j] as number) ** 2, 0));
    return length === 0 ? 1 : length;
  });
}
