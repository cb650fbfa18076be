/**
 * Watches a fault handler that may only loop: at each instruction for a while, later only now and then, so
 * that a long one is not slowed down.
 */
import { Exception } from '../core/exception-numbers.js';
import { word, X } from '../core/state.js';
import type { CoreComplex } from './core-complex.js';
import type { Stop } from './stop.js';

/** `b .` */
const BRANCH_TO_SELF = 0xe7fe;
const WATCHED_INSTRUCTIONS = 100_000;
/** Cycles between two looks after that. */
const GLANCE = 1000;

/** How far to run before the next look. */
export interface Stretch {
  readonly cycles: number;
  readonly instructions: number;
}

const FAR: Stretch = { cycles: Number.POSITIVE_INFINITY, instructions: Number.POSITIVE_INFINITY };

export class FaultWatch {
  private readonly core: CoreComplex;
  /** Instructions retired when the fault being handled was seen. */
  private since: number | undefined;

  constructor(core: CoreComplex) {
    this.core = core;
  }

  reset(): void {
    this.since = undefined;
  }

  private get handling(): boolean {
    const ipsr = word(this.core.state.x, X.IPSR);
    return ipsr >= Exception.HardFault && ipsr <= Exception.UsageFault;
  }

  stretch(): Stretch {
    if (!this.handling) {
      this.since = undefined;
      return FAR;
    }
    const now = this.core.interpreter.instructions;
    this.since ??= now;
    return now - this.since < WATCHED_INSTRUCTIONS ? { ...FAR, instructions: 1 } : { ...FAR, cycles: GLANCE };
  }

  /** The stop, once the handler of a fault stands still and nothing ahead can preempt it. */
  loop(): Stop | undefined {
    const { clock, exceptions, memory, state } = this.core;
    if (!this.handling || memory.fetch(word(state.r, 15)) !== BRANCH_TO_SELF) return undefined;
    if (exceptions.nextToTake() !== 0) return undefined;
    if (clock.nextEvent !== Number.POSITIVE_INFINITY && exceptions.canBePreempted) return undefined;
    const fault = exceptions.faults.handledBy(word(state.x, X.IPSR))?.facts;
    return {
      reason: 'fault',
      text: fault?.text ?? 'a fault',
      pc: fault?.address ?? word(state.r, 15) >>> 0,
    };
  }
}
