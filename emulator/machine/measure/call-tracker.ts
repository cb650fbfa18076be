/**
 * The shadow call stack: follows calls, returns, tail calls, exceptions, longjmp and changes of stack, and
 * books cycles and stack to functions. What an instruction is, its plan says.
 *
 * A branch counts when its cycles are charged: a call's cost is the caller's, a return's the callee's.
 */
import type { CallChain } from '../../core/exception-observer.js';
import { type CoreState, word, X } from '../../core/state.js';
import { Context } from './call-chain.js';
import { callSites } from './call-sites.js';
import { type Frame, type FrameFields, NO_RETURN, namesOf } from './frame.js';
import type { FunctionRecord, FunctionTable } from './function-table.js';
import type { AllocatorCall, HeapWatch } from './heap-use.js';
import type { SitePlan } from './site-plan.js';
import type { Stack, StackWatch } from './stack-use.js';

export interface TrackerParts {
  readonly state: CoreState;
  readonly functions: FunctionTable;
  readonly heap: HeapWatch;
  readonly stacks: StackWatch;
  /** Cycles since reset. */
  readonly now: () => number;
  /** A stack's limit was crossed. */
  readonly overflowed: () => void;
  /** An exception's frame was stored from this address up. */
  readonly pushed: (sp: number) => void;
}

export class CallTracker {
  private readonly parts: TrackerParts;
  private current: Context;
  /** What handlers run on. */
  private main: Stack;
  /** Threads and handlers that the exceptions being handled interrupted. */
  private interrupted: Context[] = [];
  private threads = new Set<Context>();
  /** Set between the start of an exception's entry and its end. */
  private entering = false;
  /** Up to where cycles are booked. */
  private booked = 0;

  constructor(parts: TrackerParts) {
    this.parts = parts;
    this.main = parts.stacks.start(0);
    this.current = new Context(this.main, false);
  }

  private get sp(): number {
    return word(this.parts.state.r, 13) >>> 0;
  }

  /** After a reset of the core. @param powerOn every figure starts anew */
  start(powerOn: boolean): void {
    const { stacks, functions, heap, now } = this.parts;
    if (powerOn) {
      functions.clear();
      heap.clear();
      this.booked = now();
    } else {
      this.catchUp();
      this.book(now());
      for (const context of this.open()) context.popAll();
    }
    this.main = powerOn ? stacks.start(this.sp) : stacks.restart(this.sp);
    this.current = new Context(this.main, false);
    this.interrupted = [];
    this.threads = new Set([this.current]);
    this.entering = false;
    this.noteLeft(0, NO_RETURN);
    this.enterRoot(word(this.parts.state.r, 15) >>> 0);
    this.publish();
  }

  private open(): Set<Context> {
    return new Set([...this.threads, ...this.interrupted, this.current]);
  }

  /** Books the cycles since the last time to what ran. */
  private book(now: number): void {
    const cycles = now - this.booked;
    const { current } = this;
    (current.top?.fn ?? this.parts.functions.outside).exclusiveCycles += cycles;
    current.elapsed += cycles;
    this.booked = now;
  }

  /** A frame that nobody called: a reset's, a thread's, a handler's. */
  private enterRoot(pc: number, below?: Frame): Frame {
    const { functions } = this.parts;
    if (functions.isStart(pc)) functions.at(pc).calls++;
    return this.push({ fn: functions.at(pc), entrySP: this.sp, returnAddress: NO_RETURN, below }, pc);
  }

  private push(fields: Omit<FrameFields, 'parent' | 'inAllocator'>, pc: number): Frame {
    const { heap } = this.parts;
    const parent = this.current.top;
    const nested = parent?.inAllocator === true;
    const { fn, entrySP, returnAddress, below } = fields;
    const allocation =
      fields.allocation ?? (heap.hasRole(pc) ? this.allocatorCall(pc, nested, parent) : undefined);
    const inAllocator = nested || (allocation !== undefined && heap.isAllocator(allocation));
    // Field by field: this is done at every call.
    return this.current.push({ fn, entrySP, returnAddress, parent, below, allocation, inAllocator });
  }

  private allocatorCall(pc: number, nested: boolean, parent: Frame | undefined) {
    const { heap, state, functions } = this.parts;
    const argument = (n: number): number => word(state.r, n) >>> 0;
    return heap.enter(pc, argument, nested, () => ({
      pc: (word(state.r, 14) & ~1) >>> 0,
      chain: [...namesOf(parent), functions.at(pc).name],
    }));
  }

  /** A branch was taken to `target` and is paid for. */
  branched(plan: SitePlan, target: number, now: number): void {
    this.catchUp();
    if (plan.links) this.called(target, now);
    else this.left(plan.address, target, now, plan.indirect);
    this.publish();
  }

  private noteLeft(from: number, to: number): void {
    const { x } = this.parts.state;
    x[X.LEFT_FROM] = from;
    x[X.LEFT_TO] = to;
  }

  /** Takes over how low translated code has moved SP in the last frame. */
  private catchUp(): void {
    const { top } = this.current;
    const lowest = word(this.parts.state.x, X.FRAME_LOWEST) >>> 0;
    if (top !== undefined && lowest < top.lowest) top.lowest = lowest;
  }

  /** Tells translated code what it must tell: see `X`. */
  private publish(): void {
    const { state } = this.parts;
    const { x } = state;
    const { top, stack, process } = this.current;
    x[X.FRAME_LOWEST] = top !== undefined && top.lowest > stack.lowest ? top.lowest : stack.lowest;
    x[X.STACK_LOWEST] = stack.lowest;
    x[X.STACK_SPAN] = state.onProcessStack === process ? stack.top - stack.lowest + 1 : 0;
    x[X.TOP_FUNCTION] = top === undefined ? -1 : top.fn.number;
    x[X.ENTRY_SP] = top === undefined ? 0 : top.entrySP;
  }

  private left(from: number, target: number, now: number, indirect: boolean): void {
    this.noteLeft(from, target);
    if (!indirect || !this.returned(target, now)) this.jumped(target, now);
  }

  /** The instruction at `pc` branched to R15 and faults there. BLX is the one that may have called. */
  branchedToData(pc: number): void {
    const { r } = this.parts.state;
    const target = word(r, 15) >>> 0;
    const now = this.parts.now();
    this.catchUp();
    if (word(r, 14) === ((pc + 3) | 0)) this.called(target, now);
    else this.left(pc, target, now, true);
    this.publish();
  }

  /** Who called whom at this moment. */
  calls(): CallChain {
    const { current, interrupted } = this;
    const { functions, state } = this.parts;
    const [leftFrom, leftTo] = [word(state.x, X.LEFT_FROM) >>> 0, word(state.x, X.LEFT_TO) >>> 0];
    const pc = word(state.r, 15) >>> 0;
    // To where no function is, nobody calls on purpose: what branched there is the one to look at.
    const strayed = pc === leftTo && functions.at(pc) === functions.outside ? leftFrom : undefined;
    const open = [current, ...[...interrupted].reverse()].map(({ top, exception, suspendedPC }, k) => ({
      ...{ top, exception, pc: k === 0 ? pc : suspendedPC >>> 0 },
    }));
    return () => callSites(open, strayed);
  }

  private called(target: number, now: number): void {
    const { functions, state } = this.parts;
    this.book(now);
    this.dropDead();
    const fn = functions.at(target);
    if (functions.isStart(target)) fn.calls++;
    const returnAddress = (word(state.r, 14) & ~1) >>> 0;
    this.push({ fn, entrySP: this.sp, returnAddress }, target);
  }

  private returned(target: number, now: number): boolean {
    const { sp } = this;
    for (let frame = this.current.top; frame !== undefined; frame = frame.parent) {
      if (frame.entrySP > sp) return false;
      if (frame.returnAddress !== target || frame.entrySP !== sp) continue;
      this.book(now);
      while (this.current.top !== frame) this.current.pop();
      this.current.pop();
      if (frame.allocation !== undefined) this.allocated(frame.allocation);
      return true;
    }
    return false;
  }

  private allocated(call: AllocatorCall): void {
    const { heap, stacks, state } = this.parts;
    heap.leave(call, word(state.r, 0) >>> 0);
    if (heap.breakAddress !== undefined) stacks.raiseFloor(heap.breakAddress);
  }

  /** A tail call, a longjmp, or a branch inside a function. */
  private jumped(target: number, now: number): void {
    const { functions } = this.parts;
    const fn = functions.at(target);
    const dead = this.current.top;
    if (fn === dead?.fn && dead.entrySP >= this.sp) return;
    this.book(now);
    this.dropDead();
    const { top } = this.current;
    if (top?.fn === fn) return;
    if (functions.isStart(target)) fn.calls++;
    else if (top?.parent?.fn === fn) {
      this.current.pop();
      return;
    }
    this.replaceTop(fn, target);
  }

  /**
   * The last frame's function gives its place to another one. Not so a root: a handler's time is its own,
   * wherever it jumps.
   */
  private replaceTop(fn: FunctionRecord, pc: number): void {
    const { top } = this.current;
    if (top?.parent === undefined) {
      this.push({ fn, entrySP: top?.entrySP ?? this.sp, returnAddress: NO_RETURN }, pc);
      return;
    }
    this.current.pop();
    const { entrySP, returnAddress, allocation } = top;
    this.push({ fn, entrySP, returnAddress, allocation }, pc);
  }

  /** Frames that SP has left without a return: longjmp took it up. */
  private dropDead(): void {
    const { sp, current } = this;
    for (let { top } = current; top?.parent !== undefined && top.entrySP < sp; top = current.top)
      current.pop();
  }

  /** The first instruction of a function: fallen through to from the one before, if not branched to. */
  entered(pc: number): void {
    const fn = this.parts.functions.at(pc >>> 0);
    if (this.current.top?.fn === fn) return;
    this.catchUp();
    this.book(this.parts.now());
    fn.calls++;
    this.replaceTop(fn, pc >>> 0);
    this.publish();
  }

  /** SP was written by the instruction at `pc`. */
  moved(pc: number): void {
    const { sp, current } = this;
    if (sp >= word(this.parts.state.x, X.FRAME_LOWEST) >>> 0) return;
    const { top, stack } = current;
    this.catchUp();
    if (top !== undefined && sp < top.lowest) top.lowest = sp;
    if (sp < stack.lowest) this.deepen(stack, sp, top, pc);
    this.publish();
  }

  private deepen(stack: Stack, sp: number, frame: Frame | undefined, pc: number): void {
    if (this.parts.stacks.deepen(stack, sp, frame, pc >>> 0)) this.parts.overflowed();
  }

  /** SP has, or may have, been set to another stack by the program itself. */
  replacedSP(pc: number): void {
    const { stacks, state, now } = this.parts;
    const { sp, current } = this;
    const switched = state.onProcessStack !== current.process;
    if (state.handlerMode || !(switched || stacks.leaves(current.stack, sp))) {
      this.moved(pc);
      return;
    }
    this.catchUp();
    this.book(now());
    const stack = stacks.at(sp);
    const known = [...this.threads].find((thread) => thread.stack === stack);
    if (known === undefined) this.openContext(stack, sp);
    else this.current = known;
    this.dropDead();
    this.publish();
    this.moved(pc);
  }

  /** A new stack, as main opens one when it sets PSP and goes on: the chain so far is shown below it. */
  private openContext(stack: Stack, sp: number): void {
    const below = this.current.top;
    const next = new Context(stack, this.parts.state.onProcessStack);
    this.threads.add(next);
    this.current = next;
    const fn = below?.fn ?? this.parts.functions.outside;
    next.push({ fn, entrySP: sp, returnAddress: NO_RETURN, parent: undefined, below, inAllocator: false });
  }

  /** An exception is about to be entered. */
  exceptionStarts(): void {
    this.book(this.parts.now());
    this.current.suspendedSP = this.sp;
    this.current.suspendedPC = word(this.parts.state.r, 15);
    this.entering = true;
  }

  /** R15 is the handler. Without a start it is chained to the one before, whose end this is. */
  exceptionEntered(): void {
    const { state, now } = this.parts;
    const tailChained = !this.entering;
    this.catchUp();
    if (tailChained) {
      this.book(now());
      this.current.popAll();
    } else this.interrupted.push(this.current);
    this.entering = false;
    const from = this.interrupted.at(-1) ?? this.current;
    const pc = word(state.r, 15) >>> 0;
    // Code on MSP may have moved it to another stack, where its handlers then are too.
    const stack = from.process ? this.main : from.stack;
    this.current = new Context(stack, false, word(state.x, X.IPSR));
    const handler = this.enterRoot(pc, from.stack === stack ? from.top : undefined);
    handler.fn.interrupt = true;
    this.publish();
    if (tailChained) return;
    this.frameOn(from, handler);
    this.moved(from.suspendedPC);
  }

  /** The exception's frame, on the stack of what it interrupted. */
  private frameOn(from: Context, handler: Frame): void {
    const { state, pushed } = this.parts;
    if (!from.process || from.stack === this.main) {
      pushed(this.sp);
      return;
    }
    const sp = state.psp >>> 0;
    pushed(sp);
    if (sp >= from.stack.lowest) return;
    const fields = { fn: handler.fn, entrySP: sp, returnAddress: NO_RETURN, parent: undefined };
    const frame = new Context(from.stack, true).push({ ...fields, below: from.top, inAllocator: false });
    this.deepen(from.stack, sp, frame, from.suspendedPC);
  }

  /** R13 and R15 are those of what goes on. */
  exceptionReturned(): void {
    const { state, now } = this.parts;
    this.catchUp();
    this.book(now());
    this.current.popAll();
    const before = this.interrupted.pop() ?? this.current;
    this.current = state.handlerMode ? before : this.threadAt(before);
    this.publish();
  }

  /** The thread that goes on after an exception; a new one, if none was left with this SP. */
  private threadAt(before: Context): Context {
    const { sp } = this;
    if (before.suspendedSP === sp) return before;
    const { stacks, state } = this.parts;
    const stack = state.onProcessStack ? stacks.at(sp) : before.stack;
    const known = [...this.threads].filter((thread) => thread.stack === stack);
    const found = known.find((thread) => thread.suspendedSP === sp) ?? known[0];
    if (found !== undefined) {
      this.current = found;
      this.dropDead();
      return found;
    }
    this.current = new Context(stack, state.onProcessStack);
    this.threads.add(this.current);
    this.enterRoot(word(state.r, 15) >>> 0);
    return this.current;
  }

  /**
   * Books what is open, so that the figures are those of this moment; may be called at any time.
   * @returns cycles of each function's open calls, which its `inclusiveCycles` lacks
   */
  settle(): Map<FunctionRecord, number> {
    this.catchUp();
    this.book(this.parts.now());
    const open = new Map<FunctionRecord, number>();
    for (const context of this.open()) {
      let lowest = Number.POSITIVE_INFINITY;
      for (let frame = context.top; frame !== undefined; frame = frame.parent) {
        const { fn, entrySP } = frame;
        lowest = Math.min(lowest, frame.lowest);
        fn.peakStackBytes = Math.max(fn.peakStackBytes, entrySP - lowest);
        if (frame.outermost) open.set(fn, (open.get(fn) ?? 0) + context.elapsed - frame.start);
      }
    }
    return open;
  }
}
