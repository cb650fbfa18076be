/** What generated code reaches: the state's arrays, memory, FP, and the few functions that are no expression. */
import type { FloatingPoint } from '../core/floating-point.js';
import type { Accessors } from '../core/memory.js';
import { type CoreState, Signal, word, X } from '../core/state.js';

/** What the machine around the core does for an instruction. */
export interface CoreHooks {
  /** Zero when an FP instruction may run; else X.SIGNAL is set. */
  floatReady(): number;
  readSpecial(SYSm: number): number;
  writeSpecial(SYSm: number, mask: number, value: number): void;
  changeProcessorState(disable: boolean, primask: boolean, faultmask: boolean): void;
  /** CCR.DIV_0_TRP. */
  trapsDivideByZero(): boolean;
  divideExtra(dividend: number, divisor: number): number;
}

export interface Environment extends Accessors {
  readonly R: Int32Array;
  readonly S: Int32Array;
  readonly X: Int32Array;
  readonly fp: FloatingPoint;
  setSP(value: number): void;
  divS(a: number, b: number): number;
  divU(a: number, b: number): number;
  mulLongS(a: number, b: number): number;
  mulLongU(a: number, b: number): number;
  addLong(aLow: number, aHigh: number, bLow: number, bHigh: number): number;
  /** The high word of the last long result. */
  high(): number;
  branchExchange(target: number): number;
  branchLinkExchange(target: number): number;
  readSpecial(SYSm: number): number;
  writeSpecial(SYSm: number, mask: number, value: number): void;
  changeProcessorState(disable: boolean, primask: boolean, faultmask: boolean): void;
  writeFPSCR(value: number): void;
  floatReady(): number;
}

/** FPSCR's bits that exist in FPv4-SP. */
const FPSCR_BITS = 0xf7c0009f | 0;

/** The upper 32 bits of an unsigned product, by 16-bit halves. */
function mulHighU(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const low = aLow * bLow;
  const mid = aHigh * bLow + (low >>> 16);
  const mid2 = aLow * bHigh + (mid % 0x10000);
  return (aHigh * bHigh + Math.floor(mid / 0x10000) + Math.floor(mid2 / 0x10000)) | 0;
}

const EXC_RETURN = 0xf0000000;

export function makeEnvironment(
  state: CoreState,
  fp: FloatingPoint,
  accessors: Accessors,
  hooks: CoreHooks,
): Environment {
  const { r, s, x } = state;
  let high = 0;
  const signal = (reason: number, argument: number): number => {
    x[X.SIGNAL] = reason;
    x[X.SIGNAL_ARGUMENT] = argument;
    return 1;
  };
  const branchLinkExchange = (target: number): number =>
    target & 1 ? target & ~1 : signal(Signal.invalidState, target);
  const divide = (zero: boolean, dividend: number, divisor: number): boolean => {
    x[X.EXTRA] = word(x, X.EXTRA) + hooks.divideExtra(dividend, divisor);
    if (!zero) return true;
    if (hooks.trapsDivideByZero()) signal(Signal.divideByZero, 0);
    return false;
  };
  return {
    ...accessors,
    R: r,
    S: s,
    X: x,
    fp,
    setSP: (value) => {
      const sp = value & ~3;
      r[13] = sp;
      if (sp >>> 0 < word(x, X.SP_LOWEST) >>> 0) x[X.SP_LOWEST] = sp;
    },
    divS: (a, b) => (divide(b === 0, Math.abs(a), Math.abs(b)) ? (a / b) | 0 : 0),
    divU: (a, b) => (divide(b === 0, a >>> 0, b >>> 0) ? ((a >>> 0) / (b >>> 0)) | 0 : 0),
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
    branchExchange: (target) =>
      target >>> 0 >= EXC_RETURN && word(x, X.IPSR) !== 0
        ? signal(Signal.exceptionReturn, target)
        : branchLinkExchange(target),
    branchLinkExchange,
    readSpecial: hooks.readSpecial,
    writeSpecial: hooks.writeSpecial,
    changeProcessorState: hooks.changeProcessorState,
    writeFPSCR: (value) => {
      x[X.FPSCR] = value & FPSCR_BITS;
    },
    floatReady: hooks.floatReady,
  };
}
