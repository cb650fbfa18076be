/**
 * What generated code reaches: the state's arrays, memory, FP, and the few functions that are no expression.
 */
import type { FloatingPoint } from '../core/floating-point.js';
import type { Accessors } from '../core/memory.js';
import { type CoreState, Signal, word, X } from '../core/state.js';
import { type LongArithmetic, longArithmetic } from './long-arithmetic.js';

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

export interface Environment extends Accessors, LongArithmetic {
  readonly R: Int32Array;
  readonly S: Int32Array;
  readonly X: Int32Array;
  readonly fp: FloatingPoint;
  setSP(value: number): void;
  divS(a: number, b: number): number;
  divU(a: number, b: number): number;
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

const EXC_RETURN = 0xf0000000;

function signaller(x: Int32Array): (reason: number, argument: number) => 1 {
  return (reason, argument) => {
    x[X.SIGNAL] = reason;
    x[X.SIGNAL_ARGUMENT] = argument;
    return 1;
  };
}

function branches(x: Int32Array): Pick<Environment, 'branchExchange' | 'branchLinkExchange'> {
  const signal = signaller(x);
  const branchLinkExchange = (target: number): number =>
    target & 1 ? target & ~1 : signal(Signal.invalidState, target);
  return {
    branchLinkExchange,
    branchExchange: (target) =>
      target >>> 0 >= EXC_RETURN && word(x, X.IPSR) !== 0
        ? signal(Signal.exceptionReturn, target)
        : branchLinkExchange(target),
  };
}

/** Divides report the cycles that their operands cost, and trap on zero when CCR says so. */
function divides(x: Int32Array, hooks: CoreHooks): Pick<Environment, 'divS' | 'divU'> {
  const signal = signaller(x);
  const divide = (zero: boolean, dividend: number, divisor: number): boolean => {
    x[X.EXTRA] = word(x, X.EXTRA) + hooks.divideExtra(dividend, divisor);
    if (!zero) return true;
    if (hooks.trapsDivideByZero()) signal(Signal.divideByZero, 0);
    return false;
  };
  return {
    divS: (a, b) => (divide(b === 0, Math.abs(a), Math.abs(b)) ? (a / b) | 0 : 0),
    divU: (a, b) => (divide(b === 0, a >>> 0, b >>> 0) ? ((a >>> 0) / (b >>> 0)) | 0 : 0),
  };
}

export function makeEnvironment(
  state: CoreState,
  fp: FloatingPoint,
  accessors: Accessors,
  hooks: CoreHooks,
): Environment {
  const { r, s, x } = state;
  return {
    ...accessors,
    ...longArithmetic(),
    ...branches(x),
    ...divides(x, hooks),
    R: r,
    S: s,
    X: x,
    fp,
    setSP: (value) => state.setSP(value),
    readSpecial: hooks.readSpecial,
    writeSpecial: hooks.writeSpecial,
    changeProcessorState: hooks.changeProcessorState,
    writeFPSCR: (value) => {
      x[X.FPSCR] = value & FPSCR_BITS;
    },
    floatReady: hooks.floatReady,
  };
}
