import { describe, expect, it } from 'vitest';
import { fitCoefficients, type Observation } from '../../../harness/estimator/fit.js';

describe('fitting coefficients', () => {
  const observation = (a: number, b: number): Observation => ({
    counts: { 'x.a': a, 'x.b': b },
    cycles: 9 * a + 40 * b,
  });

  it('gives back the coefficients that made the cycles, by name in order', () => {
    const found = fitCoefficients([observation(1000, 1), observation(10, 5), observation(200, 30)]);
    expect(Object.keys(found)).toEqual(['x.a', 'x.b']);
    expect(found['x.a']).toBeCloseTo(9, 3);
    expect(found['x.b']).toBeCloseTo(40, 2);
  });

  it('weighs a short observation like a long one', () => {
    const long = { counts: { a: 1e6 }, cycles: 10e6 };
    const short = { counts: { a: 10 }, cycles: 120 };
    // Least sum of ((10 - x) / 10)^2 + ((12 - x) / 12)^2.
    const least = (1 / 10 + 1 / 12) / (1 / 100 + 1 / 144);
    expect(fitCoefficients([long, short]).a).toBeCloseTo(least, 3);
  });

  it('leaves out what took no cycles', () => {
    expect(
      fitCoefficients([
        { counts: { a: 5 }, cycles: 0 },
        { counts: { a: 5 }, cycles: 15 },
      ]).a,
    ).toBeCloseTo(3, 4);
  });
});
