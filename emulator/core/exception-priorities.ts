/**
 * Which exception is pending, enabled or active, and which comes first (DDI 0403, B1.5.3, B1.5.4, B3.4).
 * Interrupts and system exceptions are numbers, as in IPSR.
 */
import { Exception } from './exception-numbers.js';
import { type CoreState, word, X } from './state.js';

/** Lower than every programmable priority: nothing is running. */
const THREAD_PRIORITY = 256;

/** A byte for each exception. */
const flagsFor = (count: number): Uint8Array =>
  new Uint8Array(new ArrayBuffer(Math.ceil(count / 4) * 4), 0, count);

/** The same flags, to pass over four that are all clear. */
const inFours = (flags: Uint8Array): Int32Array => new Int32Array(flags.buffer);

export class ExceptionPriorities {
  readonly pending: Uint8Array;
  readonly enabled: Uint8Array;
  readonly active: Uint8Array;
  /** Interrupt lines that are high: such an interrupt is pending again as soon as it is not active. */
  protected readonly levels: Uint8Array;
  /** 0..255; lower is more urgent. Reset, NMI and HardFault have fixed negative ones. */
  readonly priorities: Uint8Array;
  /** AIRCR.PRIGROUP. */
  priorityGroup = 0;
  /** SCR.SEVONPEND: an exception that becomes pending is an event for WFE, be it enabled or not. */
  sendEventOnPend = false;
  protected readonly state: CoreState;
  private readonly pendingFours: Int32Array;
  private readonly activeFours: Int32Array;

  constructor(state: CoreState, interruptCount: number) {
    this.state = state;
    const count = Exception.firstInterrupt + interruptCount;
    this.pending = flagsFor(count);
    this.enabled = new Uint8Array(count);
    this.active = flagsFor(count);
    this.pendingFours = inFours(this.pending);
    this.activeFours = inFours(this.active);
    this.levels = new Uint8Array(count);
    this.priorities = new Uint8Array(count);
  }

  protected resetPriorities(): void {
    for (const flags of [this.pending, this.active, this.priorities, this.levels]) flags.fill(0);
    this.enabled.fill(0);
    this.enabled.fill(1, 0, Exception.firstInterrupt);
    this.enabled.fill(0, Exception.MemManage, Exception.SVCall);
    this.priorityGroup = 0;
    this.sendEventOnPend = false;
  }

  /** Makes an exception pending. */
  pend(number: number): void {
    if (number >= this.pending.length) return;
    if (this.pending[number] === 0 && this.sendEventOnPend) this.state.x[X.EVENT_REGISTER] = 1;
    this.pending[number] = 1;
  }

  /** Some exception is active. */
  protected get anyActive(): boolean {
    for (let four = 0; four < this.activeFours.length; four++) if (this.activeFours[four] !== 0) return true;
    return false;
  }

  /** Runs at -1 or above in urgency: HardFault, NMI, or FAULTMASK. */
  get atNegativePriority(): boolean {
    const { active } = this;
    const handles = active[Exception.NMI] === 1 || active[Exception.HardFault] === 1;
    return handles || word(this.state.x, X.FAULTMASK) !== 0;
  }

  /**
   * A line of the interrupt controller (B3.4.1): its rise makes the interrupt pending, even while it is
   * active; a fall does not undo that.
   */
  setLevel(number: number, high: boolean): void {
    if (number >= this.levels.length) return;
    const rises = high && this.levels[number] === 0;
    this.levels[number] = high ? 1 : 0;
    if (rises) this.pend(number);
  }

  /** After software cleared pending bits: a line that is still high sets its own again. */
  sampleLevels(): void {
    for (let n = Exception.firstInterrupt; n < this.levels.length; n++) {
      if (this.levels[n] === 1 && this.active[n] === 0) this.pend(n);
    }
  }

  /** Would a pending exception wake the core from WFI? PRIMASK does not keep it asleep (B1.5.19). */
  wakes(): boolean {
    const { x } = this.state;
    const primask = word(x, X.PRIMASK);
    x[X.PRIMASK] = 0;
    const next = this.nextToTake();
    x[X.PRIMASK] = primask;
    return next !== 0;
  }

  protected priorityOf(number: number): number {
    return number <= Exception.HardFault ? number - 4 : (this.priorities[number] as number);
  }

  /** The part of a priority that preempts. */
  protected groupPriority(priority: number): number {
    return priority < 0 ? priority : priority & (0xff << (this.priorityGroup + 1));
  }

  /** ExecutionPriority() (B1.5.4). */
  executionPriority(): number {
    const { x } = this.state;
    let priority = THREAD_PRIORITY;
    for (let four = 0; four < this.activeFours.length; four++) {
      if (this.activeFours[four] === 0) continue;
      for (let n = 4 * four; n < 4 * four + 4; n++)
        if (this.active[n] === 1) priority = Math.min(priority, this.groupPriority(this.priorityOf(n)));
    }
    const basepri = word(x, X.BASEPRI);
    if (basepri !== 0) priority = Math.min(priority, this.groupPriority(basepri));
    if (word(x, X.PRIMASK) !== 0) priority = Math.min(priority, 0);
    if (word(x, X.FAULTMASK) !== 0) priority = Math.min(priority, -1);
    return priority;
  }

  /** Could an interrupt that is not pending yet preempt what runs now? */
  get canBePreempted(): boolean {
    const now = this.executionPriority();
    for (let n: number = Exception.SysTick; n < this.enabled.length; n++) {
      if (this.enabled[n] === 1 && this.groupPriority(this.priorityOf(n)) < now) return true;
    }
    return false;
  }

  /** The pending exception that ICSR shows: BASEPRI and FAULTMASK hide it, PRIMASK does not (B3.2.4). */
  shownPending(): number {
    const best = this.mostUrgent();
    const priority = this.groupPriority(this.priorityOf(best));
    const basepri = word(this.state.x, X.BASEPRI);
    const masked = basepri !== 0 && priority >= this.groupPriority(basepri);
    return masked || (word(this.state.x, X.FAULTMASK) !== 0 && priority >= -1) ? 0 : best;
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
    for (let four = 0; four < this.pendingFours.length; four++) {
      if (this.pendingFours[four] === 0) continue;
      for (let n = 4 * four; n < 4 * four + 4; n++) {
        if (this.pending[n] !== 1 || this.enabled[n] !== 1) continue;
        const priority = this.priorityOf(n);
        if (best !== 0 && priority >= bestPriority) continue;
        best = n;
        bestPriority = priority;
      }
    }
    return best;
  }
}
