/**
 * exp and log in single precision, as the firmware computes them: every operation rounded to float32,
 * no library call, no table. Meant for softmax and its loss, not as a replacement of Math.exp:
 * results below 2^-126 are cut off and log takes normal positive numbers only.
 *
 * Range reduction splits ln 2 in a part whose low bits are zero, 0.693359375 = 355/512, and a rest,
 * so that n * high is exact (Cody and Waite, "Software Manual for the Elementary Functions", 1980).
 */
const fl = Math.fround;

const LOG2_E = fl(Math.LOG2E);
const LN2_HIGH = fl(0.693359375);
const LN2_LOW = fl(-2.1219444e-4);
const SQRT2 = fl(1.41421354);

/** Taylor's coefficients of exp, highest first. */
const EXP_SERIES = Float32Array.of(1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1, 1);
/** log((1+t)/(1-t)) = 2t (1 + t^2/3 + t^4/5 + ...), highest first. */
const LOG_SERIES = Float32Array.of(1 / 9, 1 / 7, 1 / 5, 1 / 3, 1);

const bits = new Uint32Array(1);
const asFloat = new Float32Array(bits.buffer);

/** Coefficients by Horner's rule, highest first. */
function polynomial(series: Float32Array, x: number): number {
  let p = series[0] as number;
  for (let i = 1; i < series.length; i++) {
    p = fl(fl(p * x) + (series[i] as number));
  }
  return p;
}

/** e^x within 2 ulp for -87 <= x <= 88; +0 below, +infinity above, NaN for NaN. */
export function exp(x: number): number {
  if (x < -87) return 0;
  if (x > 88) return Number.POSITIVE_INFINITY;
  const t = fl(x * LOG2_E);
  const n = Math.trunc(t < 0 ? fl(t - 0.5) : fl(t + 0.5));
  const r = fl(fl(x - fl(n * LN2_HIGH)) - fl(n * LN2_LOW));
  bits[0] = (n + 127) << 23;
  return fl(polynomial(EXP_SERIES, r) * (asFloat[0] as number));
}

/** The natural logarithm of a normal positive number, within 2 ulp; within 3 between 0.7 and 1.42. */
export function log(s: number): number {
  asFloat[0] = s;
  const word = bits[0] as number;
  let e = (word >>> 23) - 127;
  bits[0] = (word & 0x007fffff) | 0x3f800000;
  let m = asFloat[0] as number;
  if (m > SQRT2) {
    m = fl(m * 0.5);
    e += 1;
  }
  const f = fl(m - 1);
  const t = fl(f / fl(2 + f));
  const p = polynomial(LOG_SERIES, fl(t * t));
  const q = fl(fl(t * p) * 2);
  return fl(fl(e * LN2_HIGH) + fl(q + fl(e * LN2_LOW)));
}
