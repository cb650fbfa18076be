import { describe, expect, it } from 'vitest';
import { exp, log } from '../../../harness/reference/elementary.js';

/**
 * Arguments and results as words. The results are those of a C program of these operations, compiled by
 * gcc without contraction: they catch an operation that was not rounded, which 2 ulp would let pass.
 */
const EXP_WORDS: readonly [number, number][] = [
  [0xc2adefdf, 0x00b8f2c9],
  [0xc0beced0, 0x3b289d0f],
  [0xc2adfdc3, 0x00b3ff88],
  [0xc2a063e7, 0x059de730],
  [0xc24fffff, 0x19fc73a0],
  [0xc1978f9c, 0x31cb5edb],
  [0xc103fc60, 0x39891894],
  [0xbebfff00, 0x3f2ff289],
  [0x3aa50000, 0x3f802947],
  [0x3c240000, 0x3f8149a6],
  [0x41140ac8, 0x4622fff4],
  [0x42310004, 0x5f650300],
  [0x427700e8, 0x6c08059e],
  [0x42afff90, 0x7ef84c60],
];
const LOG_WORDS: readonly [number, number][] = [
  [0x3f8d805e, 0x3dcd5f62],
  [0x402e7c06, 0x3f8060c0],
  [0x3f8000fc, 0x37fbff08],
  [0x3f8002f3, 0x38bcbdd3],
  [0x3faf67a1, 0x3ea1505b],
  [0x3fb508c4, 0x3eb17ce3],
  [0x3ff33333, 0x3f245089],
  [0x403fffac, 0x3f8c9f1c],
  [0x4080003f, 0x3fb17257],
  [0x409fffeb, 0x3fce01ff],
  [0x40d5551d, 0x3ff2d4b2],
  [0x40dfffc1, 0x3ff91371],
  [0x00f13860, 0xc2ad67de],
  [0x5f457980, 0x4230684c],
];

const wordOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0];
const fromWord = (word: number) => new Float32Array(Uint32Array.of(word).buffer)[0] as number;

/** The distance of two single-precision numbers in units of the expected one's last place. */
function ulps(got: number, expected: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(expected))));
  return Math.abs(got - expected) / 2 ** (exponent - 23);
}

describe('exp', () => {
  it('is within 2 ulp of Math.exp from -87 to 88', () => {
    let worst = 0;
    for (let i = 0; i <= 350000; i++) {
      const x = Math.fround(-87 + i * 0.0005);
      worst = Math.max(worst, ulps(exp(x), Math.exp(x)));
    }
    expect(worst).toBeLessThan(2);
  });

  it('gives results that are single-precision numbers, fixed to the bit', () => {
    const golden: [number, number][] = [
      [0, 0x3f800000],
      [-0, 0x3f800000],
      [1, 0x402df854],
      [-1, 0x3ebc5ab2],
    ];
    for (const [x, word] of golden) {
      expect(new Uint32Array(Float32Array.of(exp(x)).buffer)[0]).toBe(word);
      expect(Math.fround(exp(x))).toBe(exp(x));
    }
  });

  it('has the very bits of the stated operations in single precision', () => {
    for (const [from, to] of EXP_WORDS) expect(wordOf(exp(fromWord(from))), from.toString(16)).toBe(to);
  });

  it('cuts off below -87 and overflows above 88', () => {
    expect(exp(Math.fround(-87.00001))).toBe(0);
    expect(exp(-87)).toBeGreaterThan(0);
    expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exp(88)).toBeLessThan(3.4e38);
    expect(exp(Math.fround(88.00001))).toBe(Number.POSITIVE_INFINITY);
    expect(exp(Number.NaN)).toBeNaN();
  });
});

describe('log', () => {
  it('is within 3 ulp of Math.log over the sums that softmax gives, the worst being near 1', () => {
    let worst = 0;
    for (let i = 1; i <= 500000; i++) {
      const s = Math.fround(1 + i * 0.00001);
      worst = Math.max(worst, ulps(log(s), Math.log(s)));
    }
    expect(worst).toBeLessThan(3);
  });

  it('is within 2 ulp over all normal numbers, save next to 1', () => {
    let worst = 0;
    for (let e = -126; e < 128; e++) {
      for (let m = 1; m < 2; m += 0.0137) {
        const s = Math.fround(m * 2 ** e);
        if (s < 0.7 || s > 1.42) worst = Math.max(worst, ulps(log(s), Math.log(s)));
      }
    }
    expect(worst).toBeLessThan(2);
  });

  it('has the very bits of the stated operations in single precision', () => {
    for (const [from, to] of LOG_WORDS) expect(wordOf(log(fromWord(from))), from.toString(16)).toBe(to);
  });

  it('is exactly 0 at 1, and a single-precision number everywhere', () => {
    expect(log(1)).toBe(0);
    for (let s = 1; s < 6; s += 0.01) expect(Math.fround(log(Math.fround(s)))).toBe(log(Math.fround(s)));
  });
});
