/**
 * The exception model (DDI 0403, B1.5): entry and return, over priorities and fault status. Not here: the
 * registers through which software sees it.
 */
import {
  BASIC_FRAME,
  loadBasicFrame,
  loadFloatFrame,
  pushFrame,
  readFrame,
  storeFloatFrame,
} from './exception-frame.js';
import { CFSR, Exception, exceptionName, HFSR } from './exception-numbers.js';
import { FaultStatus } from './fault-status.js';
import type { Memory } from './memory.js';
import { type CoreState, word, X } from './state.js';

const NPRIV = 1;
const FPCA = 4;
const CONTROL_SPSEL = 2;
/** FPCCR, B3.2.21: what was so when the frame of the FP registers was reserved. */
const FPCCR = { USER: 1 << 1, THREAD: 1 << 3, HFRDY: 1 << 4, MMRDY: 1 << 5, BFRDY: 1 << 6, LSPEN: 1 << 30 };
/** ASPEN and LSPEN. */
const FPCCR_RESET = 0xc0000000 | 0;
const FPCCR_NOTED = FPCCR.USER | FPCCR.THREAD | FPCCR.HFRDY | FPCCR.MMRDY | FPCCR.BFRDY;

export interface ExceptionTiming {
  readonly exceptionEntry: number;
  readonly exceptionReturn: number;
  readonly tailChain: number;
  /** Storing or loading the FP part of a frame. */
  readonly floatFrame: number;
}

export interface ExceptionOptions {
  readonly state: CoreState;
  readonly memory: Memory;
  readonly interruptCount: number;
  readonly timing: ExceptionTiming;
  /** Adds to the machine's time. */
  readonly spend: (cycles: number) => void;
  /** The timing automaton forgets what came before. */
  readonly flushPipeline: () => void;
  /** Lets happen what is due by now: an interrupt may arrive while a frame is pushed. */
  readonly catchUp: () => void;
}

/** Told of exceptions as they are entered and left; it changes nothing. */
export interface ExceptionObserver {
  /** Before the frame is pushed. R13 and R15 are those of what is interrupted. */
  starts(): void;
  /** R15 is the handler. Without `starts` before it, it is chained to the end of another handler. */
  entered(): void;
  /** What was interrupted goes on: R13 and R15 are its own. */
  returned(): void;
}

export class Exceptions extends FaultStatus {
  readonly observers = new Set<ExceptionObserver>();
  vectorTable = 0;
  /** FPCCR without LSPACT, which is the state's LAZY_FP. */
  fpccr = FPCCR_RESET;
  fpcar = 0;
  /** FPDSCR: FPSCR's modes on a new FP context. */
  fpdscr = 0;
  /** CCR.STKALIGN is set at reset on this core. */
  stackAlign = true;
  /** CCR.NONBASETHRDENA: Thread mode may be returned to while other exceptions are active. */
  threadFromAnyLevel = false;
  private readonly options: ExceptionOptions;

  constructor(options: ExceptionOptions) {
    super(options.state, options.interruptCount);
    this.options = options;
    this.reset(0);
  }

  reset(vectorTable: number): void {
    this.resetPriorities();
    this.vectorTable = vectorTable;
    this.resetFaults();
    this.fpcar = this.fpdscr = 0;
    this.fpccr = FPCCR_RESET;
    this.stackAlign = true;
    this.threadFromAnyLevel = false;
  }

  /** ExceptionEntry(): stacks, then takes the exception. R15 is the address to return to. */
  take(number: number): void {
    const { timing, spend } = this.options;
    for (const observer of this.observers) observer.starts();
    spend(timing.exceptionEntry);
    const first = this.pushStack() ? number : this.derived(number);
    if (first === undefined) return;
    this.enter(this.lateArrival(first), this.excReturn());
    this.state.x[X.EVENT_REGISTER] = 1;
  }

  /** An exception of higher priority that came while the frame was pushed is entered first (B1.5.4). */
  private lateArrival(first: number): number {
    this.options.catchUp();
    const best = this.nextToTake();
    if (best === 0 || this.groupPriority(this.priorityOf(best)) >= this.groupPriority(this.priorityOf(first)))
      return first;
    this.pend(first);
    return best;
  }

  /**
   * What to enter when the frame of `number` cannot be pushed: the fault, or `number` if that is more
   * urgent.
   */
  private derived(number: number): number | undefined {
    const text = `the frame of ${exceptionName(number)} cannot be pushed: ${this.frameFault()}`;
    const fault = this.options.memory.forbidden
      ? this.raise(Exception.MemManage, CFSR.MSTKERR, text)
      : this.raise(Exception.BusFault, CFSR.STKERR, text);
    if (fault === undefined) return undefined;
    this.pend(fault);
    return this.priorityOf(fault) <= this.priorityOf(number) ? fault : number;
  }

  /** Why the last word of a frame could not be accessed. */
  private frameFault(): string {
    const { memory } = this.options;
    const address = `0x${memory.fault.address.toString(16).padStart(8, '0')}`;
    return memory.forbidden ? `the MPU forbids ${address}` : `no memory answers at ${address}`;
  }

  private excReturn(): number {
    const { state } = this.options;
    const mode = state.handlerMode ? 0x1 : state.onProcessStack ? 0xd : 0x9;
    const basic = word(state.x, X.CONTROL) & FPCA ? 0 : 0x10;
    return 0xffffffe0 | mode | basic;
  }

  /** ExceptionTaken(): vector, LR, IPSR, active. */
  private enter(number: number, excReturn: number): void {
    const { state, memory, flushPipeline } = this.options;
    const { r, x } = state;
    const vector = memory.readWord(this.vectorTable + 4 * number);
    if (vector === undefined) {
      this.vectorFault(number, excReturn);
      return;
    }
    const wasProcess = state.onProcessStack;
    this.pending[number] = 0;
    this.active[number] = 1;
    x[X.IPSR] = number;
    x[X.CONTROL] = word(x, X.CONTROL) & ~FPCA & ~CONTROL_SPSEL;
    x[X.ITSTATE] = 0;
    x[X.EXCLUSIVE] = 0;
    state.selectStack(wasProcess);
    r[14] = excReturn;
    flushPipeline();
    r[15] = vector & ~1;
    for (const observer of this.observers) observer.entered();
    if ((vector & 1) === 0)
      this.usageFault(CFSR.INVSTATE, `the vector of ${exceptionName(number)} is no Thumb address`);
  }

  /** The exception stays pending, and HardFault is entered in its place; its own vector is the last one. */
  private vectorFault(number: number, excReturn: number): void {
    const text = `the vector of ${exceptionName(number)} cannot be read`;
    this.note(Exception.HardFault, 0, text);
    this.hfsr |= HFSR.VECTTBL;
    if (number <= Exception.HardFault) this.lockup = text;
    else this.enter(Exception.HardFault, excReturn);
  }

  /** PushStack() (B1.5.6): the basic frame, and room for (or all of) the FP registers. */
  private pushStack(): boolean {
    const { memory, spend, timing } = this.options;
    const { state } = this;
    const withFloat = (word(state.x, X.CONTROL) & FPCA) !== 0;
    if (!pushFrame(state, memory, withFloat, withFloat || this.stackAlign)) return false;
    if (!withFloat) return true;
    const at = word(state.r, 13) + BASIC_FRAME;
    if ((this.fpccr & FPCCR.LSPEN) !== 0) {
      this.fpcar = at & ~7;
      this.fpccr = (this.fpccr & ~FPCCR_NOTED) | this.lazyConditions();
      state.x[X.LAZY_FP] = 1;
      return true;
    }
    spend(timing.floatFrame);
    return storeFloatFrame(state, memory, at, state.privileged);
  }

  /** UpdateFPCCR(): as whom the FP registers will be stored, and which faults of it could be taken. */
  private lazyConditions(): number {
    const { state } = this;
    const now = this.executionPriority();
    const ready = (number: number, bit: number): number =>
      this.enabled[number] === 1 && this.groupPriority(this.priorityOf(number)) < now ? bit : 0;
    return (
      (state.privileged ? 0 : FPCCR.USER) |
      (state.handlerMode ? 0 : FPCCR.THREAD) |
      (now > -1 ? FPCCR.HFRDY : 0) |
      ready(Exception.MemManage, FPCCR.MMRDY) |
      ready(Exception.BusFault, FPCCR.BFRDY)
    );
  }

  /** PreserveFPState(): what lazy stacking put off, at its price. False: it cannot be stored. */
  preserveFloat(): boolean {
    const { state, memory, spend, timing } = this.options;
    state.x[X.LAZY_FP] = 0;
    spend(timing.floatFrame);
    return storeFloatFrame(state, memory, this.fpcar, (this.fpccr & FPCCR.USER) === 0);
  }

  /**
   * preserveFloat failed (B1.5.7): the fault pends if it could have been taken when the frame was reserved,
   * else HardFault does. The FP instruction at R15 runs when nothing more urgent is left.
   */
  lazyStackingFault(text: string): void {
    const { forbidden } = this.options.memory;
    const number = forbidden ? Exception.MemManage : Exception.BusFault;
    this.note(number, forbidden ? CFSR.MLSPERR : CFSR.LSPERR, `${text}: ${this.frameFault()}`);
    if ((this.fpccr & (forbidden ? FPCCR.MMRDY : FPCCR.BFRDY)) !== 0) this.pend(number);
    else if ((this.fpccr & FPCCR.HFRDY) !== 0) {
      this.hfsr |= HFSR.FORCED;
      this.pend(Exception.HardFault);
    } else this.lockup = `${text} at a priority that takes no fault`;
  }

  /**
   * ExceptionReturn() for the EXC_RETURN just loaded into the PC (B1.5.8).
   * @returns true when nothing is active any more: Thread mode goes on, or sleeps if SCR says so
   */
  return(excReturn: number): boolean {
    const { timing, spend, flushPipeline } = this.options;
    const { x } = this.state;
    const number = word(x, X.IPSR);
    const wasActive = this.active[number] === 1;
    this.active[number] = 0;
    if (this.levels[number] === 1) this.pend(number);
    if (number !== Exception.NMI) x[X.FAULTMASK] = 0;
    const last = !this.active.includes(1);
    if (!wasActive || !this.allowsReturn(excReturn, last)) {
      const text = `EXC_RETURN 0x${(excReturn >>> 0).toString(16)} does not fit the active exceptions`;
      this.faultOfReturn(Exception.UsageFault, CFSR.INVPC, text, excReturn | 0xf0000000);
      return false;
    }
    const next = this.nextToTake();
    if (next !== 0) {
      spend(timing.tailChain);
      this.enter(next, excReturn);
      return false;
    }
    spend(timing.exceptionReturn);
    flushPipeline();
    this.unstack(excReturn);
    x[X.EVENT_REGISTER] = 1;
    x[X.EXCLUSIVE] = 0;
    return last && !this.state.handlerMode;
  }

  /** @param last no other exception is active */
  private allowsReturn(excReturn: number, last: boolean): boolean {
    const kind = excReturn & 0xf;
    if (kind === 0x1) return true;
    return (kind === 0x9 || kind === 0xd) && (last || this.threadFromAnyLevel);
  }

  /** A fault of the return itself is tail-chained: nothing is popped, nothing pushed. */
  private faultOfReturn(number: number, bits: number, text: string, excReturn: number): void {
    const taken = this.raise(number, bits, text);
    if (taken === undefined) return;
    this.options.spend(this.options.timing.tailChain);
    this.enter(taken, excReturn);
  }

  /** PopStack(). FP registers that lazy stacking never stored are still there. */
  private unstack(excReturn: number): void {
    const { state, memory, spend, timing } = this.options;
    const { x } = state;
    const toThread = (excReturn & 8) !== 0;
    const withFloat = (excReturn & 0x10) === 0;
    const loadsFloat = withFloat && word(x, X.LAZY_FP) === 0;
    const toProcess = toThread && (excReturn & 4) !== 0;
    const privileged = !toThread || (word(x, X.CONTROL) & NPRIV) === 0;
    const words = readFrame(memory, toProcess ? state.psp : state.msp, loadsFloat, privileged);
    if (words === undefined) {
      const text = `exception return cannot pop its frame: ${this.frameFault()}`;
      if (memory.forbidden) this.faultOfReturn(Exception.MemManage, CFSR.MUNSTKERR, text, excReturn);
      else this.faultOfReturn(Exception.BusFault, CFSR.UNSTKERR, text, excReturn);
      return;
    }
    x[X.IPSR] = 0;
    if (toProcess) x[X.CONTROL] = word(x, X.CONTROL) | CONTROL_SPSEL;
    state.selectStack(false);
    if (withFloat) x[X.LAZY_FP] = 0;
    if (loadsFloat) {
      spend(timing.floatFrame);
      loadFloatFrame(state, words);
    }
    x[X.CONTROL] = (word(x, X.CONTROL) & ~FPCA) | (withFloat ? FPCA : 0);
    const xpsr = loadBasicFrame(state, words, withFloat);
    const ipsr = xpsr & 0x1ff;
    x[X.IPSR] = toThread ? 0 : ipsr;
    for (const observer of this.observers) observer.returned();
    if ((ipsr === 0) !== toThread) this.misfit(excReturn, `EXC_RETURN does not fit the stacked IPSR ${ipsr}`);
    else if ((xpsr & (1 << 24)) === 0) this.usageFault(CFSR.INVSTATE, 'the stacked xPSR has no T bit');
  }

  /** The frame that was just popped is pushed again, and the fault chained to the return. */
  private misfit(excReturn: number, text: string): void {
    for (const observer of this.observers) observer.starts();
    this.pushStack();
    this.faultOfReturn(Exception.UsageFault, CFSR.INVPC, text, excReturn | 0xf0000000);
  }

  usageFault(bits: number, text: string): void {
    this.fault(Exception.UsageFault, bits, text);
  }

  busFault(bits: number, text: string, address?: number): void {
    if (address !== undefined) this.bfar = address | 0;
    this.fault(Exception.BusFault, bits | (address === undefined ? 0 : CFSR.BFARVALID), text);
  }

  memManageFault(bits: number, text: string, address?: number): void {
    if (address !== undefined) this.mmfar = address | 0;
    this.fault(Exception.MemManage, bits | (address === undefined ? 0 : CFSR.MMARVALID), text);
  }

  /** A synchronous fault of the instruction at R15, taken now. */
  private fault(number: number, bits: number, text: string): void {
    const taken = this.raise(number, bits, text);
    if (taken === undefined) return;
    this.pend(taken);
    this.take(taken);
  }

  hardFault(text: string): void {
    this.fault(Exception.HardFault, 0, text);
  }

  /** False, and nothing has happened, at a priority that cannot take it. */
  takeDebugMonitor(): boolean {
    const number = Exception.DebugMonitor;
    if (this.groupPriority(this.priorityOf(number)) >= this.executionPriority()) return false;
    this.pend(number);
    this.take(number);
    return true;
  }

  /** SVC: taken at once, or a HardFault when its priority does not allow it. R15 is the address after it. */
  supervisorCall(): void {
    const text = 'SVC at a priority that cannot take it';
    const taken = this.escalated(Exception.SVCall, text);
    if (taken !== Exception.SVCall) this.note(Exception.SVCall, 0, text);
    if (taken === undefined) return;
    this.pend(taken);
    this.take(taken);
  }
}
