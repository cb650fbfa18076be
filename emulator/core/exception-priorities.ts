/**
 * Which exception is pending, enabled or active, and which comes first (DDI 0403, B1.5.3, B1.5.4, B3.4).
 * Interrupts and system exceptions are numbers, as in IPSR.
 */
import { Exception } from './exception-numbers.js';
import { type CoreState, word, X } from './state.js';

/** Lower than every programmable priority: nothing is running. */
const THREAD_PRIORITY = 256;

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

  constructor(state: CoreState, interruptCount: number) {
    this.state = state;
    const count = Exception.firstInterrupt + interruptCount;
    this.pending = new Uint8Array(count);
    this.enabled = new Uint8Array(count);
    this.active = new Uint8Array(count);
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

  /** Runs at -1 or above in urgency: HardFault, NMI, or FAULTMASK. */
  get atNegativePriority(): boolean {
    const { active } = this;
    const handles = active[Exception.NMI] === 1 || active[Exception.HardFault] === 1;
    return handles || word(this.state.x, X.FAULTMASK) !== 0;
  }

  /**
   * A line of the interrupt controller (B3.4.1): high makes its interrupt pending, which low does not undo.
   */
  setLevel(number: number, high: boolean): void {
    if (number >= this.levels.length) return;
    this.levels[number] = high ? 1 : 0;
    if (high && this.active[number] === 0) this.pend(number);
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
}
