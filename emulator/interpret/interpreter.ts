/**
 * Runs instructions one after another: the specification that every other way of running them is held
 * against. Exceptions, events and stops are the machine's; this loop hands back to it.
 */

import type { Accessors } from '../core/memory.js';
import { type CoreState, Outcome, Signal, word, X } from '../core/state.js';
import { coprocessorOf, FLOAT_COPROCESSORS } from '../decode/coprocessor.js';
import { type Decoded, decode, isWide } from '../decode/decoder.js';
import {
  type CodeRange,
  type Entry,
  isStale,
  makeRoom,
  NOWHERE,
  type Region,
  type StepTable,
} from './code-region.js';
import { compile } from './compile.js';
import type { Environment } from './environment.js';
import type { Instrument } from './instrument.js';

export type { StepTable } from './code-region.js';

/** Memory that code can be fetched from. */
export interface CodeMemory {
  /** A halfword, or undefined where no memory answers. */
  fetch(address: number): number | undefined;
  /** The range of memory around an address. */
  codeAt(address: number): CodeRange | undefined;
  /** May the code that runs now execute here? */
  mayExecute(address: number): boolean;
}

/** The timing model as the interpreter needs it: costs tabulated by state and outcome. */
export interface StepTiming {
  /** For the facts of one instruction: at `state * 4 + outcome`, 0 or `next state << 9 | cycles << 1 | 1`. */
  tableFor(decoded: Decoded, address: number, inITBlock: boolean): StepTable;
}

/** Asked before the instruction at a mark runs: true to come back with Signal.translated instead. */
export type AtMark = (address: number) => boolean;

/** Ways to memory made over others. */
export type AccessLayer = (below: Accessors) => Accessors;

/** Instructions of one `run` at most: a number that stays an integer to the host. */
const LONGEST = 2 ** 30;

/**
 * What an encoding without a record does: it is UNDEFINED, or of a coprocessor that this core lacks
 * (A5.3.18).
 */
function undefinedSignal(first: number, second: number): number {
  const coprocessor = coprocessorOf(first, second);
  const isLacking = coprocessor !== undefined && !FLOAT_COPROCESSORS.includes(coprocessor);
  return isLacking ? Signal.noCoprocessor : Signal.undefinedInstruction;
}

export class Interpreter {
  /** Instructions retired since reset. */
  instructions = 0;
  /** State of the timing automaton between two instructions. */
  timingState = 0;
  private readonly state: CoreState;
  private readonly memory: CodeMemory;
  private environment: Environment;
  /** The way to memory that has no layer over it. */
  private memoryAccess: Accessors;
  /** Rights to execute change as the program runs: asked before each instruction, not once. */
  private checksFetches = false;
  private readonly timing: StepTiming;
  private readonly regions: Region[] = [];
  private region: Region = NOWHERE;
  private instruments: readonly Instrument[] = [];
  /** The innermost first. */
  private accessLayers: readonly AccessLayer[] = [];
  /** Told when an instruction that signalled is charged, before the machine does what it asked for. */
  onRetireSignalled: (() => void) | undefined;
  /** Addresses before which to stop. */
  private stops: ReadonlySet<number> = new Set();
  /** Addresses at which to ask `atMark`. */
  private readonly marks = new Set<number>();
  private atMark: AtMark = () => false;
  /** Counts how often everything decoded was dropped, for what was made of it. */
  generation = 0;

  constructor(state: CoreState, memory: CodeMemory, environment: Environment, timing: StepTiming) {
    this.state = state;
    this.memory = memory;
    this.environment = this.memoryAccess = environment;
    this.timing = timing;
  }

  /** The addresses before whose instruction `run` signals stopHere. */
  setStops(addresses: readonly number[]): void {
    const next = new Set(addresses.map((a) => (a & ~1) >>> 0));
    for (const address of new Set([...this.stops, ...next])) this.forget(address);
    this.stops = next;
  }

  /** The ways to memory, under all layers. @param checksFetches rights to execute change as it runs */
  setMemoryAccess(accessors: Accessors, checksFetches: boolean): void {
    if (this.memoryAccess === accessors && this.checksFetches === checksFetches) return;
    this.memoryAccess = accessors;
    this.checksFetches = checksFetches;
    this.setAccessLayers(this.accessLayers);
  }

  /** One more layer, outermost. @returns what takes it away again */
  addAccessLayer(layer: AccessLayer): () => void {
    this.setAccessLayers([...this.accessLayers, layer]);
    return () => this.setAccessLayers(this.accessLayers.filter((other) => other !== layer));
  }

  private setAccessLayers(layers: readonly AccessLayer[]): void {
    this.accessLayers = layers;
    const accessors = layers.reduce((inner, layer) => layer(inner), this.memoryAccess);
    this.environment = { ...this.environment, ...accessors };
    this.forgetAll();
  }

  /** Measurements to compile in, the first one innermost. */
  setInstruments(instruments: readonly Instrument[]): void {
    this.instruments = instruments;
    this.forgetAll();
  }

  /** One more, outermost. @returns what takes it away again */
  addInstrument(instrument: Instrument): () => void {
    this.setInstruments([...this.instruments, instrument]);
    return () => this.setInstruments(this.instruments.filter((other) => other !== instrument));
  }

  /** Drops everything decoded, and all marks: after an image is loaded. */
  forgetAll(): void {
    this.regions.length = 0;
    this.region = NOWHERE;
    this.marks.clear();
    this.generation++;
  }

  /** Asks at these addresses, outside IT blocks, before their instruction runs. */
  mark(addresses: Iterable<number>, atMark: AtMark): void {
    this.atMark = atMark;
    for (const address of addresses) {
      if (this.marks.has(address)) continue;
      this.marks.add(address);
      this.markDecoded(address);
    }
  }

  private markDecoded(address: number): void {
    for (const region of this.regions) {
      const index = (address - region.start) >>> 1;
      const entry = index < region.entries.length ? region.entries[index] : undefined;
      if (entry?.itState === 0) region.entries[index] = this.asking(entry);
    }
  }

  /** The instruction at an address, if it has run and is still the one that ran; else undefined. */
  decodedAt(address: number): Decoded | undefined {
    const region = this.regions.find((g) => address >= g.start && address - g.start < g.size);
    const index = region === undefined ? 0 : (address - region.start) >>> 1;
    const entry = region?.entries[index];
    return entry === undefined || region === undefined || isStale(entry, region, index)
      ? undefined
      : entry.decoded;
  }

  /** Nothing is put between this instruction and its plain meaning: no stop, and no measurement but one. */
  isPlain(decoded: Decoded, address: number, known: Instrument | undefined): boolean {
    const execute = (pc: number): number => pc;
    const site = { address, decoded };
    return (
      !this.stops.has(address) &&
      this.instruments.every((instrument) => instrument === known || instrument(site, execute) === execute)
    );
  }

  /** Accesses go straight to memory, or through one known layer, and every address may be executed. */
  accessIsPlain(known: AccessLayer | undefined): boolean {
    return !this.checksFetches && this.accessLayers.every((layer) => layer === known);
  }

  private forget(address: number): void {
    for (const region of this.regions) {
      const index = (address - region.start) >>> 1;
      if (index < region.entries.length) region.entries[index] = undefined;
    }
  }

  /**
   * Runs until the countdown is used up, `limit` instructions are retired, or an instruction signals. R15 is
   * then the address of the instruction to run next (of the one that signalled, if one did).
   * @param passStop runs the first instruction even if it is one to stop before
   * @returns the signal; Signal.none for the first two
   */
  run(limit: number, passStop: boolean): number {
    const { r, x } = this.state;
    let pc = word(r, 15);
    let timingState = this.timingState;
    const budget = Math.min(limit, LONGEST);
    let left = budget;
    let pass = passStop;
    let signal: number = Signal.none;
    while (left > 0 && word(x, X.COUNTDOWN) > 0) {
      const { region } = this;
      const at = (pc - region.start) >>> 1;
      let entry = region.entries[at];
      if (
        entry === undefined ||
        entry.itState !== x[X.ITSTATE] ||
        pass ||
        (region.writable && isStale(entry, region, at))
      ) {
        entry = this.entryAt(pc, word(x, X.ITSTATE), pass);
        pass = false;
      }
      const next = entry.execute(pc);
      if (next & 1) {
        signal = word(x, X.SIGNAL);
        break;
      }
      const index = (timingState << 2) | (word(x, X.OUTCOME) & entry.outcomeMask);
      if (entry.takesExtra) {
        const extra = word(x, X.EXTRA);
        if (extra !== 0) {
          x[X.COUNTDOWN] = word(x, X.COUNTDOWN) - extra;
          x[X.EXTRA] = 0;
        }
      }
      const step = entry.table.steps[index] || entry.table.fill(index);
      x[X.COUNTDOWN] = word(x, X.COUNTDOWN) - ((step >>> 1) & 0xff);
      timingState = step >>> 9;
      left--;
      pc = next;
    }
    r[15] = pc;
    this.timingState = timingState;
    this.instructions += budget - left;
    x[X.SIGNAL] = Signal.none;
    return signal;
  }

  /**
   * Charges and counts the instruction that signalled, for those that complete (SVC, BKPT, exception return).
   */
  retireSignalled(): void {
    const pc = word(this.state.r, 15);
    const { table, outcomeMask } = this.entryAt(pc, word(this.state.x, X.ITSTATE), true);
    const index = (this.timingState << 2) | (word(this.state.x, X.OUTCOME) & outcomeMask & Outcome.taken);
    const step = table.steps[index] || table.fill(index);
    this.state.x[X.COUNTDOWN] = word(this.state.x, X.COUNTDOWN) - ((step >>> 1) & 0xff);
    this.timingState = step >>> 9;
    this.instructions++;
    this.onRetireSignalled?.();
  }

  private entryAt(pc: number, itState: number, passStop: boolean): Entry {
    const address = pc >>> 0;
    if (!passStop && this.stops.has(address)) return this.signalling(Signal.stopHere);
    const region = this.regionAt(address);
    const index = (address - region.start) >>> 1;
    const kept = region.entries[index];
    const isKept = kept !== undefined && kept.itState === itState && !isStale(kept, region, index);
    const entry = isKept ? kept : this.decodeAt(address, itState);
    if (!isKept && region !== NOWHERE && !this.stops.has(address)) {
      makeRoom(region, index);
      region.entries[index] = this.marks.has(address) && itState === 0 ? this.asking(entry) : entry;
    }
    return passStop ? (entry.behindMark ?? entry) : (region.entries[index] ?? entry);
  }

  /** The entry, asking first. */
  private asking(entry: Entry): Entry {
    const { x } = this.state;
    const execute = (pc: number): number => {
      if (!this.atMark(pc >>> 0)) return entry.execute(pc);
      x[X.SIGNAL] = Signal.translated;
      return 1;
    };
    return { ...entry, execute, behindMark: entry };
  }

  private regionAt(address: number): Region {
    const { region } = this;
    if (address - region.start < region.size && address >= region.start) return region;
    let found = this.regions.find((g) => address >= g.start && address - g.start < g.size);
    if (found === undefined) {
      const range = this.memory.codeAt(address);
      if (range === undefined) return NOWHERE;
      found = { ...range, entries: [] };
      this.regions.push(found);
    }
    this.region = found;
    return found;
  }

  private decodeAt(address: number, itState: number): Entry {
    const first = this.memory.fetch(address);
    if (this.checksFetches) return this.checkingFetch(first, this.readAt(first, address, itState));
    return this.mayFetch(first, address)
      ? this.readAt(first, address, itState)
      : this.signalling(Signal.fetchFault);
  }

  private mayFetch(first: number | undefined, address: number): boolean {
    const { memory } = this;
    return memory.mayExecute(address) && (!isWide(first ?? 0) || memory.mayExecute(address + 2));
  }

  private checkingFetch(first: number | undefined, entry: Entry): Entry {
    const { x } = this.state;
    const execute = (pc: number): number => {
      if (this.mayFetch(first, pc)) return entry.execute(pc);
      x[X.SIGNAL] = Signal.fetchFault;
      return 1;
    };
    return { ...entry, execute };
  }

  private readAt(first: number | undefined, address: number, itState: number): Entry {
    if (first === undefined) return this.signalling(Signal.fetchFault);
    const second = isWide(first) ? this.memory.fetch(address + 2) : 0;
    if (second === undefined) return this.signalling(Signal.fetchFault);
    const decoded = decode(first, second);
    if (decoded === undefined) return this.signalling(undefinedSignal(first, second));
    const table = this.timing.tableFor(decoded, address, itState !== 0);
    const plain = compile(decoded, itState, this.environment);
    const site = { address, decoded };
    return {
      execute: this.instruments.reduce((execute, instrument) => instrument(site, execute), plain),
      decoded,
      table,
      itState,
      takesExtra: table.takesExtra,
      outcomeMask: table.setsOutcome || itState !== 0 ? -1 : 0,
      first,
      second: decoded.size === 4 ? second : undefined,
    };
  }

  /** An entry that runs nothing and only signals. */
  private signalling(signal: number): Entry {
    const { x } = this.state;
    const execute = (): number => {
      x[X.SIGNAL] = signal;
      return 1;
    };
    const table: StepTable = {
      steps: new Int32Array(0),
      takesExtra: false,
      setsOutcome: false,
      fill: () => 0,
    };
    return {
      execute,
      decoded: undefined,
      table,
      itState: -1,
      takesExtra: false,
      outcomeMask: 0,
      first: -1,
      second: undefined,
    };
  }
}
