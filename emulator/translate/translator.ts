/**
 * Translates functions of the guest into WebAssembly modules, and enters them. Functions call each other by
 * their places in one table, so that one that was translated again is found by all its callers.
 */
import { type CoreState, word, X } from '../core/state.js';
import { usesFloat } from '../isa/insn.js';
import type { CodeSource } from './instruction-graph.js';
import type { FastWindow } from './memory-code.js';
import type { FloatMode, HostFunction, UnitEntry } from './unit.js';
import type { UnitClock } from './unit-clock.js';
import { CLOCK_OFFSET } from './unit-exits.js';
import { translateFunction } from './unit-function.js';
import { WasmFunction } from './wasm-function.js';
import { moduleBytes, type WasmImport, type WasmSignature } from './wasm-module.js';

export type HostFunctions = Readonly<Record<HostFunction, (...operands: number[]) => number>>;

export interface TranslatorOptions {
  readonly memory: WebAssembly.Memory;
  /** RAM that units reach without leaving. */
  readonly ram: FastWindow;
  /** Memory that they read where an instruction goes the slow way. */
  readonly rom: FastWindow;
  readonly clock: UnitClock;
  readonly source: CodeSource;
  /** The guest's state lies at offset 0 of `memory`. */
  readonly state: CoreState;
  readonly host: HostFunctions;
  readonly floatMode: FloatMode;
  /** CCR.UNALIGN_TRP is set. */
  readonly trapsUnaligned: boolean;
}

/** A place at which translated code can be entered. */
interface Entrance extends UnitEntry {
  readonly tableIndex: number;
}

type Enter = (tableIndex: number, block: number) => number;

const GUEST_FUNCTION = 0;
const TYPES: readonly WasmSignature[] = [
  { parameters: ['i32', 'i32', 'i64'], results: ['i32', 'i64'] },
  ...[1, 2, 3, 4].map((n) => ({ parameters: new Array<'i32'>(n).fill('i32'), results: ['i32' as const] })),
];
const OPERANDS: Readonly<Record<HostFunction, number>> = {
  chargeDivideSigned: 2,
  chargeDivideUnsigned: 2,
  load: 2,
  store: 3,
  storing: 2,
  branched: 2,
  moved: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  sqrt: 1,
  mulAdd: 3,
  compare: 3,
  toFixed: 4,
  fromFixed: 3,
  fromHalf: 1,
  toHalf: 1,
};

const WASM_PAGE = 65536;
/**
 * Words that open calls may take of WebAssembly's stack, by their functions' locals: what is deeper comes
 * back and is entered anew. Half a megabyte; V8 gives one.
 */
const DEPTH = 65536;
const TABLE_STEP = 256;

export class Translator {
  /**
   * Cycles that code may run past where it looks at the clock: as many must be left of the countdown for
   * `run` to get anywhere.
   */
  leastCycles = 0;
  private readonly options: TranslatorOptions;
  private readonly table = new WebAssembly.Table({ initial: TABLE_STEP, element: 'anyfunc' });
  private readonly indices = new Map<number, number>();
  private readonly entrances = new Map<number, readonly Entrance[]>();
  private readonly translated = new Set<number>();
  /** Those of which a part was left out, for their length. */
  private readonly cut = new Set<number>();
  private readonly covered = new Set<number>();
  private enterFunction: Enter | undefined;
  /** By place in the table: what each function leaves to the interpreter. */
  private readonly left = new Map<number, ReadonlyMap<number, boolean>>();

  constructor(options: TranslatorOptions) {
    this.options = options;
  }

  /** The instruction at an address is part of translated code, or was looked at for it. */
  covers(address: number): boolean {
    return this.covered.has(address);
  }

  /** Translated code can be entered at an address, in some state of the timing automaton. */
  begins(address: number): boolean {
    return this.entrances.has(address);
  }

  /** The function was too long to be translated whole. */
  isCut(start: number): boolean {
    return this.cut.has(start);
  }

  /** Addresses at which translated code can be entered. */
  get addresses(): Iterable<number> {
    return this.entrances.keys();
  }

  /**
   * Translates a function, and those it calls that are warm and not translated yet, as one module.
   * @param seeds addresses at which the function is entered, its start first
   */
  translate(seeds: readonly number[]): void {
    const { options } = this;
    const module = new ModuleBuilder(options, (address) => this.indexOf(address));
    const units = [{ start: seeds[0] as number, ...module.add(seeds) }];
    for (const callee of module.callees) {
      const isNew = !this.translated.has(callee) && callee !== seeds[0];
      if (isNew && options.source.isWarm(callee)) units.push({ start: callee, ...module.add([callee]) });
    }
    const exported = module.instantiate(this.table);
    for (const [k, { start, entries, longestStretch, left, covered, isCut }] of units.entries()) {
      const tableIndex = this.indexOf(start);
      this.table.set(tableIndex, exported.unit(k));
      this.translated.add(start);
      for (const address of covered) this.covered.add(address);
      if (isCut) this.cut.add(start);
      this.leastCycles = Math.max(this.leastCycles, longestStretch);
      this.removeEntrances(tableIndex);
      this.left.set(tableIndex, left);
      for (const entry of entries) this.addEntrance({ ...entry, tableIndex });
    }
    for (const callee of module.callees) {
      const index = this.indexOf(callee);
      if (this.table.get(index) === null) this.table.set(index, exported.comeBack(callee));
    }
  }

  /**
   * Why code is left before an instruction: it is not translated, or was not known when the code around it
   * was; it is one that the interpreter runs; or it met what its fast way does not do.
   */
  whyLeft(address: number): 'new' | 'interpreted' | 'slow' {
    if (!this.covers(address)) return 'new';
    const reasons = [...this.left.values()].map((left) => left.get(address));
    if (reasons.includes(true)) return 'new';
    return reasons.includes(false) ? 'interpreted' : 'slow';
  }

  private addEntrance(entrance: Entrance): void {
    this.entrances.set(entrance.address, [entrance, ...(this.entrances.get(entrance.address) ?? [])]);
  }

  /** Of a function that was translated again: its blocks have other numbers now. */
  private removeEntrances(tableIndex: number): void {
    for (const [address, all] of this.entrances) {
      const others = all.filter((entrance) => entrance.tableIndex !== tableIndex);
      if (others.length < all.length) this.entrances.set(address, others);
    }
  }

  private indexOf(address: number): number {
    let index = this.indices.get(address);
    if (index === undefined) {
      index = this.indices.size;
      this.indices.set(address, index);
      if (index >= this.table.length) this.table.grow(TABLE_STEP);
    }
    return index;
  }

  /**
   * Runs from R15 until the code leaves what is translated, or before `cycles` are used up. R15, ITSTATE and
   * the rest of the state are then what the interpreter would have them, the countdown included.
   * @returns instructions retired; -1 when translated code cannot be entered here
   */
  run(timing: { timingState: number }, cycles: number): number {
    const { clock, source, state } = this.options;
    const { r, x } = state;
    const entrance = this.entrances
      .get(word(r, 15) >>> 0)
      ?.find(({ timingState }) => timingState === timing.timingState);
    if (entrance === undefined || word(x, X.ITSTATE) !== 0) return -1;
    source.measured?.entering(entrance.address);
    clock.begin(cycles - this.leastCycles);
    const pc = this.enter(entrance.tableIndex, entrance.block);
    clock.toCountdown();
    timing.timingState = (pc & 1) === 0 ? source.timing.plain : word(x, X.TIMING_STATE);
    r[15] = pc & ~1;
    return clock.instructions;
  }

  private get enter(): Enter {
    this.enterFunction ??= makeEnter(this.options.memory, this.table);
    return this.enterFunction;
  }
}

const pagesOf = (memory: WebAssembly.Memory): number => memory.buffer.byteLength / WASM_PAGE;

/** The way from JavaScript into guest functions: it keeps the clock in memory. */
function makeEnter(memory: WebAssembly.Memory, table: WebAssembly.Table): Enter {
  const f = new WasmFunction(['i32', 'i32']);
  const clock = f.local('i64');
  f.get(f.parameter(1)).const(DEPTH).const(0).memory('i64.load', CLOCK_OFFSET).get(f.parameter(0));
  f.callIndirect(GUEST_FUNCTION).set(clock);
  f.const(0).get(clock).memory('i64.store', CLOCK_OFFSET);
  const bytes = moduleBytes({
    types: TYPES,
    imports: [],
    functions: [{ name: 'enter', type: 2, body: f.body() }],
    memoryPages: pagesOf(memory),
  });
  const module = new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(module, { environment: { memory, table } }).exports.enter as Enter;
}

/** Functions that are translated together. */
class ModuleBuilder {
  readonly callees = new Set<number>();
  private readonly options: TranslatorOptions;
  private readonly tableIndex: (address: number) => number;
  private readonly imports: WasmImport[] = [];
  private readonly bodies: Uint8Array[] = [];

  constructor(options: TranslatorOptions, tableIndex: (address: number) => number) {
    this.options = options;
    this.tableIndex = tableIndex;
  }

  add(seeds: readonly number[]) {
    const { ram, rom, floatMode, trapsUnaligned, source } = this.options;
    const unit = translateFunction(seeds, {
      ram,
      rom,
      floatMode,
      trapsUnaligned,
      source: floatMode === 'none' ? withoutFloat(source) : source,
      functionType: GUEST_FUNCTION,
      tableIndex: this.tableIndex,
      hostFunction: (name) => this.hostFunction(name),
    });
    this.bodies.push(unit.body);
    for (const callee of unit.callees) this.callees.add(callee);
    return unit;
  }

  private hostFunction(name: HostFunction): number {
    const found = this.imports.findIndex((other) => other.name === name);
    return found >= 0 ? found : this.imports.push({ name, type: OPERANDS[name] }) - 1;
  }

  instantiate(table: WebAssembly.Table) {
    const { memory, host } = this.options;
    const units = this.bodies.map((body, k) => ({ name: `unit${k}`, type: GUEST_FUNCTION, body }));
    const others = [...this.callees].map((callee) => ({
      name: `comeBack${callee}`,
      type: GUEST_FUNCTION,
      body: comeBackBody(callee),
    }));
    const functions = [...units, ...others];
    const bytes = moduleBytes({
      types: TYPES,
      imports: this.imports,
      functions,
      memoryPages: pagesOf(memory),
    });
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, { environment: { memory, table, ...host } });
    return {
      unit: (k: number) => exports[`unit${k}`] as () => void,
      comeBack: (callee: number) => exports[`comeBack${callee}`] as () => void,
    };
  }
}

/** In place of a function that is not translated: comes back at once, for the interpreter to run it. */
function comeBackBody(address: number): Uint8Array {
  const f = new WasmFunction(['i32', 'i32', 'i64']);
  return f.const(address).get(f.parameter(2)).body();
}

function withoutFloat(source: CodeSource): CodeSource {
  return {
    ...source,
    isWatched: (decoded, address) => usesFloat(decoded.insn) || source.isWatched(decoded, address),
  };
}
