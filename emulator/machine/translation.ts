/** What the translator needs of a machine: its code, its arithmetic, its timing model. */
import { fastWindows } from '../core/accessors.js';
import { CodeWatch } from '../core/code-watch.js';
import { FloatingPoint, FPSCR } from '../core/floating-point.js';
import { FPCCR } from '../core/fpccr.js';
import type { Memory, Window } from '../core/memory.js';
import { CONTROL, Signal, word, X } from '../core/state.js';
import { type Decoded, decodeAt } from '../decode/decoder.js';
import type { StepTable } from '../timing/step-tables.js';
import type { CodeSource, Reach, UnitTiming } from '../translate/instruction-graph.js';
import type { MeasuredCall } from '../translate/measured-code.js';
import { type HostFunctions, Translator } from '../translate/translator.js';
import type { FloatMode } from '../translate/unit.js';
import { UnitClock } from '../translate/unit-clock.js';
import type { CoreComplex } from './core-complex.js';
import { measuredTranslation } from './measured-translation.js';

/** The function around an address, by the program's symbols: its start, and its size, 0 when not known. */
export type FunctionAt = (address: number) => { readonly address: number; readonly size: number } | undefined;

/** What the fast body relies on: IXC alone of these is set. */
const MODES = FPSCR.RMODE | FPSCR.FZ | FPSCR.DN | FPSCR.IXC;
const UNSIGNED = 1;
/** Towards zero when converting to fixed point, to nearest when converting from it. */
const FIXED_ROUNDING = 2;

/** What floating point code may be run now. */
export function floatModeOf({ state, chip, exceptions }: CoreComplex): FloatMode {
  const { x } = state;
  const inContext = (word(x, X.CONTROL) & CONTROL.FPCA) !== 0 || (exceptions.fpccr & FPCCR.ASPEN) === 0;
  if (!inContext || word(x, X.LAZY_FP) !== 0 || !chip.system.floatEnabled) return 'none';
  return (word(x, X.FPSCR) & MODES) === FPSCR.IXC ? 'fast' : 'exact';
}

/** Code as the interpreter has decoded it, or, where that has not run it, would. */
export function codeAt({ interpreter, memory }: CoreComplex, address: number): Decoded | undefined {
  return interpreter.decodedAt(address) ?? decodeAt((at) => memory.fetch(at), address);
}

/** What the machine around a translator tells it. */
export interface TranslationSite {
  readonly functionAt: FunctionAt;
  /** The interpreter was found in the function that starts there. */
  isWarm(address: number): boolean;
  /** An address before which translated code is to be left. */
  isStop(address: number): boolean;
  reachOf(address: number): Reach;
  calledFrom(address: number): readonly number[];
  /** Memory that is written again and again: nothing is made of it. */
  isRestless(block: number): boolean;
}

/** Memory of which code can be made, by where it lies in the host's buffer. */
class CodeMemory {
  private readonly memory: Memory;
  private readonly ram: Window;
  private readonly site: TranslationSite;

  constructor(memory: Memory, ram: Window, site: TranslationSite) {
    this.memory = memory;
    this.ram = ram;
    this.site = site;
  }

  /** Can code be made of these bytes? They are watched from then on. */
  take(address: number, size: number): boolean {
    const { memory, ram } = this;
    const window = memory.windowAt(address, size);
    if (window === undefined) return false;
    if (!window.writable) return true;
    const at = window.offset + address - window.start;
    // Stores of translated code to its own window are not seen.
    if (at + size > ram.offset && at < ram.offset + ram.size) return false;
    for (const offset of [at, at + size - 1]) {
      if (this.site.isRestless(CodeWatch.blockOf(offset))) return false;
      memory.codeWatch.watch(offset);
    }
    return true;
  }
}

export function translatorOf(core: CoreComplex, floatMode: FloatMode, site: TranslationSite): Translator {
  const { hostMemory, state, memory, windows, interpreter } = core;
  const { ram, rom } = fastWindows(windows);
  const code = new CodeMemory(memory, ram, site);
  const decodedBefore = new Map<number, Decoded | undefined>();
  const decodedHere = (address: number): Decoded | undefined => {
    const isCode = (site.functionAt(address)?.size ?? 0) > 0;
    const decoded = isCode ? codeAt(core, address) : interpreter.decodedAt(address);
    decodedBefore.set(address, decoded);
    return decoded;
  };
  const clock = new UnitClock(state.x);
  const measuring = measuredTranslation(core, clock);
  const source: CodeSource = {
    isWarm: (address) => site.isWarm(address),
    decodedAt: (address) => {
      const decoded = decodedBefore.get(address) ?? decodedHere(address);
      return decoded !== undefined && code.take(address, decoded.size) ? decoded : undefined;
    },
    isWatched: (decoded, address) =>
      site.isStop(address) ||
      !interpreter.isPlain(decoded, address, core.probes?.instrument) ||
      measuring.isWatched(decoded, address),
    reachOf: (address) => site.reachOf(address),
    calledFrom: (address) => site.calledFrom(address),
    isFunction: (address) => site.functionAt(address)?.address === address,
    constantByte: (address) => (code.take(address >>> 0, 1) ? memory.peekByte(address) : undefined),
    timing: unitTiming(core),
    measured: measuring.source,
  };
  const host = { ...arithmetic(core), ...hostAccess(core, clock), ...measuring.host };
  const { trapUnaligned: trapsUnaligned } = memory;
  return new Translator({
    ...{ memory: hostMemory, ram, rom, clock, source, state, host },
    ...{ floatMode, trapsUnaligned },
  });
}

function known<T>(ways: ReadonlyMap<number, T>, access: number): T {
  const way = ways.get(access);
  if (way === undefined) throw new RangeError(`no access ${access}`);
  return way;
}

/** Accesses that are neither to RAM nor to code: the countdown is right while they are made. */
function hostAccess(
  { state, memory, probes }: CoreComplex,
  clock: UnitClock,
): Pick<HostFunctions, 'load' | 'store'> {
  const { x } = state;
  const accessors = probes?.accessors(memory.accessors) ?? memory.accessors;
  const timed = (access: () => number): number => {
    clock.toCountdown();
    const value = access();
    x[X.UNIT_FAILED] = word(x, X.SIGNAL);
    x[X.SIGNAL] = Signal.none;
    const extra = word(x, X.UNIT_FAILED) === Signal.none ? word(x, X.EXTRA) : 0;
    x[X.EXTRA] = 0;
    clock.fromCountdown(extra);
    return value;
  };
  const loads = new Map<number, (address: number) => number>([
    [1, accessors.load8],
    [2, accessors.load16],
    [4, accessors.load32],
    [9, accessors.load8s],
    [10, accessors.load16s],
    [18, accessors.loadAligned16],
    [20, accessors.loadAligned32],
  ]);
  const stores = new Map<number, (address: number, value: number) => void>([
    [1, accessors.store8],
    [2, accessors.store16],
    [4, accessors.store32],
    [18, accessors.storeAligned16],
    [20, accessors.storeAligned32],
  ]);
  return {
    load: (address = 0, access = 4) => timed(() => known(loads, access)(address)),
    store: (address = 0, value = 0, access = 4) =>
      timed(() => {
        known(stores, access)(address, value);
        return 0;
      }),
  };
}

function unitTiming({ timing, tables }: CoreComplex): UnitTiming {
  const [plain, inBlock] = [new WeakMap<Decoded, StepTable>(), new WeakMap<Decoded, StepTable>()];
  return {
    plain: timing.initial,
    unalignedExtra: timing.unalignedExtra,
    divideExtra: Math.max(0, timing.divideExtra(2 ** 32 - 1, 1)),
    step: (decoded: Decoded, address, inITBlock, state, outcome) => {
      const known = inITBlock ? inBlock : plain;
      const table = known.get(decoded) ?? tables.tableFor(decoded, address, inITBlock);
      known.set(decoded, table);
      const index = (state << 2) | outcome;
      const step = table.steps[index] || table.fill(index);
      return { cycles: (step >>> 1) & 0xff, state: step >>> 9 };
    },
  };
}

/** The interpreter's own arithmetic, for what has no code of its own. */
function arithmetic({ state, timing }: CoreComplex): Omit<HostFunctions, 'load' | 'store' | MeasuredCall> {
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
