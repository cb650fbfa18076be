/**
 * What a measured machine adds to a unit's code: at branches that a measurement follows, where SP is moved,
 * and at stores, the host is told what it must know, and nothing where it would change nothing. What a
 * measurement knows of the moment lies in the state's words.
 */
import { X, X_OFFSET } from '../core/state.js';
import type { BlockCode } from './block-code.js';
import type { CodeSource, InstructionNode, MeasuredSite } from './instruction-graph.js';
import { CLOCK_OFFSET, type UnitExits } from './unit-exits.js';
import { binary, constant, inLocal, splitOffset, type Value } from './value.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** storing: address, words. branched: site's number, target. moved: address of the instruction. */
export type MeasuredCall = 'storing' | 'branched' | 'moved';

export interface MeasuredParts {
  readonly code: BlockCode;
  readonly exits: UnitExits;
  /** Holds where the unit is left for. */
  readonly pc: Local;
  readonly clock: Local;
  readonly source: CodeSource;
  call(name: MeasuredCall): void;
  /** The instruction before which the unit is left from now on. */
  leaveBefore(node: InstructionNode): void;
}

/** What an instruction's stores so far were looked at for. */
interface Seen {
  readonly base: Value | undefined;
  readonly low: number;
  readonly high: number;
}

const SP = 13;
const offsetOf = (index: number): number => X_OFFSET + 4 * index;

export class MeasuredCode {
  private seen: Seen | undefined;
  private readonly f: WasmFunction;
  /** The number of the site whose branch leaves the unit. */
  private readonly from: Local;
  private readonly sites = new Map<InstructionNode, MeasuredSite | undefined>();

  constructor(private readonly parts: MeasuredParts) {
    this.f = parts.code.f;
    this.from = this.f.local('i32');
  }

  private siteOf(node: InstructionNode): MeasuredSite | undefined {
    const { measured } = this.parts.source;
    if (measured === undefined) return undefined;
    if (!this.sites.has(node)) this.sites.set(node, measured.siteAt(node));
    return this.sites.get(node);
  }

  /** More than its stores is followed. */
  follows(node: InstructionNode): boolean {
    return this.siteOf(node) !== undefined;
  }

  private word(index: number): WasmFunction {
    return this.f.const(0).memory('i32.load', offsetOf(index));
  }

  /** An instruction begins: before that of a function that was fallen into, the unit is left. */
  begin(node: InstructionNode): void {
    this.seen = undefined;
    const site = this.siteOf(node);
    // Even where its condition fails, SP is looked at.
    const odd = site?.replacesSP === true && node.itState !== 0;
    if (site?.entry !== true && !odd) return;
    const { code } = this.parts;
    code.beginInstruction();
    if (odd) this.f.const(1);
    else
      this.word(X.TOP_FUNCTION)
        .const(site?.fn ?? 0)
        .op('i32.ne');
    code.leaveIf();
  }

  /**
   * The instruction is about to store so many words one after the other: the host is told where one may lie
   * in the range that is watched.
   */
  storing(address: Value, words: number): void {
    const { base, offset } = splitOffset(address);
    const { seen, f } = this;
    if (seen !== undefined && seen.base === base && offset >= seen.low && offset < seen.high) return;
    this.seen = { base, low: offset, high: offset + 4 * words };
    const { code, call } = this.parts;
    const further = 4 * (words - 1);
    code.push(binary('i32.add', address, constant(further)));
    this.word(X.WATCH_START).op('i32.sub');
    this.word(X.WATCH_SIZE);
    if (further !== 0) f.const(further).op('i32.add');
    f.op('i32.lt_u').if('watched');
    code.asideDo(() => code.push(address));
    f.const(words);
    call('storing');
    f.end();
  }

  /** The instruction is done but for its time: one that may have gone to another stack is left instead. */
  replaced(node: InstructionNode): void {
    if (this.siteOf(node)?.replacesSP !== true) return;
    const { code } = this.parts;
    code.push(code.bound(code.read(SP)));
    this.word(X.STACK_LOWEST).op('i32.sub');
    this.word(X.STACK_SPAN).op('i32.ge_u');
    code.leaveIf();
  }

  /** The instruction is done and its time accounted; `next` comes next. */
  moved(node: InstructionNode, next: InstructionNode): void {
    const site = this.siteOf(node);
    if (site?.writesSP !== true) return;
    const { code, exits, leaveBefore } = this.parts;
    const sp = code.bound(code.read(SP));
    code.beginInstruction();
    leaveBefore(next);
    code.asideDo(() =>
      this.emitMoved(sp, node.address, () => {
        exits.pushIsOver();
        code.leaveIf();
      }),
    );
  }

  /** As `moved`, of an instruction whose registers are in their locals and that leaves the unit. */
  movedLast(node: InstructionNode): void {
    if (this.siteOf(node)?.writesSP !== true) return;
    const { code } = this.parts;
    const sp = inLocal(code.slots.local(SP));
    code.asideDo(() => this.emitMoved(sp, node.address, () => undefined));
  }

  private emitMoved(sp: Value, address: number, told: () => void): void {
    const { f } = this;
    const { code, exits, call } = this.parts;
    code.push(sp);
    this.word(X.FRAME_LOWEST).op('i32.lt_u').if('lower');
    code.push(sp);
    this.word(X.STACK_LOWEST).op('i32.lt_u').if('lowest');
    f.const(0);
    code.push(sp).memory('i32.store', 4 * SP);
    exits.aroundHost(() => {
      f.const(address);
      call('moved');
    });
    told();
    f.else().const(0);
    code.push(sp).memory('i32.store', offsetOf(X.FRAME_LOWEST));
    f.end().end();
  }

  /** The instruction jumps, and leaves the unit by its end: the host is told there. */
  leaving(node: InstructionNode): void {
    const site = this.siteOf(node);
    if (site?.branches === true) this.f.const(site.number).set(this.from);
  }

  /** The unit's end, with everything in memory. */
  left(): void {
    const { f, from } = this;
    if (this.parts.source.measured === undefined) return;
    f.get(from).if('branched');
    this.tell(() => f.get(from).get(this.parts.pc).const(~1).op('i32.and'));
    f.end();
  }

  /** The instruction has jumped to an address; its time is off the clock, everything in memory. */
  branched(node: InstructionNode, target: number): void {
    const site = this.siteOf(node);
    if (site?.branches === true) this.tell(() => this.f.const(site.number).const(target));
  }

  private tell(push: () => void): void {
    const { f } = this;
    f.const(0).get(this.parts.clock).memory('i64.store', CLOCK_OFFSET);
    push();
    this.parts.call('branched');
  }

  /** The instruction jumps to another of the unit; registers are in their locals. */
  jumping(node: InstructionNode, to: InstructionNode): void {
    const site = this.siteOf(node);
    const following = node.address + (node.decoded?.size ?? 0);
    if (site?.branches !== true || (to.address === following && !site.links)) return;
    const { f } = this;
    const { code, source, pc, exits } = this.parts;
    if (source.measured?.isQuiet(site, to.address) === true) {
      this.word(X.TOP_FUNCTION).const(site.fn).op('i32.ne');
      f.get(code.slots.local(SP));
      this.word(X.ENTRY_SP).op('i32.gt_u', 'i32.or').if('not quiet');
      const { taken } = exits;
      f.const(to.address).set(pc);
      exits.leaveTaken(node);
      exits.taken = taken;
      f.end();
      f.const(0).const(node.address).memory('i32.store', offsetOf(X.LEFT_FROM));
      f.const(0).const(to.address).memory('i32.store', offsetOf(X.LEFT_TO));
      return;
    }
    f.const(to.address).set(pc);
    exits.leaveTaken(node);
    // What follows is not reached, but is valid code.
  }
}
