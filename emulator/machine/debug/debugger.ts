/**
 * What a debugger does to a machine: look, change, step, run, and go back. It knows no protocol; a caller
 * runs it in slices, so that it can be interrupted.
 */
import { type DebugRegister, debugRegisters } from '../../core/debug-registers.js';
import { Signal, word, X } from '../../core/state.js';
import type { Instrument } from '../../interpret/instrument.js';
import { ITAdvance } from '../../isa/pseudocode.js';
import type { Machine } from '../machine.js';
import { readForDebugger, writeForDebugger } from './debug-memory.js';
import { type DebugStop, haltOf } from './debug-stop.js';
import { History } from './history.js';
import { Reversal } from './reversal.js';
import { type WatchKind, Watchpoints } from './watchpoints.js';

/** What to do until the next stop. */
export type Resume =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step' }
  /** Steps while the pc lies in [start, end). */
  | { readonly kind: 'stepRange'; readonly start: number; readonly end: number }
  | { readonly kind: 'stepBack' }
  | { readonly kind: 'continueBack' };

/** How a debugger keeps what was. */
export interface DebuggerOptions {
  /** Instructions between two snapshots at first; 1,000,000 when absent. */
  readonly snapshotInterval?: number;
}

/** Cycles between two looks at the outside world: about a tenth of a second of the host. */
const SLICE_CYCLES = 4_000_000;
const SLICE_STEPS = 20_000;
/** BKPT, and the number that asks for semihosting. */
const isBreakpoint = (halfword: number): boolean => (halfword & 0xff00) === 0xbe00 && halfword !== 0xbeab;

/** A machine under a debugger. A caller runs it by `slice`, until that gives a reason to stop. */
export class Debugger {
  readonly registers: readonly DebugRegister[];
  readonly watchpoints: Watchpoints;
  private readonly machine: Machine;
  private readonly history: History;
  private readonly breakpoints = new Set<number>();
  private readonly reversal: Reversal;
  private resumed: Resume = { kind: 'continue' };
  /** Has the present resume run already? The stop at its first pc is passed over. */
  private moved = false;
  /** A BKPT that was stopped at and is now passed over. */
  private passedBkpt: number | undefined;
  /** The most instructions ever retired: what is run again before that prints nothing again. */
  private frontier = 0;
  /** How the program ended, and where; it has no way forward from there. */
  private exited: { readonly stop: DebugStop; readonly pc: number } | undefined;

  constructor(machine: Machine, options: DebuggerOptions = {}) {
    this.machine = machine;
    const { fpu, interruptPriorityBits } = machine.profile.core;
    this.registers = debugRegisters(fpu, (0xff << (8 - interruptPriorityBits)) & 0xff);
    this.watchpoints = new Watchpoints(machine.core);
    this.history = new History(machine, options.snapshotInterval);
    this.reversal = new Reversal(machine, this.history, this.watchpoints, this.breakpoints);
    machine.core.interpreter.addInstrument(this.stopAtBkpt);
  }

  /** True while what runs has run before: its console text is already out. */
  get again(): boolean {
    return this.reversal.replaying || this.machine.instructions < this.frontier;
  }

  readRegister(index: number): readonly number[] | undefined {
    return this.registers[index]?.read(this.machine.core.state);
  }

  writeRegister(index: number, words: readonly number[]): boolean {
    const register = this.registers[index];
    register?.write(this.machine.core.state, words);
    this.edited();
    return register !== undefined;
  }

  /** As many bytes as there are, at most `length`. */
  readMemory(address: number, length: number): Uint8Array {
    return readForDebugger(this.machine, address, length);
  }

  writeMemory(address: number, bytes: Uint8Array): boolean {
    const done = writeForDebugger(this.machine, address, bytes);
    this.edited();
    return done;
  }

  /** What was run before cannot be run again to here. */
  private edited(): void {
    this.frontier = 0;
    this.machine.core.clock.attention();
    this.history.restart();
  }

  addBreakpoint(address: number): void {
    this.breakpoints.add((address & ~1) >>> 0);
  }

  removeBreakpoint(address: number): void {
    this.breakpoints.delete((address & ~1) >>> 0);
  }

  addWatchpoint(kind: WatchKind, address: number, length: number): void {
    this.watchpoints.add({ kind, address, length });
  }

  removeWatchpoint(kind: WatchKind, address: number, length: number): void {
    this.watchpoints.remove({ kind, address, length });
  }

  /** The debugger has left: its breakpoints go, and a program that has ended stands at its start again. */
  release(): void {
    this.breakpoints.clear();
    this.watchpoints.clear();
    if (this.exited !== undefined) this.reset();
  }

  reset(): void {
    this.exited = undefined;
    this.machine.reset();
    this.edited();
  }

  resume(how: Resume): void {
    this.resumed = how;
    this.moved = false;
    this.passedBkpt = this.machine.register(15);
    this.watchpoints.takeHit();
    if (how.kind === 'continueBack') this.reversal.begin();
  }

  /** Runs for about a tenth of a second at most. @returns undefined when there was no reason to stop */
  slice(): DebugStop | undefined {
    const back = this.resumed.kind === 'stepBack' || this.resumed.kind === 'continueBack';
    if (back || this.machine.register(15) !== this.exited?.pc) this.exited = undefined;
    const stop = this.exited?.stop ?? this.act();
    if (stop?.kind === 'exited') this.exited = { stop, pc: this.machine.register(15) };
    return stop;
  }

  private act(): DebugStop | undefined {
    const { resumed } = this;
    switch (resumed.kind) {
      case 'continue':
        return this.runSlice();
      case 'step':
        return this.stepOnce() ?? { kind: 'step' };
      case 'stepRange':
        return this.stepRange(resumed.start, resumed.end);
      case 'stepBack':
        this.noteFrontier();
        return this.reversal.stepBack();
      case 'continueBack':
        this.noteFrontier();
        return this.reversal.slice();
    }
  }

  private noteFrontier(): void {
    this.frontier = Math.max(this.frontier, this.machine.instructions);
  }

  private get atBreakpoint(): boolean {
    return this.breakpoints.has(this.machine.register(15));
  }

  private runSlice(): DebugStop | undefined {
    const { machine, history, watchpoints } = this;
    if (this.moved && this.atBreakpoint) return { kind: 'breakpoint' };
    this.moved = true;
    const stop = machine.run({
      addresses: [...this.breakpoints],
      maxCycles: machine.cycles + SLICE_CYCLES,
      maxInstructions: history.nextAt,
      asked: () => watchpoints.isHit,
    });
    history.record();
    const hit = watchpoints.takeHit();
    if (hit !== undefined) return { kind: 'watchpoint', watch: hit.kind, address: hit.address };
    return haltOf(stop, machine.core.exceptions.cfsr);
  }

  private stepOnce(): DebugStop | undefined {
    const { machine, history, watchpoints } = this;
    const stop = machine.run({ maxInstructions: machine.instructions + 1 });
    history.record();
    const hit = watchpoints.takeHit();
    if (hit !== undefined) return { kind: 'watchpoint', watch: hit.kind, address: hit.address };
    return haltOf(stop, machine.core.exceptions.cfsr);
  }

  private stepRange(start: number, end: number): DebugStop | undefined {
    for (let k = 0; k < SLICE_STEPS; k++) {
      const stop = this.stepOnce();
      if (stop !== undefined) return stop;
      const pc = this.machine.register(15);
      if (this.atBreakpoint) return { kind: 'breakpoint' };
      if (pc < start || pc >= end) return { kind: 'step' };
    }
    return undefined;
  }

  /** BKPT stops once, as under a debug probe; resumed at it, it does nothing. */
  private readonly stopAtBkpt: Instrument = ({ address }, execute) => {
    if (!isBreakpoint(this.machine.core.memory.fetch(address) ?? 0)) return execute;
    const { x } = this.machine.core.state;
    return (pc) => {
      if (this.reversal.replaying || this.passedBkpt === pc >>> 0) {
        this.passedBkpt = undefined;
        x[X.ITSTATE] = ITAdvance(word(x, X.ITSTATE));
        return pc + 2;
      }
      x[X.SIGNAL] = Signal.stopHere;
      return 1;
    };
  };
}
