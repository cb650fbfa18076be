/**
 * The exception model (DDI 0403, B1.5): pending, priority, entry, return, faults and lockup. Interrupts and
 * system exceptions are numbers, as in IPSR. Not here: the registers through which software sees it.
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
import type { ExceptionObserver } from './exception-observer.js';
import { FaultLog } from './fault-log.js';
import type { Memory } from './memory.js';
import { type CoreState, word, X } from './state.js';

/** Lower than every programmable priority: nothing is running. */
const THREAD_PRIORITY = 256;
const FPCA = 4;
const CONTROL_SPSEL = 2;
/** An SVC has completed when it is taken: R15 is behind it. */
const SVC_BYTES = 2;
/** FPCCR: lazy stacking on. */
const LSPEN = 1 << 30;

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
}

export class Exceptions {
  observer: ExceptionObserver | undefined;
  readonly pending: Uint8Array;
  readonly enabled: Uint8Array;
  readonly active: Uint8Array;
  /** Interrupt lines that are high: such an interrupt is pending again as soon as it is not active. */
  private readonly levels: Uint8Array;
  /** 0..255; lower is more urgent. Reset, NMI and HardFault have fixed negative ones. */
  readonly priorities: Uint8Array;
  vectorTable = 0;
  /** AIRCR.PRIGROUP. */
  priorityGroup = 0;
  cfsr = 0;
  hfsr = 0;
  dfsr = 0;
  bfar = 0;
  mmfar = 0;
  /** FPCCR: ASPEN bit 31, LSPEN bit 30. */
  fpccr = 0xc0000000 | 0;
  fpcar = 0;
  /** FPDSCR: FPSCR's modes on a new FP context. */
  fpdscr = 0;
  /** CCR.STKALIGN is set at reset on this core. */
  stackAlign = true;
  /** Why the core can go no further, when it cannot. */
  lockup: string | undefined;
  readonly faults: FaultLog;
  private readonly options: ExceptionOptions;

  constructor(options: ExceptionOptions) {
    this.options = options;
    this.faults = new FaultLog(options.state);
    const count = Exception.firstInterrupt + options.interruptCount;
    this.pending = new Uint8Array(count);
    this.enabled = new Uint8Array(count);
    this.active = new Uint8Array(count);
    this.levels = new Uint8Array(count);
    this.priorities = new Uint8Array(count);
    this.reset(0);
  }

  reset(vectorTable: number): void {
    for (const flags of [this.pending, this.active, this.priorities, this.levels]) flags.fill(0);
    this.enabled.fill(0);
    this.enabled.fill(1, 0, Exception.firstInterrupt);
    this.enabled.fill(0, Exception.MemManage, Exception.SVCall);
    this.vectorTable = vectorTable;
    this.priorityGroup = 0;
    this.cfsr = this.hfsr = this.dfsr = this.bfar = this.mmfar = this.fpcar = this.fpdscr = 0;
    this.fpccr = 0xc0000000 | 0;
    this.stackAlign = true;
    this.lockup = undefined;
    this.faults.reset();
  }

  /**
   * A line of the interrupt controller (B3.4.1): high makes its interrupt pending, which low does not undo.
   */
  setLevel(number: number, high: boolean): void {
    if (number >= this.levels.length) return;
    this.levels[number] = high ? 1 : 0;
    if (high && this.active[number] === 0) this.pending[number] = 1;
  }

  /** After software cleared pending bits: a line that is still high sets its own again. */
  sampleLevels(): void {
    for (let n = Exception.firstInterrupt; n < this.levels.length; n++) {
      if (this.levels[n] === 1 && this.active[n] === 0) this.pending[n] = 1;
    }
  }

  /** Would a pending exception wake the core from WFI? PRIMASK does not keep it asleep (B1.5.19). */
  wakes(): boolean {
    const { x } = this.options.state;
    const primask = word(x, X.PRIMASK);
    x[X.PRIMASK] = 0;
    const next = this.nextToTake();
    x[X.PRIMASK] = primask;
    return next !== 0;
  }

  private priorityOf(number: number): number {
    return number <= Exception.HardFault ? number - 4 : (this.priorities[number] as number);
  }

  /** The part of a priority that preempts. */
  private groupPriority(priority: number): number {
    return priority < 0 ? priority : priority & (0xff << (this.priorityGroup + 1));
  }

  /** ExecutionPriority() (B1.5.4). */
  executionPriority(): number {
    const { x } = this.options.state;
    let priority = THREAD_PRIORITY;
    for (let n = 2; n < this.active.length; n++) {
      if (this.active[n] === 1) priority = Math.min(priority, this.groupPriority(this.priorityOf(n)));
    }
    const basepri = word(x, X.BASEPRI);
    if (basepri !== 0) priority = Math.min(priority, this.groupPriority(basepri));
    if (word(x, X.PRIMASK) !== 0) priority = Math.min(priority, 0);
    if (word(x, X.FAULTMASK) !== 0) priority = Math.min(priority, -1);
    return priority;
  }

  /** The pending exception that would preempt what runs now, or 0. */
  nextToTake(): number {
    const best = this.mostUrgent();
    return best !== 0 && this.groupPriority(this.priorityOf(best)) < this.executionPriority() ? best : 0;
  }

  /** The pending and enabled exception of the highest priority, or 0. Ties go to the lower number. */
  mostUrgent(): number {
    let best = 0;
    let bestPriority = THREAD_PRIORITY;
    for (let n = 2; n < this.pending.length; n++) {
      if (this.pending[n] !== 1 || this.enabled[n] !== 1) continue;
      const priority = this.priorityOf(n);
      if (best === 0 || priority < bestPriority) {
        best = n;
        bestPriority = priority;
      }
    }
    return best;
  }

  /** ExceptionEntry(): stacks, then takes the exception. R15 is the address to return to. */
  take(number: number): void {
    const { state, timing, spend } = this.options;
    this.observer?.starts();
    this.faults.pushing();
    spend(timing.exceptionEntry);
    const first = this.pushStack() ? number : this.derived(number);
    if (first === undefined) return;
    this.enter(first, this.excReturn());
    state.x[X.EVENT_REGISTER] = 1;
  }

  /**
   * What to enter when the frame of `number` cannot be pushed: the fault, or `number` if that is more
   * urgent.
   */
  private derived(number: number): number | undefined {
    const text = `the frame of ${exceptionName(number)} cannot be pushed`;
    const fault = this.raise(Exception.BusFault, CFSR.STKERR, text);
    if (fault === undefined) return undefined;
    this.pending[fault] = 1;
    return this.priorityOf(fault) <= this.priorityOf(number) ? fault : number;
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
    const wasProcess = state.onProcessStack;
    this.pending[number] = 0;
    this.active[number] = 1;
    x[X.IPSR] = number;
    x[X.CONTROL] = word(x, X.CONTROL) & ~FPCA & ~CONTROL_SPSEL;
    x[X.ITSTATE] = 0;
    x[X.EXCLUSIVE] = 0;
    state.selectStack(wasProcess);
    r[14] = excReturn;
    this.faults.entered(number, excReturn);
    flushPipeline();
    if (vector === undefined) {
      this.hfsr |= HFSR.VECTTBL;
      this.lockup = `the vector of ${exceptionName(number)} cannot be read`;
      return;
    }
    r[15] = vector & ~1;
    this.observer?.entered();
    if ((vector & 1) === 0)
      this.usageFault(CFSR.INVSTATE, `the vector of ${exceptionName(number)} is no Thumb address`);
  }

  /** PushStack() (B1.5.6): the basic frame, and room for (or all of) the FP registers. */
  private pushStack(): boolean {
    const { state, memory, spend, timing } = this.options;
    const withFloat = (word(state.x, X.CONTROL) & FPCA) !== 0;
    if (!pushFrame(state, memory, withFloat, withFloat || this.stackAlign)) return false;
    if (!withFloat) return true;
    const at = word(state.r, 13) + BASIC_FRAME;
    if ((this.fpccr & LSPEN) !== 0) {
      this.fpcar = at;
      state.x[X.LAZY_FP] = 1;
      return true;
    }
    spend(timing.floatFrame);
    return storeFloatFrame(state, memory, at);
  }

  /** PreserveFPState(): what lazy stacking put off, at its price. False: it cannot be stored. */
  preserveFloat(): boolean {
    const { state, memory, spend, timing } = this.options;
    state.x[X.LAZY_FP] = 0;
    spend(timing.floatFrame);
    return storeFloatFrame(state, memory, this.fpcar);
  }

  /** ExceptionReturn() for the EXC_RETURN just loaded into the PC (B1.5.8). */
  return(excReturn: number): void {
    const { state, timing, spend, flushPipeline } = this.options;
    const { x } = state;
    const number = word(x, X.IPSR);
    const toThread = (excReturn & 8) !== 0;
    const kind = excReturn & 0xf;
    const others = this.active.reduce((sum, a) => sum + a, 0) - (this.active[number] as number);
    const legal =
      this.active[number] === 1 && (kind === 1 || kind === 9 || kind === 0xd) && toThread === (others === 0);
    this.active[number] = 0;
    this.faults.returned(number);
    if (this.levels[number] === 1) this.pending[number] = 1;
    if (number !== Exception.NMI) x[X.FAULTMASK] = 0;
    if (!legal) {
      const text = `EXC_RETURN 0x${(excReturn >>> 0).toString(16)} does not fit the active exceptions`;
      this.faultOfReturn(Exception.UsageFault, CFSR.INVPC, text, excReturn | 0xf0000000);
      return;
    }
    const next = this.nextToTake();
    if (next !== 0) {
      spend(timing.tailChain);
      this.enter(next, excReturn);
      return;
    }
    spend(timing.exceptionReturn);
    flushPipeline();
    this.unstack(excReturn, toThread);
    x[X.EVENT_REGISTER] = 1;
    x[X.EXCLUSIVE] = 0;
  }

  /** A fault of the return itself is tail-chained: nothing is popped, nothing pushed. */
  private faultOfReturn(number: number, bits: number, text: string, excReturn: number): void {
    const taken = this.raise(number, bits, text);
    if (taken === undefined) return;
    this.options.spend(this.options.timing.tailChain);
    this.enter(taken, excReturn);
  }

  /** PopStack(). FP registers that lazy stacking never stored are still there. */
  private unstack(excReturn: number, toThread: boolean): void {
    const { state, memory, spend, timing } = this.options;
    const { x } = state;
    const withFloat = (excReturn & 0x10) === 0;
    const loadsFloat = withFloat && word(x, X.LAZY_FP) === 0;
    const toProcess = toThread && (excReturn & 4) !== 0;
    const words = readFrame(memory, toProcess ? state.psp : state.msp, loadsFloat);
    if (words === undefined) {
      const text = 'exception return cannot pop its frame';
      this.faultOfReturn(Exception.BusFault, CFSR.UNSTKERR, text, excReturn);
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
    this.observer?.returned();
    if ((ipsr === 0) !== toThread)
      this.usageFault(CFSR.INVPC, `EXC_RETURN does not fit the stacked IPSR ${ipsr}`);
    else if ((xpsr & (1 << 24)) === 0) this.usageFault(CFSR.INVSTATE, 'the stacked xPSR has no T bit');
  }

  usageFault(bits: number, text: string): void {
    this.fault(Exception.UsageFault, bits, text);
  }

  busFault(bits: number, text: string, address?: number): void {
    if (address !== undefined) this.bfar = address | 0;
    this.fault(Exception.BusFault, bits | (address === undefined ? 0 : CFSR.BFARVALID), text);
  }

  memManageFault(bits: number, text: string): void {
    this.fault(Exception.MemManage, bits, text);
  }

  /** A synchronous fault of the instruction at R15, taken now. */
  private fault(number: number, bits: number, text: string): void {
    const taken = this.raise(number, bits, text);
    if (taken === undefined) return;
    this.pending[taken] = 1;
    this.take(taken);
  }

  /** Notes a fault. @returns the exception that takes it, HardFault if its own cannot; undefined is lockup */
  private raise(number: number, bits: number, text: string): number | undefined {
    this.cfsr |= bits;
    const taken = this.escalated(number, text);
    this.noteFault(number, text, taken);
    return taken;
  }

  private noteFault(number: number, text: string, takenBy: number | undefined): void {
    const { cfsr, hfsr, dfsr, mmfar, bfar } = this;
    const status = { cfsr, hfsr, dfsr, mmfar, bfar };
    const address = (word(this.options.state.r, 15) - (number === Exception.SVCall ? SVC_BYTES : 0)) >>> 0;
    const facts = { text: `${exceptionName(number)}: ${text}`, address, takenBy, status };
    this.faults.note({ ...facts, calls: this.observer?.calls() });
  }

  /** Priority escalation (B1.5.11) and lockup (B1.5.15). */
  private escalated(number: number, text: string): number | undefined {
    const now = this.executionPriority();
    if (this.enabled[number] === 1 && this.groupPriority(this.priorityOf(number)) < now) return number;
    if (now > -1) {
      this.hfsr |= HFSR.FORCED;
      return Exception.HardFault;
    }
    const priority =
      word(this.options.state.x, X.FAULTMASK) !== 0 ? 'FAULTMASK was set' : 'HardFault or NMI was handled';
    this.lockup = `${text} while ${priority}`;
    return undefined;
  }

  hardFault(text: string): void {
    this.fault(Exception.HardFault, 0, text);
  }

  /** SVC: taken at once, or a HardFault when its priority does not allow it. R15 is the address after it. */
  supervisorCall(): void {
    const text = 'SVC at a priority that cannot take it';
    const taken = this.escalated(Exception.SVCall, text);
    if (taken !== Exception.SVCall) this.noteFault(Exception.SVCall, text, taken);
    if (taken === undefined) return;
    this.pending[taken] = 1;
    this.take(taken);
  }
}
