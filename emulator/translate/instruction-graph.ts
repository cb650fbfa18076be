/**
 * The code of one guest function as a graph of instructions. A node belongs to an address, an ITSTATE, what
 * is known of the IT block's condition, **and a state of the timing automaton on the way in**: so what it
 * costs is a constant.
 */
import type { Decoded } from '../decode/decoder.js';
import { ITAdvance } from '../isa/pseudocode.js';
import { type Shape, shapeOf } from './shape.js';

/** The timing automaton, as the machine hands it over: see timing/automaton.ts. */
export interface UnitTiming {
  /** The state after a branch, with nothing under way: that of a function's first instruction. */
  readonly plain: number;
  /** Cycles that a divide adds to its constant at most. */
  readonly divideExtra: number;
  /** Cycles that an unaligned access adds, by the low two bits of its address. */
  unalignedExtra(address: number, size: number, load: boolean): number;
  step(
    decoded: Decoded,
    address: number,
    inITBlock: boolean,
    state: number,
    outcome: number,
  ): { readonly cycles: number; readonly state: number };
}

/**
 * RAM, and the usual floating point; code memory too; or wherever the host's functions lead, which are slow.
 */
export type Reach = 'ram' | 'memory' | 'host';

/** An instruction that a measurement follows. */
export interface MeasuredSite {
  /** For the host, from 1 on. */
  readonly number: number;
  readonly branches: boolean;
  readonly links: boolean;
  readonly writesSP: boolean;
  /** SP gets a value that was not made from SP. */
  readonly replacesSP: boolean;
  /** First instruction of a function. */
  readonly entry: boolean;
  /** Number of the function it stands in. */
  readonly fn: number;
}

export interface MeasuredSource {
  readonly watchesStores: boolean;
  siteAt(node: InstructionNode): MeasuredSite | undefined;
  /** Code is entered there, and nothing comes between. */
  entering(address: number): void;
  /** A jump inside the function, from a site to an address, is none that a frame can return by. */
  isQuiet(site: MeasuredSite, target: number): boolean;
}

/** The code that may be translated. */
export interface CodeSource {
  /** Code of which more can be made; else undefined. */
  decodedAt(address: number): Decoded | undefined;
  /** The interpreter was found in the function that starts there: it is worth while to translate it. */
  isWarm(address: number): boolean;
  /** Someone wants to see the machine before or after the instruction there. */
  isWatched(decoded: Decoded, address: number): boolean;
  /** How far the instruction's fast way leads: it grows where translated code was left often. */
  reachOf(address: number): Reach;
  /** Functions that the call through a register at an address was seen to call. */
  calledFrom(address: number): readonly number[];
  /** A function starts there. */
  isFunction(address: number): boolean;
  /** A byte of memory that cannot change. */
  constantByte(address: number): number | undefined;
  readonly timing: UnitTiming;
  /** Set when the machine measures. */
  readonly measured: MeasuredSource | undefined;
}

/**
 * What the base condition of an IT block is on this way; `beyond`: a call that seems not to return, for
 * another function starts behind it.
 */
type Known = 'unknown' | 'holds' | 'fails' | 'beyond';

export interface Place {
  readonly address: number;
  readonly itState: number;
  readonly timingState: number;
  readonly known: Known;
}

/** A way on from an instruction. */
export interface Way {
  readonly to: InstructionNode;
  readonly cycles: number;
}

const NO_WAYS: readonly Way[] = [];
const NO_JUMP = { cycles: 0, state: 0 };

/** Its fields are set one by one, in one order: copying a place into it takes V8 ten times as long. */
export class InstructionNode implements Place {
  readonly address: number;
  readonly itState: number;
  readonly timingState: number;
  readonly known: Known;
  /** Undefined: it has not run yet. */
  readonly decoded: Decoded | undefined;
  readonly shape: Shape | undefined;
  /** The unit is left before it. */
  readonly leaves: boolean;
  /** The instruction that follows, when this one ran and did not jump. */
  next: Way | undefined = undefined;
  /** When its condition in an IT block failed. */
  skipped: Way | undefined = undefined;
  /** The instruction jumped to, within the function. */
  taken: Way | undefined = undefined;
  /** Of a jump by a table: where it can go. */
  cases: readonly Way[] = NO_WAYS;
  /** Of a call: the instruction that it returns to. */
  returns: InstructionNode | undefined = undefined;
  /** Of a jump: its cycles, wherever it goes, and the state after it. */
  jump: { readonly cycles: number; readonly state: number } = NO_JUMP;
  private knownWays: readonly Way[] | undefined = undefined;
  private knownSuccessors: readonly InstructionNode[] | undefined = undefined;

  constructor(place: Place, decoded: Decoded | undefined, shape: Shape | undefined, leaves: boolean) {
    this.address = place.address;
    this.itState = place.itState;
    this.timingState = place.timingState;
    this.known = place.known;
    this.decoded = decoded;
    this.shape = shape;
    this.leaves = leaves;
  }

  /** Where it leads, once its ways are all known. */
  get ways(): readonly Way[] {
    this.knownWays ??= this.leaves ? NO_WAYS : this.findWays();
    return this.knownWays;
  }

  private findWays(): readonly Way[] {
    const { next, taken, skipped } = this;
    const ways: Way[] = [];
    if (next !== undefined) ways.push(next);
    if (taken !== undefined) ways.push(taken);
    if (skipped !== undefined) ways.push(skipped);
    return this.cases.length === 0 ? ways : [...ways, ...this.cases];
  }

  /** The instructions of its ways, and the one that a call returns to. */
  get successors(): readonly InstructionNode[] {
    this.knownSuccessors ??= this.findSuccessors();
    return this.knownSuccessors;
  }

  private findSuccessors(): readonly InstructionNode[] {
    const to = this.ways.map((way) => way.to);
    if (this.returns !== undefined && !this.leaves) to.push(this.returns);
    return to;
  }
}

const OUTCOME = { taken: 1, skipped: 2 } as const;
/** Instructions of one function at most: what is beyond is left to the interpreter. */
const MOST_NODES = 4000;
/** Of a jump table. */
const MOST_CASES = 512;
const ALWAYS = 7;

export class InstructionGraph {
  /** In the order they were found. */
  readonly nodes: InstructionNode[] = [];
  /** Where the interpreter is likely to come back: after what it runs, and where calls return. */
  readonly entries = new Set<InstructionNode>();
  private readonly byKey = new Map<string, InstructionNode>();
  private readonly waiting: InstructionNode[] = [];
  private readonly source: CodeSource;
  private readonly start: number;

  /** @param start where the function starts */
  constructor(source: CodeSource, start: number) {
    this.source = source;
    this.start = start;
  }

  private isOtherFunction(address: number): boolean {
    return address !== this.start && this.source.isFunction(address);
  }

  /** There may be more than was looked at. */
  get isFull(): boolean {
    return this.nodes.length >= MOST_NODES;
  }

  /** Is the instruction at an address one of those found? */
  reaches(address: number): boolean {
    return this.nodes.some((node) => node.address === address);
  }

  /** The instruction at an address that is entered, with all that follow from it. */
  explore(address: number): InstructionNode {
    const node = this.plainNode(address);
    this.entries.add(node);
    for (let k = this.waiting.pop(); k !== undefined; k = this.waiting.pop()) this.follow(k);
    return node;
  }

  private plainNode(address: number, known: Known = 'unknown'): InstructionNode {
    return this.nodeAt({
      address,
      itState: 0,
      timingState: this.source.timing.plain,
      known,
    });
  }

  private nodeAt(place: Place): InstructionNode {
    const key = `${place.address} ${place.itState} ${place.timingState} ${place.known}`;
    let node = this.byKey.get(key);
    if (node === undefined) {
      node = this.makeNode(place);
      this.byKey.set(key, node);
      this.nodes.push(node);
      this.waiting.push(node);
    }
    return node;
  }

  private makeNode(place: Place): InstructionNode {
    const { address, itState } = place;
    const isHere = !this.isFull && place.known !== 'beyond';
    const decoded = isHere ? this.source.decodedAt(address) : undefined;
    const shape = decoded && shapeOf(decoded, address, itState !== 0);
    const leaves = decoded === undefined || shape === undefined || this.mustLeave(decoded, shape, place);
    return new InstructionNode(place, decoded, shape, leaves);
  }

  private mustLeave(decoded: Decoded, shape: Shape, { address, itState }: Place): boolean {
    const odd = itState !== 0 && (decoded.insn.unconditional === true || shape.conditional);
    return odd || shape.interpreted || this.source.isWatched(decoded, address);
  }

  private follow(node: InstructionNode): void {
    const { decoded, shape } = node;
    if (decoded === undefined || shape === undefined) return;
    const passes = passesIn(node);
    if (passes !== true) node.skipped = this.onward(node, decoded, OUTCOME.skipped, knownAfter(node, false));
    if (passes !== false) this.followRun(node, decoded, shape);
    if (node.leaves || this.fallsIntoFunction(node)) this.enterAfter(node);
  }

  private followRun(node: InstructionNode, decoded: Decoded, shape: Shape): void {
    const known = shape.writesFlags ? 'unknown' : knownAfter(node, true);
    if (shape.jump === 'none' || shape.conditional) node.next = this.onward(node, decoded, 0, known);
    if (shape.jump === 'none') return;
    node.jump = this.step(node, decoded, OUTCOME.taken);
    if (shape.writesLink) {
      const address = (node.address + decoded.size) >>> 0;
      node.returns = this.plainNode(address, this.isOtherFunction(address) ? 'beyond' : 'unknown');
      this.entries.add(node.returns);
    } else if (shape.jump === 'direct') {
      if (!this.isOtherFunction(shape.target)) node.taken = this.jumpTo(node, shape.target);
    } else if (shape.jump === 'computed') {
      node.cases = this.casesOf(node, shape);
    }
  }

  /** Where that is measured, the unit is left there and entered again. */
  private fallsIntoFunction({ next }: InstructionNode): boolean {
    return (
      next !== undefined && this.source.measured !== undefined && this.source.isFunction(next.to.address)
    );
  }

  /** An instruction that the interpreter runs: what comes after it is entered. */
  private enterAfter({ next, skipped, taken }: InstructionNode): void {
    for (const way of [next, skipped, taken]) if (way?.to.itState === 0) this.entries.add(way.to);
  }

  private step(node: InstructionNode, decoded: Decoded, outcome: number) {
    return this.source.timing.step(decoded, node.address, node.itState !== 0, node.timingState, outcome);
  }

  /** The way to the next instruction in memory. */
  private onward(node: InstructionNode, decoded: Decoded, outcome: number, known: Known): Way {
    const { cycles, state } = this.step(node, decoded, outcome);
    const itState = node.itState === 0 ? (node.shape?.newITState ?? 0) : ITAdvance(node.itState);
    const address = (node.address + decoded.size) >>> 0;
    const place = { address, itState, timingState: state, known: itState === 0 ? 'unknown' : known } as const;
    return { to: this.nodeAt(place), cycles };
  }

  private jumpTo(node: InstructionNode, address: number): Way {
    const place = { address, itState: 0, timingState: node.jump.state, known: 'unknown' } as const;
    return { to: this.nodeAt(place), cycles: node.jump.cycles };
  }

  /**
   * Where TBB and TBH go: the table follows the instruction, and code follows the table. One too many does no
   * harm: where such a jump goes is compared as it is taken.
   */
  private casesOf(node: InstructionNode, { loads, loadSize }: Shape): readonly Way[] {
    if (loads !== 1 || loadSize > 2) return [];
    const table = node.address + 4;
    const targets = new Set<number>();
    let end = Number.POSITIVE_INFINITY;
    for (let k = 0; k < MOST_CASES && table + k * loadSize < end; k++) {
      const distance = this.constantAt(table + k * loadSize, loadSize);
      if (distance === undefined) break;
      const target = (table + 2 * distance) >>> 0;
      if (target > table) end = Math.min(end, target);
      if (this.source.decodedAt(target) !== undefined) targets.add(target);
    }
    return [...targets].map((target) => this.jumpTo(node, target));
  }

  private constantAt(address: number, size: number): number | undefined {
    const low = this.source.constantByte(address);
    const high = size === 1 ? 0 : this.source.constantByte(address + 1);
    return low === undefined || high === undefined ? undefined : low | (high << 8);
  }
}

/** Whether the instruction's condition holds; undefined when that shows as it runs. */
export function passesIn({ itState, known }: Place): boolean | undefined {
  if (itState === 0 || itState >>> 5 === ALWAYS) return true;
  const inverted = ((itState >>> 4) & 1) === 1;
  return known === 'unknown' ? undefined : (known === 'holds') !== inverted;
}

/** What is known of the block's base condition once it is seen whether this instruction passes. */
function knownAfter({ itState }: Place, passed: boolean): Known {
  if (itState === 0 || itState >>> 5 === ALWAYS) return 'unknown';
  const inverted = ((itState >>> 4) & 1) === 1;
  return passed !== inverted ? 'holds' : 'fails';
}
