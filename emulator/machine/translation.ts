/** What the translator needs of a machine: its code, its arithmetic, its timing model. */
import { FloatingPoint, FPSCR } from '../core/floating-point.js';
import { FPCCR } from '../core/fpccr.js';
import { word, X } from '../core/state.js';
import type { Decoded } from '../decode/decoder.js';
import { StepTables } from '../timing/step-tables.js';
import type { CodeSource, UnitTiming } from '../translate/instruction-graph.js';
import { type HostFunctions, Translator } from '../translate/translator.js';
import type { FloatMode } from '../translate/unit-function.js';
import type { CoreComplex } from './core-complex.js';

/** The start of the function around an address, by the program's symbols. */
export type FunctionAt = (address: number) => number | undefined;

const FPCA = 4;
/** What the fast body relies on: IXC alone of these is set. */
const MODES = FPSCR.RMODE | FPSCR.FZ | FPSCR.DN | FPSCR.IXC;
const UNSIGNED = 1;
/** Towards zero when converting to fixed point, to nearest when converting from it. */
const FIXED_ROUNDING = 2;

/** What floating point code may be run now. */
export function floatModeOf({ state, chip, exceptions }: CoreComplex): FloatMode {
  const { x } = state;
  const inContext = (word(x, X.CONTROL) & FPCA) !== 0 || (exceptions.fpccr & FPCCR.ASPEN) === 0;
  if (!inContext || word(x, X.LAZY_FP) !== 0 || !chip.system.floatEnabled) return 'none';
  return (word(x, X.FPSCR) & MODES) === FPSCR.IXC ? 'fast' : 'exact';
}

/** @param isStop addresses before which translated code is to be left */
export function translatorOf(
  core: CoreComplex,
  floatMode: FloatMode,
  functionAt: FunctionAt,
  isStop: (address: number) => boolean,
): Translator {
  const { hostMemory, state, memory, windows, interpreter } = core;
  const ram = windows.find((window) => window.writable);
  if (ram === undefined) throw new RangeError('the MCU has no RAM');
  const source: CodeSource = {
    decodedAt: (address) => interpreter.decodedAt(address),
    isWatched: (decoded, address) => isStop(address) || !interpreter.isPlain(decoded, address),
    isFunction: (address) => functionAt(address) === address,
    constantByte: (address) =>
      memory.windowAt(address, 1)?.writable === false ? memory.peekByte(address) : undefined,
    timing: unitTiming(core),
  };
  return new Translator({ memory: hostMemory, ram, source, state, host: hostFunctions(core), floatMode });
}

function unitTiming({ timing }: CoreComplex): UnitTiming {
  const tables = new StepTables(timing);
  return {
    plain: timing.initial,
    step: (decoded: Decoded, address, inITBlock, state, outcome) => {
      const table = tables.tableFor(decoded, address, inITBlock);
      const index = (state << 2) | outcome;
      const step = table.steps[index] || table.fill(index);
      return { cycles: (step >>> 1) & 0xff, state: step >>> 9 };
    },
  };
}

/** The interpreter's own arithmetic, for what has no code of its own. */
function hostFunctions({ state, timing }: CoreComplex): HostFunctions {
  const fp = new FloatingPoint(state.x, X.FPSCR);
  return {
    chargeDivideSigned: (a = 0, b = 0) => timing.divideExtra(Math.abs(a), Math.abs(b)),
    chargeDivideUnsigned: (a = 0, b = 0) => timing.divideExtra(a >>> 0, b >>> 0),
    add: (a = 0, b = 0) => fp.add(a, b),
    sub: (a = 0, b = 0) => fp.sub(a, b),
    mul: (a = 0, b = 0) => fp.mul(a, b),
    div: (a = 0, b = 0) => fp.div(a, b),
    sqrt: (a = 0) => fp.sqrt(a),
    mulAdd: (addend = 0, a = 0, b = 0) => fp.mulAdd(addend, a, b),
    compare: (a = 0, b = 0, signalling = 0) => {
      fp.compare(a, b, signalling !== 0);
      return 0;
    },
    toFixed: (a = 0, width = 32, fraction = 0, how = 0) =>
      fp.toFixed(a, width === 16 ? 16 : 32, fraction, (how & UNSIGNED) !== 0, (how & FIXED_ROUNDING) !== 0),
    fromFixed: (a = 0, fraction = 0, how = 0) =>
      fp.fromFixed(a, fraction, (how & UNSIGNED) !== 0, (how & FIXED_ROUNDING) !== 0),
    fromHalf: (a = 0) => fp.fromHalf(a),
    toHalf: (a = 0) => fp.toHalf(a),
  };
}
