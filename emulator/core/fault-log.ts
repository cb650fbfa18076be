/**
 * Faults that were taken and whose handler has not returned, as they were at that moment: a handler that is
 * a program of its own changes registers and status bits after it. A fault that is recovered from leaves
 * nothing here.
 */
import type { CallChain } from './exception-observer.js';
import { type CoreState, word } from './state.js';

/** CFSR, HFSR, DFSR, MMFAR and BFAR (DDI 0403, B3.2.15-B3.2.19). */
export interface FaultStatus {
  readonly cfsr: number;
  readonly hfsr: number;
  readonly dfsr: number;
  /** What MMFAR and BFAR read: CFSR says whose it is, if it is anyone's. */
  readonly faultAddress: number;
}

export interface FaultFacts {
  /** The exception's name and what went wrong. */
  readonly text: string;
  /** Of the instruction that it is blamed on. */
  readonly address: number;
  /** The exception that takes it; undefined: none can, and the core locks up. */
  readonly takenBy: number | undefined;
  readonly status: FaultStatus;
  readonly calls: CallChain | undefined;
}

export class TakenFault {
  /** What its exception found in LR; undefined as long as that was not entered. */
  excReturn: number | undefined;

  /** @param state the core's, as the code had it that the fault is blamed on */
  constructor(
    readonly facts: FaultFacts,
    readonly state: CoreState,
  ) {}
}

/** A program can go on making buffered stores that fail: only the first and the latest are kept. */
const MOST_OPEN = 32;

export class FaultLog {
  /** The earliest first. */
  readonly open: TakenFault[] = [];
  /** R13 before a frame is pushed, while that goes on. */
  private pushedFrom: number | undefined;

  constructor(private readonly state: CoreState) {}

  get latest(): TakenFault | undefined {
    return this.open.at(-1);
  }

  /** The latest that an exception was taken for; else the latest of all. */
  handledBy(exception: number): TakenFault | undefined {
    return this.open.findLast(({ facts }) => facts.takenBy === exception) ?? this.latest;
  }

  reset(): void {
    this.open.length = 0;
    this.pushedFrom = undefined;
  }

  note(facts: FaultFacts): void {
    const state = this.state.copy();
    // The frame that cannot be pushed is not the faulting code's.
    if (this.pushedFrom !== undefined) state.r[13] = this.pushedFrom;
    this.open.push(new TakenFault(facts, state));
    if (this.open.length > MOST_OPEN) this.open.splice(1, 1);
  }

  /** A frame is about to be pushed. */
  pushing(): void {
    this.pushedFrom = word(this.state.r, 13);
  }

  entered(exception: number, excReturn: number): void {
    this.pushedFrom = undefined;
    for (const fault of this.open) if (fault.facts.takenBy === exception) fault.excReturn ??= excReturn >>> 0;
  }

  returned(exception: number): void {
    const left = this.open.filter(({ facts }) => facts.takenBy !== exception);
    this.open.splice(0, this.open.length, ...left);
  }
}
