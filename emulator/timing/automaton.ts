/**
 * The shape every timing model has: a causal automaton over instructions. What an instruction costs depends
 * on the state its predecessors left, on its facts, and on what happened as it ran; never on what comes
 * next. A wait that only the next instruction reveals is charged to that instruction.
 *
 * A model is a list of named rules, so that a cycle can be explained by the rules that made it.
 */
import type { Facts } from './facts.js';

/** What happened as the instruction ran. */
export interface Happened {
  /** It wrote the PC (a branch that was taken). */
  readonly taken: boolean;
  /** Its condition in an IT block failed. */
  readonly skipped: boolean;
}

/** What the next instruction must know of those before it. */
export interface PipelineState {
  /** Registers of an LDR whose data phase can overlap the next access; 0 when there is none. */
  readonly loadPending: number;
  /** Core registers the previous instruction made in its execute stage. */
  readonly computed: number;
  /** S registers the previous FP arithmetic instruction made. */
  readonly floatComputed: number;
  /** Cycles until a divide or square root leaves the FPU. */
  readonly floatBusy: number;
  /** The previous instruction was 16 bits wide, so an IT may fold onto it. */
  readonly narrow: boolean;
}

export interface Rule<P> {
  readonly name: string;
  /** The clause that says so. */
  readonly source: string;
  /** Cycles added (or, when negative, saved). */
  readonly cycles: (state: PipelineState, facts: Facts, happened: Happened, parameters: P) => number;
}

export interface Step {
  readonly cycles: number;
  /** The state after, as the number to hand to the next `retire`. */
  readonly state: number;
}

export interface TimingModel {
  /** Name and version: travels with every cycle figure. */
  readonly name: string;
  /** State after reset and after an exception entry or return. */
  readonly initial: number;
  retire(state: number, facts: Facts, happened: Happened): Step;
  /**
   * What a state's number stands for: numbers differ between two models that met the states in another
   * order.
   */
  describe(state: number): PipelineState;
  /** The rules that made `retire`'s cycles, and how many each. */
  explain(
    state: number,
    facts: Facts,
    happened: Happened,
  ): readonly { readonly rule: string; readonly cycles: number }[];
  /** Cycles of a divide beyond those `retire` gives. Operands unsigned, or their magnitudes. */
  divideExtra(dividend: number, divisor: number): number;
  /** Cycles an unaligned access of `size` bytes adds: of the address only the low two bits count. */
  unalignedExtra(address: number, size: number, load: boolean): number;
  readonly exceptionEntry: number;
  readonly exceptionReturn: number;
  readonly tailChain: number;
  /** What FP context adds to an entry that stores it and to a return that loads it. */
  readonly floatFrame: number;
}

/** Numbers a model's states as they come up, so that readers can tabulate by them. */
export class StateNumbers {
  private readonly numbers = new Map<string, number>();
  private readonly states: PipelineState[] = [];

  numberOf(state: PipelineState): number {
    const { loadPending, computed, floatComputed, floatBusy, narrow } = state;
    const key = `${loadPending},${computed},${floatComputed},${floatBusy},${narrow}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.states.length;
      this.numbers.set(key, number);
      this.states.push(state);
    }
    return number;
  }

  state(number: number): PipelineState {
    return this.states[number] as PipelineState;
  }
}
