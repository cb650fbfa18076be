/**
 * IEEE single arithmetic to the bit, with FPSCR's rounding modes, FZ, DN and cumulative flags (DDI 0403, A2.5
 * and its FP pseudocode). Values are bits in an i32.
 *
 * Every operation is computed in double precision, rounded to odd when inexact, and rounded once to single:
 * 53 bits are more than twice 24 plus two, so that the second rounding is the only one that shows.
 */

export const FPSCR = {
  IOC: 1 << 0,
  DZC: 1 << 1,
  OFC: 1 << 2,
  UFC: 1 << 3,
  IXC: 1 << 4,
  IDC: 1 << 7,
  RMODE: 3 << 22,
  FZ: 1 << 24,
  DN: 1 << 25,
  AHP: 1 << 26,
} as const;

const DEFAULT_NAN = 0x7fc00000;
const QUIET = 0x00400000;
const INFINITY_BITS = 0x7f800000;
const SMALLEST_NORMAL = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

const bits = new Int32Array(1);
const single = new Float32Array(bits.buffer);
const wide = new Float64Array(1);
const wideBits = new BigInt64Array(wide.buffer);
const wideWords = new Int32Array(wide.buffer);

function toNumber(a: number): number {
  bits[0] = a;
  return single[0] as number;
}

function toBits(value: number): number {
  single[0] = value;
  return bits[0] as number;
}

const isNaNBits = (a: number): boolean => (a & 0x7fffffff) > INFINITY_BITS;
const isSignalling = (a: number): boolean => isNaNBits(a) && (a & QUIET) === 0;
const isDenormal = (a: number): boolean => (a & INFINITY_BITS) === 0 && (a & 0x007fffff) !== 0;

/** Rounding modes as FPSCR numbers them. */
const NEAREST = 0;
const UP = 1;
const DOWN = 2;

/** The IEEE double whose last bit says that `sum + error` is inexact: round to odd. */
function roundToOdd(sum: number, error: number): number {
  if (error === 0 || !Number.isFinite(sum)) return sum;
  wide[0] = sum;
  if ((wideWords[0] as number) & 1) return sum;
  const away = error > 0 === sum > 0;
  wideBits[0] = (wideBits[0] as bigint) + (away ? 1n : -1n);
  return wide[0] as number;
}

/** Arithmetic that reads its modes from, and sets its flags in, one word of `words`. */
export class FloatingPoint {
  private readonly words: Int32Array;
  private readonly index: number;

  /** @param words holds FPSCR at `index` */
  constructor(words: Int32Array, index: number) {
    this.words = words;
    this.index = index;
  }

  private get fpscr(): number {
    return this.words[this.index] as number;
  }

  private raise(flags: number): void {
    this.words[this.index] = this.fpscr | flags;
  }

  /** An operand after FZ: a denormal reads as a zero of its sign and sets IDC. */
  private unpack(a: number): number {
    if ((this.fpscr & FPSCR.FZ) !== 0 && isDenormal(a)) {
      this.raise(FPSCR.IDC);
      return a & 0x80000000;
    }
    return a;
  }

  /** FPProcessNaN(): quiets, or the default NaN under DN; a signalling one sets IOC. */
  private processNaN(a: number): number {
    if (isSignalling(a)) this.raise(FPSCR.IOC);
    return this.fpscr & FPSCR.DN ? DEFAULT_NAN : a | QUIET;
  }

  /** FPProcessNaNs(): the first signalling operand, else the first quiet one. */
  private processNaNs(...operands: readonly number[]): number {
    const chosen = operands.find(isSignalling) ?? operands.find(isNaNBits) ?? DEFAULT_NAN;
    return this.processNaN(chosen);
  }

  private invalid(): number {
    this.raise(FPSCR.IOC);
    return DEFAULT_NAN;
  }

  /** FPRound() of a finite, nonzero double that is exact or was rounded to odd. */
  private round(value: number): number {
    const magnitude = Math.abs(value);
    const sign = value < 0 ? 0x80000000 | 0 : 0;
    if (magnitude < SMALLEST_NORMAL && (this.fpscr & FPSCR.FZ) !== 0) {
      this.raise(FPSCR.UFC);
      return sign;
    }
    const result = this.roundMagnitude(magnitude, sign !== 0);
    const inexact = result !== magnitude;
    if (inexact) this.raise(magnitude < SMALLEST_NORMAL ? FPSCR.UFC | FPSCR.IXC : FPSCR.IXC);
    if (result > LARGEST) this.raise(FPSCR.OFC | FPSCR.IXC);
    return sign | toBits(result);
  }

  /** The single nearest to a positive double in this direction; infinity or the largest on overflow. */
  private roundMagnitude(magnitude: number, negative: boolean): number {
    const mode = (this.fpscr & FPSCR.RMODE) >>> 22;
    const nearest = Math.fround(magnitude);
    if (mode === NEAREST) return nearest;
    const awayFromZero = (mode === UP && !negative) || (mode === DOWN && negative);
    if (nearest === magnitude) return nearest;
    if (nearest > magnitude) return awayFromZero ? nearest : this.neighbour(nearest, -1, magnitude);
    return awayFromZero ? this.neighbour(nearest, 1, magnitude) : nearest;
  }

  private neighbour(value: number, step: 1 | -1, magnitude: number): number {
    if (value === Number.POSITIVE_INFINITY) {
      // Rounded towards zero, only 2^128 and more overflows: what lies below it rounds to the largest.
      this.raise(magnitude >= 2 ** 128 ? FPSCR.OFC | FPSCR.IXC : 0);
      return LARGEST;
    }
    return toNumber(toBits(value) + step);
  }

  /** A sum that is exactly zero: +0, or -0 when rounding towards minus infinity. */
  private exactZero(): number {
    return (this.fpscr & FPSCR.RMODE) >>> 22 === DOWN ? 0x80000000 | 0 : 0;
  }

  private finish(value: number, zero: number): number {
    return value === 0 ? zero : this.round(value);
  }

  add(a: number, b: number): number {
    const x = toNumber(a);
    const y = toNumber(b);
    const result = Math.fround(x + y);
    if (this.quick(result)) return toBits(result);
    return this.addExactly(this.unpack(a), this.unpack(b));
  }

  sub(a: number, b: number): number {
    const x = toNumber(a);
    const y = toNumber(b);
    const result = Math.fround(x - y);
    if (this.quick(result)) return toBits(result);
    const [p, q] = [this.unpack(a), this.unpack(b)];
    if (isNaNBits(p) || isNaNBits(q)) return this.processNaNs(p, q);
    return this.addExactly(p, q ^ 0x80000000);
  }

  mul(a: number, b: number): number {
    const x = toNumber(a);
    const y = toNumber(b);
    const result = Math.fround(x * y);
    if (this.quick(result)) return toBits(result);
    return this.mulExactly(this.unpack(a), this.unpack(b));
  }

  /**
   * True when the plain host operation is the whole answer: to nearest, FZ off, IXC set already (so that
   * inexactness has nothing to add), and a normal result.
   */
  private quick(result: number): boolean {
    const magnitude = Math.abs(result);
    return (
      magnitude > SMALLEST_NORMAL &&
      magnitude <= LARGEST &&
      (this.fpscr & (FPSCR.RMODE | FPSCR.FZ | FPSCR.IXC)) === FPSCR.IXC
    );
  }

  private addExactly(a: number, b: number): number {
    if (isNaNBits(a) || isNaNBits(b)) return this.processNaNs(a, b);
    const x = toNumber(a);
    const y = toNumber(b);
    const sum = x + y;
    if (Number.isNaN(sum)) return this.invalid();
    if (!Number.isFinite(sum)) return toBits(sum);
    const yPart = sum - x;
    const error = x - (sum - yPart) + (y - yPart);
    const zero = x === 0 && y === 0 && a === b ? a : this.exactZero();
    return this.finish(roundToOdd(sum, error), zero);
  }

  private mulExactly(a: number, b: number): number {
    if (isNaNBits(a) || isNaNBits(b)) return this.processNaNs(a, b);
    const product = toNumber(a) * toNumber(b);
    if (Number.isNaN(product)) return this.invalid();
    if (!Number.isFinite(product)) return toBits(product);
    return this.finish(product, (a ^ b) & 0x80000000);
  }

  div(a: number, b: number): number {
    const p = this.unpack(a);
    const q = this.unpack(b);
    if (isNaNBits(p) || isNaNBits(q)) return this.processNaNs(p, q);
    const x = toNumber(p);
    const y = toNumber(q);
    const sign = (p ^ q) & 0x80000000;
    if (y === 0 && x !== 0 && Number.isFinite(x)) {
      this.raise(FPSCR.DZC);
      return sign | INFINITY_BITS;
    }
    const quotient = x / y;
    if (Number.isNaN(quotient)) return this.invalid();
    if (!Number.isFinite(x)) return sign | INFINITY_BITS;
    if (quotient === 0) return sign;
    // No quotient lies between the largest single and 2^128: beyond, the remainder decides nothing.
    const error = Math.abs(quotient) > LARGEST ? 0 : remainderOf(x, y, quotient);
    return this.round(roundToOdd(quotient, error));
  }

  sqrt(a: number): number {
    const p = this.unpack(a);
    if (isNaNBits(p)) return this.processNaN(p);
    const x = toNumber(p);
    if (x === 0) return p;
    if (x < 0) return this.invalid();
    if (!Number.isFinite(x)) return p;
    const root = Math.sqrt(x);
    return this.round(roundToOdd(root, squareRemainder(x, root)));
  }

  /** addend + a * b with one rounding. */
  mulAdd(addend: number, a: number, b: number): number {
    const c = this.unpack(addend);
    const p = this.unpack(a);
    const q = this.unpack(b);
    const x = toNumber(p);
    const y = toNumber(q);
    const product = x * y;
    const impossible = Number.isNaN(product) && !isNaNBits(p) && !isNaNBits(q);
    if (impossible && isNaNBits(c) && !isSignalling(c)) return this.invalid();
    if (isNaNBits(c) || isNaNBits(p) || isNaNBits(q)) return this.processNaNs(c, p, q);
    const z = toNumber(c);
    const sum = product + z;
    if (impossible || Number.isNaN(sum)) return this.invalid();
    if (!Number.isFinite(sum)) return toBits(sum);
    const zPart = sum - product;
    const error = product - (sum - zPart) + (z - zPart);
    const productSign = (p ^ q) & 0x80000000;
    const bothZero = product === 0 && z === 0 && productSign === (c & 0x80000000);
    return this.finish(roundToOdd(sum, error), bothZero ? productSign : this.exactZero());
  }

  /** NZCV of a comparison into FPSCR 31:28. */
  compare(a: number, b: number, signalling: boolean): void {
    const p = this.unpack(a);
    const q = this.unpack(b);
    let nzcv = 3;
    if (isNaNBits(p) || isNaNBits(q)) {
      if (signalling || isSignalling(p) || isSignalling(q)) this.raise(FPSCR.IOC);
    } else {
      const x = toNumber(p);
      const y = toNumber(q);
      nzcv = x === y ? 6 : x < y ? 8 : 2;
    }
    this.words[this.index] = (this.fpscr & 0x0fffffff) | (nzcv << 28);
  }

  /** FPToFixed(): saturates, setting IOC; sets IXC when the value was not a whole number. */
  toFixed(a: number, width: 16 | 32, fractionBits: number, unsigned: boolean, towardsZero: boolean): number {
    const p = this.unpack(a);
    if (isNaNBits(p)) {
      this.raise(FPSCR.IOC);
      return 0;
    }
    const scaled = toNumber(p) * 2 ** fractionBits;
    const whole = this.toWhole(scaled, towardsZero);
    const low = unsigned ? 0 : -(2 ** (width - 1));
    const high = unsigned ? 2 ** width - 1 : 2 ** (width - 1) - 1;
    if (whole < low || whole > high) {
      this.raise(FPSCR.IOC);
      return (whole < low ? low : high) | 0;
    }
    if (whole !== scaled) this.raise(FPSCR.IXC);
    return whole | 0;
  }

  private toWhole(value: number, towardsZero: boolean): number {
    const mode = (this.fpscr & FPSCR.RMODE) >>> 22;
    if (!Number.isFinite(value)) return value;
    if (towardsZero || mode === 3) return Math.trunc(value);
    if (mode === UP) return Math.ceil(value);
    const floor = Math.floor(value);
    if (mode === DOWN) return floor;
    const fraction = value - floor;
    if (fraction === 0.5) return floor % 2 === 0 ? floor : floor + 1;
    return fraction < 0.5 ? floor : floor + 1;
  }

  /** FixedToFP(). */
  fromFixed(a: number, fractionBits: number, unsigned: boolean, toNearest: boolean): number {
    const value = (unsigned ? a >>> 0 : a) / 2 ** fractionBits;
    if (value === 0) return 0;
    if (!toNearest) return this.round(value);
    const saved = this.fpscr;
    this.words[this.index] = saved & ~FPSCR.RMODE;
    const result = this.round(value);
    this.raise(saved & FPSCR.RMODE);
    return result;
  }

  /** Half precision, IEEE or (AHP) alternative, to single: always exact. */
  fromHalf(a: number): number {
    const sign = (a & 0x8000) << 16;
    const exponent = (a >>> 10) & 0x1f;
    const fraction = a & 0x3ff;
    if (exponent === 0x1f && (this.fpscr & FPSCR.AHP) === 0) {
      if (fraction === 0) return sign | INFINITY_BITS;
      return this.processNaN(sign | INFINITY_BITS | (fraction << 13));
    }
    if (exponent === 0) return sign | toBits(fraction * 2 ** -24);
    return sign | ((exponent + 112) << 23) | (fraction << 13);
  }

  /** Single to half precision in the low 16 bits. */
  toHalf(a: number): number {
    const p = this.unpack(a);
    const sign = (p >>> 16) & 0x8000;
    const alternative = (this.fpscr & FPSCR.AHP) !== 0;
    if (isNaNBits(p)) return this.nanToHalf(p, sign, alternative);
    const magnitude = Math.abs(toNumber(p));
    if (magnitude === Number.POSITIVE_INFINITY) {
      if (!alternative) return sign | 0x7c00;
      this.raise(FPSCR.IOC);
      return sign | 0x7fff;
    }
    return sign | this.roundHalf(magnitude, sign !== 0, alternative);
  }

  private nanToHalf(p: number, sign: number, alternative: boolean): number {
    if (alternative) {
      this.raise(FPSCR.IOC);
      return sign;
    }
    const quieted = this.processNaN(p);
    return ((quieted >>> 16) & 0x8000) | 0x7e00 | ((quieted >>> 13) & 0x3ff);
  }

  private roundHalf(magnitude: number, negative: boolean, alternative: boolean): number {
    const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
    const unit = 2 ** (exponent - 10);
    const mode = (this.fpscr & FPSCR.RMODE) >>> 22;
    const signed = negative ? -magnitude / unit : magnitude / unit;
    const whole = Math.abs(this.toWhole(signed, false));
    const inexact = whole !== magnitude / unit;
    const rounded = whole * unit;
    const limit = alternative ? 2 ** 17 - 2 ** 6 : 65504;
    if (rounded > limit && alternative) {
      this.raise(FPSCR.IOC);
      return 0x7fff;
    }
    if (rounded > limit) {
      this.raise(FPSCR.OFC | FPSCR.IXC);
      const toInfinity = mode === NEAREST || (mode === UP && !negative) || (mode === DOWN && negative);
      return toInfinity ? 0x7c00 : 0x7bff;
    }
    if (inexact) this.raise(magnitude < 2 ** -14 ? FPSCR.UFC | FPSCR.IXC : FPSCR.IXC);
    if (rounded < 2 ** -14) return rounded / 2 ** -24;
    const e = Math.floor(Math.log2(rounded));
    return ((e + 15) << 10) | (rounded / 2 ** (e - 10) - 1024);
  }
}

/** Sign of x - quotient * y, exact: two products that doubles hold. The quotient is in a single's range. */
function remainderOf(x: number, y: number, quotient: number): number {
  const high = Math.fround(quotient);
  const low = quotient - high;
  const rest = x - high * y - low * y;
  return y > 0 ? rest : -rest;
}

/** Sign of x - root^2, exact: the halves' products fit a double each. */
function squareRemainder(x: number, root: number): number {
  const high = Math.fround(root);
  const low = root - high;
  return x - high * high - 2 * high * low - low * low;
}
