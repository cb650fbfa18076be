import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, NAN_DISTANCE, ParityTally, ulpDistance } from '../../../harness/measure/parity.js';

const bits = (value: number) => bitsOf(Float32Array.of(value))[0] as number;
const distance = (a: number, b: number) => ulpDistance(bits(a), bits(b));

describe('the distance in ulp', () => {
  it('counts the values between', () => {
    expect(distance(1, 1)).toBe(0);
    expect(distance(1, 1 + 2 ** -23)).toBe(1);
    expect(distance(1, 1 - 2 ** -24)).toBe(1);
    expect(distance(1, 2)).toBe(2 ** 23);
    expect(distance(0, 2 ** -149)).toBe(1);
    expect(distance(-(2 ** -149), 2 ** -149)).toBe(3);
    expect(distance(3.4028234663852886e38, Number.POSITIVE_INFINITY)).toBe(1);
  });

  it('tells the zeros apart, and NaN from numbers but not from NaN', () => {
    expect(distance(0, -0)).toBe(1);
    expect(ulpDistance(0x7fc00000, 0xffc00001)).toBe(0);
    expect(ulpDistance(0x7fc00000, bits(1))).toBe(NAN_DISTANCE);
    expect(ulpDistance(0x7f800000, 0x7f800001)).toBe(NAN_DISTANCE);
  });

  it('is symmetric, and 0 only for the same bits', () => {
    const float = fc.float({ noNaN: true });
    fc.assert(
      fc.property(float, float, (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0).toBe(Object.is(a, b));
      }),
    );
  });
});

describe('the tally', () => {
  const stretches = [
    { name: 'gradient a', offset: 0, count: 2 },
    { name: 'gradient b', offset: 2, count: 2 },
  ];

  it('counts values, finds the greatest distance and remembers the first', () => {
    const tally = new ParityTally();
    tally.compare(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 2, 3, 4), stretches, 'batch 1');
    expect(tally).toMatchObject({ compared: 4, differing: 0, maxUlp: 0, first: undefined });
    const off = 3 + 2 ** -22;
    tally.compare(Float32Array.of(1, 2, 4, 4), Float32Array.of(1, 2, 4, 4 + 2 ** -21), stretches, 'batch 2');
    tally.compare(Float32Array.of(1, 2, off, 8), Float32Array.of(1, 2, 3, 4), stretches, 'batch 3');
    expect(tally).toMatchObject({
      compared: 12,
      differing: 3,
      maxUlp: 2 ** 23,
      first: {
        tensor: 'gradient b',
        index: 1,
        firmware: 4,
        reference: 4 + 2 ** -21,
        ulp: 1,
        where: 'batch 2',
      },
    });
  });

  it('sees a NaN on one side only', () => {
    const tally = new ParityTally();
    tally.compareValue(Number.NaN, Number.NaN, 'loss', 'batch 1');
    expect(tally.differing).toBe(0);
    tally.compareValue(Number.NaN, 1, 'loss', 'batch 2');
    expect(tally).toMatchObject({ compared: 2, differing: 1, maxUlp: NAN_DISTANCE });
  });

  it('refuses vectors of different length', () => {
    expect(() => new ParityTally().compare(new Float32Array(2), new Float32Array(3), [], '')).toThrow(
      RangeError,
    );
  });
});
