/**
 * Faults: what the fault status registers say, who takes one, and lockup (DDI 0403, B1.5.11-B1.5.15).
 */
import { CFSR, Exception, exceptionName, HFSR } from './exception-numbers.js';
import type { CallChain, ExceptionObserver } from './exception-observer.js';
import { ExceptionPriorities } from './exception-priorities.js';
import { FaultLog } from './fault-log.js';
import { type CoreState, word, X } from './state.js';

/** An SVC has completed when it is taken: R15 is behind it. */
const SVC_BYTES = 2;

export class Faults extends ExceptionPriorities {
  readonly observers = new Set<ExceptionObserver>();
  cfsr = 0;
  hfsr = 0;
  dfsr = 0;
  /** MMFAR and BFAR: one register on this core (DDI 0439, table 4-1). */
  faultAddress = 0;
  /** Why the core can go no further, when it cannot. */
  lockup: string | undefined;
  readonly faults: FaultLog;

  constructor(state: CoreState, interruptCount: number) {
    super(state, interruptCount);
    this.faults = new FaultLog(state);
  }

  protected resetFaults(): void {
    this.cfsr = this.hfsr = this.dfsr = this.faultAddress = 0;
    this.lockup = undefined;
    this.faults.reset();
  }

  /**
   * A store that the write buffer took and the bus refused (IMPRECISERR): it pends, for its instruction, the
   * one at R15, is over.
   */
  impreciseBusFault(text: string): void {
    const enabled = this.enabled[Exception.BusFault] === 1;
    if (!enabled) this.hfsr |= HFSR.FORCED;
    const takenBy = enabled ? Exception.BusFault : Exception.HardFault;
    this.cfsr |= CFSR.IMPRECISERR;
    // While one waits, the next ones add nothing: the first is the cause.
    if (this.pending[takenBy] === 0) this.note(Exception.BusFault, 0, text, takenBy);
    this.pend(takenBy);
  }

  /** @param bits of CFSR; @param address what MMFAR then holds */
  protected memManageBits(bits: number, address: number | undefined): number {
    return address === undefined ? bits : this.valid(bits | CFSR.MMARVALID, CFSR.BFARVALID, address);
  }

  /** @param address what BFAR then holds */
  protected busBits(bits: number, address: number | undefined): number {
    return address === undefined ? bits : this.valid(bits | CFSR.BFARVALID, CFSR.MMARVALID, address);
  }

  private valid(bits: number, noMore: number, address: number): number {
    this.faultAddress = address | 0;
    this.cfsr &= ~noMore;
    return bits;
  }

  /** Notes a fault. @returns the exception that takes it, HardFault if its own cannot; undefined is lockup */
  protected raise(number: number, bits: number, text: string): number | undefined {
    this.cfsr |= bits;
    const taken = this.escalated(number, text);
    this.note(number, 0, text, taken);
    return taken;
  }

  /** @param takenBy the exception that takes it; undefined: none can */
  protected note(number: number, bits: number, text: string, takenBy: number | undefined): void {
    this.cfsr |= bits;
    const { cfsr, hfsr, dfsr, faultAddress } = this;
    const status = { cfsr, hfsr, dfsr, faultAddress };
    const address = (word(this.state.r, 15) - (number === Exception.SVCall ? SVC_BYTES : 0)) >>> 0;
    const named = `${exceptionName(number)}: ${text}`;
    let calls: CallChain | undefined;
    for (const observer of this.observers) calls = observer.faulted(named) ?? calls;
    this.faults.note({ text: named, address, takenBy, status, calls });
  }

  /** Priority escalation (B1.5.11) and lockup (B1.5.15). */
  protected escalated(number: number, text: string): number | undefined {
    const now = this.executionPriority();
    if (this.enabled[number] === 1 && this.groupPriority(this.priorityOf(number)) < now) return number;
    if (now > -1) {
      this.hfsr |= HFSR.FORCED;
      return Exception.HardFault;
    }
    const priority =
      word(this.state.x, X.FAULTMASK) !== 0 ? 'FAULTMASK was set' : 'HardFault or NMI was handled';
    this.lockup = `${text} while ${priority}`;
    return undefined;
  }
}
