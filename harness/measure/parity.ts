/**
 * Compares float32 values with the reference to the bit, counts them, and remembers the first that differs.
 * The distance is in ulp: how many float32 values lie between. +0 and -0 are 1 apart; two NaNs are equal (the
 * reference's own NaN has no defined bits); a NaN and a number are as far apart as can be.
 */

/** The distance of a NaN from every number. */
export const NAN_DISTANCE = 0xffffffff;

export interface Mismatch {
  /** The tensor, as in `gradient conv1.w`. */
  readonly tensor: string;
  /** The element within the tensor. */
  readonly index: number;
  readonly firmware: number;
  readonly reference: number;
  readonly ulp: number;
  /** Where in the run: `batch 3`. */
  readonly where: string;
}

/** A stretch of a vector with a name. */
export interface Stretch {
  readonly name: string;
  readonly offset: number;
  readonly count: number;
}

export class ParityTally {
  compared = 0;
  maxUlp = 0;
  /** Values that differ. */
  differing = 0;
  first: Mismatch | undefined;

  /** Compares whole vectors; RangeError if they are not equally long. Stretches name the elements. */
  compare(
    firmware: Float32Array,
    reference: Float32Array,
    stretches: readonly Stretch[],
    where: string,
  ): void {
    if (firmware.length !== reference.length) {
      throw new RangeError(`${firmware.length} values against ${reference.length}`);
    }
    const a = bitsOf(firmware);
    const b = bitsOf(reference);
    this.compared += a.length;
    for (let i = 0; i < a.length; i++) {
      if (a[i] !== b[i]) this.#differ(i, a, b, stretches, where);
    }
  }

  compareValue(firmware: number, reference: number, name: string, where: string): void {
    const stretch = { name, offset: 0, count: 1 };
    this.compare(Float32Array.of(firmware), Float32Array.of(reference), [stretch], where);
  }

  #differ(at: number, a: Uint32Array, b: Uint32Array, stretches: readonly Stretch[], where: string): void {
    const ulp = ulpDistance(a[at] as number, b[at] as number);
    if (ulp === 0) return;
    this.differing += 1;
    this.maxUlp = Math.max(this.maxUlp, ulp);
    if (this.first !== undefined) return;
    const stretch = stretches.find(({ offset, count }) => at >= offset && at < offset + count);
    this.first = {
      tensor: stretch?.name ?? 'value',
      index: at - (stretch?.offset ?? 0),
      firmware: floatOf(a[at] as number),
      reference: floatOf(b[at] as number),
      ulp,
      where,
    };
  }
}

/** Between two float32 values given by their bits; see the head of the file for zeros and NaNs. */
export function ulpDistance(a: number, b: number): number {
  if (a === b) return 0;
  const nans = Number(isNaNBits(a)) + Number(isNaNBits(b));
  if (nans === 2) return 0;
  if (nans === 1) return NAN_DISTANCE;
  return Math.abs(ordered(a) - ordered(b));
}

/** The bits of each value, without a copy. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** Maps bits to integers that rise with the value, -0 just below +0. */
function ordered(bits: number): number {
  return bits >>> 31 === 1 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] as number;
}
