/** How far the core may run before it is seen again whether a fault handler only loops. */
import { Exception } from '../core/exception-numbers.js';
import { word, X } from '../core/state.js';
import type { CoreComplex } from './core-complex.js';

/** `b .` */
const BRANCH_TO_SELF = 0xe7fe;
/** A fault handler is watched for a loop at each instruction, later only now and then (in cycles). */
const WATCHED_INSTRUCTIONS = 100_000;
const GLANCE = 1000;

export class FaultWatch {
  /** Instructions retired when the fault being handled was seen. */
  private since: number | undefined;

  constructor(private readonly core: CoreComplex) {}

  reset(): void {
    this.since = undefined;
  }

  private get inFault(): boolean {
    const ipsr = word(this.core.state.x, X.IPSR);
    return ipsr >= Exception.HardFault && ipsr <= Exception.UsageFault;
  }

  /** The fault handler is at an instruction that branches to itself. */
  get loops(): boolean {
    const { state, memory } = this.core;
    return this.inFault && memory.fetch(word(state.r, 15) >>> 0) === BRANCH_TO_SELF;
  }

  reach(): { readonly cycles: number; readonly instructions: number } {
    const far = Number.POSITIVE_INFINITY;
    if (!this.inFault) {
      this.since = undefined;
      return { cycles: far, instructions: far };
    }
    const { instructions } = this.core.interpreter;
    this.since ??= instructions;
    const watched = instructions - this.since < WATCHED_INSTRUCTIONS;
    return watched ? { cycles: far, instructions: 1 } : { cycles: GLANCE, instructions: far };
  }
}
