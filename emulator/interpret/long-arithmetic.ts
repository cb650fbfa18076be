/**
 * 64-bit integers for generated code, as two words: each function gives the low one and keeps the high one.
 */

export interface LongArithmetic {
  mulLongS(a: number, b: number): number;
  mulLongU(a: number, b: number): number;
  addLong(aLow: number, aHigh: number, bLow: number, bHigh: number): number;
  /** The high word of the last result. */
  high(): number;
}

/** The upper 32 bits of an unsigned product, by 16-bit halves. */
function mulHighU(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const low = aLow * bLow;
  const mid = aHigh * bLow + (low >>> 16);
  const mid2 = aLow * bHigh + (mid % 0x10000);
  return (aHigh * bHigh + Math.floor(mid / 0x10000) + Math.floor(mid2 / 0x10000)) | 0;
}

export function longArithmetic(): LongArithmetic {
  let high = 0;
  return {
    mulLongS: (a, b) => {
      high = mulHighU(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0);
      return Math.imul(a, b);
    },
    mulLongU: (a, b) => {
      high = mulHighU(a, b);
      return Math.imul(a, b);
    },
    addLong: (aLow, aHigh, bLow, bHigh) => {
      const low = (aLow >>> 0) + (bLow >>> 0);
      high = aHigh + bHigh + (low > 0xffffffff ? 1 : 0);
      return low | 0;
    },
    high: () => high | 0,
  };
}
