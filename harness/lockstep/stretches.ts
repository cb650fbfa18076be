/** How far to run between two comparisons. */

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The golden section: neighbours lie far apart, and any few of them spread evenly. */
const SECTION = 0.618;

/**
 * Lengths from 1 to `2 * mean - 1`, one for each turn, whose mean is `mean`. As many turns visit each length
 * once, so that a loop is stopped in at every place of its body.
 */
export function stretchLengths(mean: number): (turn: number) => number {
  const span = 2 * mean - 1;
  let stride = Math.max(1, Math.floor(span * SECTION));
  while (greatestCommonDivisor(stride, span) !== 1) stride++;
  return (turn) => 1 + (((turn % span) * stride) % span);
}
