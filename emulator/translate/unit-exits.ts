/**
 * The clock of a unit, and the ways out of it. What a block has taken is known as its code is made: it comes
 * off the clock where the block ends, and where the unit is left before that.
 */
import { X, X_OFFSET } from '../core/state.js';
import type { InstructionNode } from './instruction-graph.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** What a block has taken up to an instruction. */
export interface Taken {
  readonly cycles: number;
  readonly instructions: number;
}

export const NOTHING_TAKEN: Taken = { cycles: 0, instructions: 0 };
/** The label around a unit's code: behind it registers are stored, and the unit ends. */
export const EXIT = 'exit';

const CYCLE = 2 ** 32;
/** The clock in the state's memory, a doubleword. */
export const CLOCK_OFFSET = X_OFFSET + 4 * X.UNIT_INSTRUCTIONS;
/** An exit's pc has bit 0 set where the automaton's state was left in X.TIMING_STATE. */
const ODD = 1;

export class UnitExits {
  taken: Taken = NOTHING_TAKEN;
  /** Takes off the clock what turns of a counted loop are done; registers are as this turn began. */
  chargeTurns: () => void = () => undefined;
  private readonly f: WasmFunction;
  private readonly pc: Local;
  private readonly clock: Local;
  private readonly plainTiming: number;
  /** An instruction is about to leave by its jump. */
  private readonly leaving: (node: InstructionNode) => void;

  /** @param plainTiming the automaton's state after a branch */
  constructor(f: WasmFunction, pc: Local, clock: Local, plainTiming: number, leaving: UnitExits['leaving']) {
    this.f = f;
    this.pc = pc;
    this.clock = clock;
    this.plainTiming = plainTiming;
    this.leaving = leaving;
  }

  /** One more instruction of the block. */
  account(cycles: number): void {
    const { taken } = this;
    this.taken = { cycles: taken.cycles + cycles, instructions: taken.instructions + 1 };
  }

  /** Takes off the clock what the block has taken so far. */
  charge(): void {
    const { f, clock, taken } = this;
    const amount = UnitExits.amount(taken);
    if (amount !== 0) f.get(clock).constLong(amount).op('i64.sub').set(clock);
  }

  /** An amount as the clock counts it. */
  static amount({ cycles, instructions }: Taken): number {
    return cycles * CYCLE + instructions;
  }

  /** Is what the block has taken more than the clock has left? */
  pushIsOver(): WasmFunction {
    const { f, clock, taken } = this;
    return f.get(clock).constLong(UnitExits.amount(taken)).op('i64.lt_s');
  }

  /** Shows the host what the clock says, and takes over what it then makes of it. */
  aroundHost(emit: () => void): void {
    const { f, clock, taken } = this;
    const amount = UnitExits.amount(taken);
    f.const(0).get(clock).constLong(amount).op('i64.sub').memory('i64.store', CLOCK_OFFSET);
    emit();
    f.const(0).memory('i64.load', CLOCK_OFFSET).constLong(amount).op('i64.add').set(clock);
  }

  /** Takes off the clock the cycles in a local. */
  chargeExtra(cycles: Local): void {
    const { f, clock } = this;
    f.get(clock).get(cycles).op('i64.extend_i32_u').constLong(32).op('i64.shl', 'i64.sub').set(clock);
  }

  /** Leaves the unit with an instruction still to run. @param setRegisters puts them into their locals */
  leaveAt(node: InstructionNode, setRegisters: () => void = () => undefined): void {
    const { f } = this;
    this.chargeTurns();
    setRegisters();
    this.charge();
    if (node.itState !== 0)
      f.const(0)
        .const(node.itState)
        .memory('i32.store', X_OFFSET + 4 * X.ITSTATE);
    f.const(node.address | this.timingMark(node.timingState)).set(this.pc);
    f.branch(EXIT);
  }

  /** Leaves for the pc in its local: the instruction has jumped. */
  leaveTaken(node: InstructionNode): void {
    const { f, pc } = this;
    this.leaving(node);
    this.account(node.jump.cycles);
    this.charge();
    if (this.timingMark(node.jump.state) !== 0) f.get(pc).const(ODD).op('i32.or').set(pc);
    f.branch(EXIT);
  }

  /** Leaves the automaton's state where it is looked for. @returns the mark on the pc that says so */
  private timingMark(state: number): number {
    if (state === this.plainTiming) return 0;
    this.f
      .const(0)
      .const(state)
      .memory('i32.store', X_OFFSET + 4 * X.TIMING_STATE);
    return ODD;
  }
}
