/**
 * Faults: what the fault status registers say, who takes one, and lockup (DDI 0403, B1.5.11-B1.5.15).
 */
import { CFSR, Exception, exceptionName, HFSR } from './exception-numbers.js';
import { ExceptionPriorities } from './exception-priorities.js';
import { word, X } from './state.js';

export class FaultStatus extends ExceptionPriorities {
  cfsr = 0;
  hfsr = 0;
  bfar = 0;
  mmfar = 0;
  /** Why the core can go no further, when it cannot. */
  lockup: string | undefined;
  /** Faults taken, in words, the latest last. */
  readonly faults: string[] = [];
  /** Address of the instruction the latest fault is blamed on. */
  faultAddress = 0;

  protected resetFaults(): void {
    this.cfsr = this.hfsr = this.bfar = this.mmfar = 0;
    this.lockup = undefined;
    this.faults.length = 0;
    this.faultAddress = 0;
  }

  /**
   * A store that the write buffer took and the bus refused (IMPRECISERR): it pends, for its instruction, the
   * one at R15, is over.
   */
  impreciseBusFault(text: string): void {
    this.note(Exception.BusFault, CFSR.IMPRECISERR, text);
    if (this.enabled[Exception.BusFault] === 1) {
      this.pend(Exception.BusFault);
      return;
    }
    this.hfsr |= HFSR.FORCED;
    this.pend(Exception.HardFault);
  }

  /** Notes a fault. @returns the exception that takes it, HardFault if its own cannot; undefined is lockup */
  protected raise(number: number, bits: number, text: string): number | undefined {
    this.note(number, bits, text);
    return this.escalated(number, text);
  }

  protected note(number: number, bits: number, text: string): void {
    this.cfsr |= bits;
    this.faultAddress = word(this.state.r, 15) >>> 0;
    this.faults.push(`${exceptionName(number)}: ${text}`);
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
