/**
 * Translates one loop or function of the guest to one WebAssembly function.
 *
 * This is the proof that the instruction records carry a translator: it covers straight-line code, branches
 * to known targets, IT blocks, integer and FP arithmetic, memory by inline range checks with side exits, and
 * exact cycles. What it leaves to the interpreter (calls, divides, system instructions) ends a block. Blocks
 * are joined by one dispatch loop; structured control flow and units of many functions are not here yet.
 *
 * The timing automaton runs at translation: a block belongs to one address, one ITSTATE and one automaton
 * state on the way in, so that its cost is a constant.
 */
import { FPSCR } from '../core/floating-point.js';
import { type CoreState, word, X } from '../core/state.js';
import { type Decoded, decode } from '../decode/decoder.js';
import { ConditionPassed, ITAdvance } from '../isa/pseudocode.js';
import { GuestState } from './guest-state.js';
import { WasmFunction } from './wasm-function.js';
import { type FastWindow, Untranslatable, type Wasm, WasmOps } from './wasm-ops.js';

/** The timing automaton, as the machine hands it over: see timing/automaton.ts. */
export interface UnitTiming {
  step(
    decoded: Decoded,
    address: number,
    inITBlock: boolean,
    state: number,
    outcome: number,
  ): { cycles: number; state: number };
}

export interface TranslatorOptions {
  readonly memory: WebAssembly.Memory;
  /** RAM the unit may touch without leaving. */
  readonly ram: FastWindow;
  /** A halfword of code that cannot change under the unit, or undefined. */
  readonly fetch: (address: number) => number | undefined;
  readonly timing: UnitTiming;
  /** The guest's state lies at offset 0 of `memory`. */
  readonly state: CoreState;
}

/** Addresses from which a unit takes its code: [start, end). */
export interface UnitRange {
  readonly start: number;
  readonly end: number;
}

interface Block {
  readonly address: number;
  readonly itState: number;
  readonly timingState: number;
  /** The most cycles any way through it takes: known once it has been surveyed. */
  cost: number;
}

/** Where translation stands inside a block: constants, every one. */
interface Point {
  address: number;
  itState: number;
  timingState: number;
  cycles: number;
  instructions: number;
}

const TAKEN = 1;
const SKIPPED = 2;
const FPCA = 4;
const WASM_PAGE = 65536;
const DISPATCH = 'dispatch';
const EXIT = 'exit';

const keyOf = (address: number, itState: number, timingState: number): string =>
  `${address} ${itState} ${timingState}`;

export class Unit {
  /** The module's bytes. */
  readonly bytes: Uint8Array;
  private readonly enter: (block: number) => number;
  private readonly state: CoreState;
  private readonly entries: ReadonlyMap<string, number>;

  constructor(bytes: Uint8Array, options: TranslatorOptions, blocks: readonly Block[]) {
    this.bytes = bytes;
    this.state = options.state;
    this.entries = new Map(blocks.map((b, k) => [keyOf(b.address, b.itState, b.timingState), k]));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      environment: { memory: options.memory },
    });
    this.enter = instance.exports.run as (block: number) => number;
  }

  /**
   * Runs from R15 until the unit is left, always before the countdown runs out. R15, ITSTATE and the rest of
   * the state are then what the interpreter would have them; X.RETIRED is the number of instructions,
   * X.TIMING_STATE the automaton's state.
   * @returns false when the unit has no block for this address, ITSTATE and timing state, or its FP code does
   * not hold
   */
  run(timingState: number): boolean {
    const { r, x } = this.state;
    const entry = this.entries.get(keyOf(word(r, 15) >>> 0, word(x, X.ITSTATE), timingState));
    if (entry === undefined || !this.floatAllows()) return false;
    r[15] = this.enter(entry);
    return true;
  }

  /** The unit's FP code assumes an active FP context, nearest rounding, no FZ or DN, and IXC set. */
  private floatAllows(): boolean {
    const { x } = this.state;
    const modes = FPSCR.RMODE | FPSCR.FZ | FPSCR.DN | FPSCR.IXC;
    const active = (word(x, X.CONTROL) & FPCA) !== 0 && word(x, X.LAZY_FP) === 0;
    return active && (word(x, X.FPSCR) & modes) === FPSCR.IXC;
  }
}

/** @param entryTimingState the automaton's state when code first arrives at `range.start` */
export function translate(range: UnitRange, entryTimingState: number, options: TranslatorOptions): Unit {
  const entry: Block = { address: range.start, itState: 0, timingState: entryTimingState, cost: 0 };
  const survey = new UnitBuilder(range, options, [entry]);
  survey.surveyBlocks();
  return new Unit(new UnitBuilder(range, options, survey.blocks).build(), options, survey.blocks);
}

/**
 * Translates block by block. A first pass surveys: it finds the blocks and their costs, and its code is
 * dropped.
 */
class UnitBuilder {
  private readonly f = new WasmFunction();
  private readonly guest = new GuestState(this.f);
  /** The block to run next: the function's parameter to begin with. */
  private readonly next = this.f.parameter;
  private readonly exitPC = this.f.local('i32');
  private readonly exitIT = this.f.local('i32');
  private readonly exitTiming = this.f.local('i32');
  private readonly ops: WasmOps;
  private point: Point = { address: 0, itState: 0, timingState: 0, cycles: 0, instructions: 0 };
  private block: Block | undefined;
  private decoded: Decoded | undefined;
  /** Open labels outside the instruction being translated: a jump at this depth is unconditional. */
  private depth = 0;
  private ended = false;

  constructor(
    private readonly range: UnitRange,
    private readonly options: TranslatorOptions,
    readonly blocks: Block[],
  ) {
    this.ops = new WasmOps(this.f, this.guest, options.ram, (address) => this.constantWord(address), {
      sideExit: () => this.leave(this.point, this.point.address),
      jump: (target) => this.jump(target),
    });
  }

  surveyBlocks(): void {
    this.f.block(EXIT).loop(DISPATCH);
    for (let k = 0; k < this.blocks.length; k++) this.translateBlock(this.blocks[k] as Block);
  }

  /** The module's bytes, of blocks that a survey found. */
  build(): Uint8Array {
    const { f, guest, blocks } = this;
    const labels = blocks.map((_, k) => `block ${k}`);
    guest.load();
    f.block(EXIT).loop(DISPATCH);
    for (const label of [...labels].reverse()) f.block(label);
    f.get(this.next).branchTable(labels);
    for (const block of [...blocks]) {
      f.end();
      this.translateBlock(block);
    }
    f.end().end();
    guest.store();
    guest.storeLocal(X.ITSTATE, this.exitIT);
    guest.storeLocal(X.TIMING_STATE, this.exitTiming);
    f.get(this.exitPC);
    return f.toModule(this.options.memory.buffer.byteLength / WASM_PAGE);
  }

  /** A word of code memory is a constant. */
  private constantWord(address: number): number | undefined {
    const low = this.options.fetch(address);
    const high = this.options.fetch(address + 2);
    return low === undefined || high === undefined ? undefined : (high << 16) | low;
  }

  private translateBlock(block: Block): void {
    const { address, itState, timingState, cost } = block;
    this.block = block;
    this.point = { address, itState, timingState, cycles: 0, instructions: 0 };
    this.ended = false;
    // The interpreter starts an instruction while the countdown is above zero: so may the block, if all of it
    // fits.
    this.f.get(this.guest.word(X.COUNTDOWN)).const(cost).op('i32.le_s').if('late');
    this.leave(this.point, address);
    this.f.end();
    while (!this.ended) this.translateNext();
  }

  private translateNext(): void {
    const { f, point, range } = this;
    const decoded = this.decodeAt(point.address);
    const mark = f.mark();
    if (decoded === undefined || point.address >= range.end) {
      this.end(() => this.leave(point, point.address));
      return;
    }
    this.decoded = decoded;
    try {
      if (point.itState === 0) this.translateInstruction(decoded);
      else this.translateConditional(decoded);
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      f.rollBack(mark);
      this.point = point;
      this.end(() => this.leave(point, point.address));
    }
  }

  private end(emit: () => void): void {
    emit();
    this.ended = true;
  }

  private decodeAt(address: number): Decoded | undefined {
    const first = this.options.fetch(address);
    const second = this.options.fetch(address + 2);
    return first === undefined ? undefined : decode(first, second ?? 0);
  }

  private translateInstruction(decoded: Decoded): void {
    this.depth = this.f.depth;
    this.ops.begin(this.point.address, false);
    decoded.insn.meaning(this.ops, decoded.fields);
    if (!this.ended) this.point = this.after(this.point, 0, this.ops.newITState ?? 0);
  }

  /** In an IT block: the way that passes goes on in a block of its own, the way that fails goes on here. */
  private translateConditional(decoded: Decoded): void {
    const { f, point } = this;
    this.ops.begin(point.address, true);
    this.ops.openIf(ConditionPassed<Wasm>(this.ops, point.itState >>> 4));
    this.depth = f.depth;
    decoded.insn.meaning(this.ops, decoded.fields);
    const passed = this.after(point, 0, ITAdvance(point.itState));
    if (!this.ended) this.goTo(passed);
    this.ended = false;
    f.end();
    this.point = this.after(point, SKIPPED, ITAdvance(point.itState));
  }

  /** The point after the current instruction with an outcome. */
  private after(point: Point, outcome: number, itState: number): Point {
    const decoded = this.decoded as Decoded;
    const step = this.options.timing.step(
      decoded,
      point.address,
      point.itState !== 0,
      point.timingState,
      outcome,
    );
    return {
      address: point.address + decoded.size,
      itState,
      timingState: step.state,
      cycles: point.cycles + step.cycles,
      instructions: point.instructions + 1,
    };
  }

  private jump(target: number): void {
    const taken = this.after(this.point, TAKEN, 0);
    this.goTo({ ...taken, address: target >>> 0 });
    if (this.f.depth === this.depth) this.ended = true;
  }

  /** Goes on at a point: in its block, or outside the unit. */
  private goTo(point: Point): void {
    const { start, end } = this.range;
    if (point.address < start || point.address >= end) {
      this.leave(point, point.address);
      return;
    }
    this.account(point);
    this.f.const(this.blockAt(point)).set(this.next).branch(DISPATCH);
  }

  private blockAt({ address, itState, timingState }: Point): number {
    const found = this.blocks.findIndex(
      (b) => b.address === address && b.itState === itState && b.timingState === timingState,
    );
    if (found >= 0) return found;
    this.blocks.push({ address, itState, timingState, cost: 0 });
    return this.blocks.length - 1;
  }

  private account(point: Point): void {
    const block = this.block as Block;
    block.cost = Math.max(block.cost, point.cycles);
    this.guest.addTo(this.guest.word(X.COUNTDOWN), -point.cycles);
    this.guest.addTo(this.guest.retired, point.instructions);
  }

  /** Leaves the unit with everything before `pc` done. */
  private leave(point: Point, pc: number): void {
    this.account(point);
    this.f.const(pc | 0).set(this.exitPC);
    this.f.const(point.itState).set(this.exitIT);
    this.f.const(point.timingState).set(this.exitTiming);
    this.f.branch(EXIT);
  }
}
