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
import { Faults } from './faults.js';
import { FPCCR, FPCCR_NOTED, FPCCR_RESET } from './fpccr.js';
import type { Memory } from './memory.js';
import { CONTROL, type CoreState, word, X } from './state.js';

export interface ExceptionTiming {
  readonly exceptionEntry: number;
  readonly exceptionReturn: number;
  readonly tailChain: number;
  /** Storing or loading the FP part of a frame. */
  readonly floatFrame: number;
}

/** A fault of pushing or popping a frame. */
interface FrameFault {
  readonly number: number;
  /** Of CFSR. */
  readonly bits: number;
  readonly text: string;
}

const FPU_OFF: FrameFault = {
  number: Exception.UsageFault,
  bits: CFSR.NOCP,
  text: 'FP registers with the FPU off (CPACR)',
};

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
  /** CPACR lets the code that runs now use the FPU. */
  readonly floatEnabled: () => boolean;
}

export class Exceptions extends Faults {
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
  /** DEMCR.MON_EN. */
  monitorEnabled = false;
  /** Why EPSR.T is 0, while it is. */
  private whyNotThumb = '';
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
    this.faults.pushing();
    spend(timing.exceptionEntry);
    const fault = this.pushStack();
    const first = fault === undefined ? number : this.derived(number, fault);
    if (first === undefined) return;
    this.enter(this.lateArrival(first), this.excReturn());
  }

  /** EPSR.T is 0 from here on, and the next instruction an INVSTATE. @param text why */
  leaveThumb(text: string): void {
    this.state.x[X.NOT_THUMB] = 1;
    this.whyNotThumb = text;
  }

  /** True, with the fault taken, when the instruction at R15 cannot run for EPSR.T is 0. */
  refusesInstruction(): boolean {
    if (word(this.state.x, X.NOT_THUMB) === 0) return false;
    this.usageFault(CFSR.INVSTATE, this.whyNotThumb);
    return true;
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
  private derived(number: number, fault: FrameFault): number | undefined {
    const text = `the frame of ${exceptionName(number)} cannot be pushed: ${fault.text}`;
    const taken = this.raise(fault.number, fault.bits, text);
    if (taken === undefined) return undefined;
    this.pend(taken);
    return this.priorityOf(taken) <= this.priorityOf(number) ? taken : number;
  }

  /** Why the last word of a frame could not be accessed. @param bits of CFSR: the MPU's, the bus's */
  private frameFault(mpuBits: number, busBits: number): FrameFault {
    const { memory } = this.options;
    const address = `0x${memory.fault.address.toString(16).padStart(8, '0')}`;
    return memory.forbidden
      ? { number: Exception.MemManage, bits: mpuBits, text: `the MPU forbids ${address}` }
      : { number: Exception.BusFault, bits: busBits, text: `no memory answers at ${address}` };
  }

  private excReturn(): number {
    const { state } = this;
    const mode = state.handlerMode ? 0x1 : state.onProcessStack ? 0xd : 0x9;
    const basic = word(state.x, X.CONTROL) & CONTROL.FPCA ? 0 : 0x10;
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
    x[X.CONTROL] = word(x, X.CONTROL) & ~CONTROL.FPCA & ~CONTROL.SPSEL;
    x[X.ITSTATE] = 0;
    x[X.EXCLUSIVE] = 0;
    state.selectStack(wasProcess);
    r[14] = excReturn;
    this.faults.entered(number, excReturn);
    flushPipeline();
    r[15] = vector & ~1;
    x[X.EVENT_REGISTER] = 1;
    x[X.NOT_THUMB] = 0;
    if ((vector & 1) === 0) this.leaveThumb(`the vector of ${exceptionName(number)} is no Thumb address`);
    for (const observer of this.observers) observer.entered();
  }

  /** The exception stays pending, and HardFault is entered in its place; its own vector is the last one. */
  private vectorFault(number: number, excReturn: number): void {
    const text = `the vector of ${exceptionName(number)} cannot be read`;
    this.hfsr |= HFSR.VECTTBL;
    this.note(Exception.HardFault, 0, text, number <= Exception.HardFault ? undefined : Exception.HardFault);
    if (number <= Exception.HardFault) this.lockup = text;
    else this.enter(Exception.HardFault, excReturn);
  }

  /**
   * PushStack() (B1.5.6): the basic frame, and room for (or all of) the FP registers.
   * @param ipsr what xPSR has of it beside the state's own
   */
  private pushStack(ipsr = 0): FrameFault | undefined {
    const { memory, spend, timing } = this.options;
    const { state } = this;
    const withFloat = (word(state.x, X.CONTROL) & CONTROL.FPCA) !== 0;
    const frameFault = (): FrameFault => this.frameFault(CFSR.MSTKERR, CFSR.STKERR);
    if (!pushFrame(state, memory, withFloat, withFloat || this.stackAlign, ipsr)) return frameFault();
    if (!withFloat) return undefined;
    const at = word(state.r, 13) + BASIC_FRAME;
    if ((this.fpccr & FPCCR.LSPEN) !== 0) {
      this.fpcar = at & ~7;
      this.fpccr = (this.fpccr & ~FPCCR_NOTED) | this.lazyConditions();
      state.x[X.LAZY_FP] = 1;
      return undefined;
    }
    if (!this.options.floatEnabled()) return FPU_OFF;
    spend(timing.floatFrame);
    return storeFloatFrame(state, memory, at, state.privileged) ? undefined : frameFault();
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
      ready(Exception.BusFault, FPCCR.BFRDY) |
      (this.monitorEnabled ? ready(Exception.DebugMonitor, FPCCR.MONRDY) : 0)
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
    const { number, bits, text: why } = this.frameFault(CFSR.MLSPERR, CFSR.LSPERR);
    const ready = (this.fpccr & (number === Exception.MemManage ? FPCCR.MMRDY : FPCCR.BFRDY)) !== 0;
    const escalates = !ready && (this.fpccr & FPCCR.HFRDY) !== 0;
    if (escalates) this.hfsr |= HFSR.FORCED;
    const takenBy = ready ? number : escalates ? Exception.HardFault : undefined;
    this.note(number, bits, `${text}: ${why}`, takenBy);
    if (takenBy === undefined) this.lockup = `${text} at a priority that takes no fault`;
    else this.pend(takenBy);
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
    this.faults.returned(number);
    if (this.levels[number] === 1) this.pend(number);
    if (number !== Exception.NMI) x[X.FAULTMASK] = 0;
    const last = !this.anyActive;
    if (!wasActive || !this.allowsReturn(excReturn, last)) {
      const text = `EXC_RETURN 0x${(excReturn >>> 0).toString(16)} does not fit the active exceptions`;
      this.faultOfReturn({ number: Exception.UsageFault, bits: CFSR.INVPC, text }, excReturn | 0xf0000000);
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
  private faultOfReturn({ number, bits, text }: FrameFault, excReturn: number): void {
    const taken = this.raise(number, bits, text);
    if (taken === undefined) return;
    this.options.spend(this.options.timing.tailChain);
    this.enter(taken, excReturn);
  }

  private cannotPop(fault: FrameFault, excReturn: number): void {
    const text = `exception return cannot pop its frame: ${fault.text}`;
    this.faultOfReturn({ ...fault, text }, excReturn);
  }

  /** PopStack(). FP registers that lazy stacking never stored are still there. */
  private unstack(excReturn: number): void {
    const { state, memory, spend, timing } = this.options;
    const { x } = state;
    const toThread = (excReturn & 8) !== 0;
    const withFloat = (excReturn & 0x10) === 0;
    const loadsFloat = withFloat && word(x, X.LAZY_FP) === 0;
    const toProcess = toThread && (excReturn & 4) !== 0;
    const privileged = !toThread || (word(x, X.CONTROL) & CONTROL.nPRIV) === 0;
    if (loadsFloat && !this.options.floatEnabled()) {
      this.cannotPop(FPU_OFF, excReturn);
      return;
    }
    const words = readFrame(memory, toProcess ? state.psp : state.msp, loadsFloat, privileged);
    if (words === undefined) {
      this.cannotPop(this.frameFault(CFSR.MUNSTKERR, CFSR.UNSTKERR), excReturn);
      return;
    }
    x[X.IPSR] = 0;
    if (toProcess) x[X.CONTROL] = word(x, X.CONTROL) | CONTROL.SPSEL;
    state.selectStack(false);
    if (withFloat) x[X.LAZY_FP] = 0;
    if (loadsFloat) {
      spend(timing.floatFrame);
      loadFloatFrame(state, words);
    }
    x[X.CONTROL] = (word(x, X.CONTROL) & ~CONTROL.FPCA) | (withFloat ? CONTROL.FPCA : 0);
    const xpsr = loadBasicFrame(state, words, withFloat, withFloat || this.stackAlign);
    const ipsr = xpsr & 0x1ff;
    x[X.IPSR] = toThread ? 0 : ipsr;
    x[X.NOT_THUMB] = 0;
    if ((xpsr & (1 << 24)) === 0) this.leaveThumb('the stacked xPSR has no T bit');
    for (const observer of this.observers) observer.returned();
    if ((ipsr === 0) !== toThread) this.misfit(excReturn, ipsr);
  }

  /** The frame that was just popped is pushed again, and the fault chained to the return. */
  private misfit(excReturn: number, ipsr: number): void {
    const text = `EXC_RETURN does not fit the stacked IPSR ${ipsr}`;
    for (const observer of this.observers) observer.starts();
    const fault = this.pushStack(ipsr) ?? { number: Exception.UsageFault, bits: CFSR.INVPC, text };
    this.faultOfReturn(fault, excReturn | 0xf0000000);
  }

  usageFault(bits: number, text: string): void {
    this.fault(Exception.UsageFault, bits, text);
  }

  busFault(bits: number, text: string, address?: number): void {
    this.fault(Exception.BusFault, this.busBits(bits, address), text);
  }

  memManageFault(bits: number, text: string, address?: number): void {
    this.fault(Exception.MemManage, this.memManageBits(bits, address), text);
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
    if (taken !== Exception.SVCall) this.note(Exception.SVCall, 0, text, taken);
    if (taken === undefined) return;
    this.pend(taken);
    this.take(taken);
  }
}
