/**
 * Going back: to a snapshot, and forward again to the moment wanted. A moment is a number of retired
 * instructions; that the second run is the first one again is what snapshots promise.
 */
import type { Machine } from '../machine.js';
import type { Snapshot } from '../snapshot.js';
import type { DebugStop } from './debug-stop.js';
import type { History } from './history.js';
import type { Watchpoints } from './watchpoints.js';

/** A reason to stop, met again on the way. */
interface Met {
  readonly instructions: number;
  /** The pc there, for a breakpoint; a watched instruction is stopped before. */
  readonly pc: number | undefined;
  readonly stop: DebugStop;
}

export class Reversal {
  private readonly machine: Machine;
  private readonly history: History;
  private readonly watchpoints: Watchpoints;
  private readonly breakpoints: ReadonlySet<number>;
  private running = false;
  /** Only what was before this many instructions counts. */
  private end = 0;

  constructor(
    machine: Machine,
    history: History,
    watchpoints: Watchpoints,
    breakpoints: ReadonlySet<number>,
  ) {
    this.machine = machine;
    this.history = history;
    this.watchpoints = watchpoints;
    this.breakpoints = breakpoints;
  }

  /** True while something runs for the second time on the way back. */
  get replaying(): boolean {
    return this.running;
  }

  /** Undoes the instruction that was retired last. */
  stepBack(): DebugStop {
    const wanted = this.machine.instructions - 1;
    const from = this.history.before(wanted + 1);
    if (from === undefined) return { kind: 'historyStart' };
    this.restore(from);
    this.runTo(wanted);
    return { kind: 'step' };
  }

  begin(): void {
    this.end = this.machine.instructions;
  }

  /** Searches the time since one snapshot; undefined when it has to go on with the one before. */
  slice(): DebugStop | undefined {
    const from = this.history.before(this.end);
    if (from === undefined) return { kind: 'historyStart' };
    this.restore(from);
    const last = this.lastMet();
    this.restore(from);
    if (last !== undefined) {
      this.goTo(last);
      return last.stop;
    }
    this.end = from.instructions;
    return undefined;
  }

  private restore(snapshot: Snapshot): void {
    this.machine.restore(snapshot);
  }

  private again<T>(action: () => T): T {
    this.running = true;
    try {
      return action();
    } finally {
      this.running = false;
      this.watchpoints.takeHit();
    }
  }

  private runTo(instructions: number): void {
    this.again(() => this.machine.run({ maxInstructions: instructions }));
  }

  private goTo({ instructions, pc }: Met): void {
    this.runTo(instructions);
    // A handler's first instruction: its exception is entered after the last instruction has retired.
    if (pc !== undefined && pc !== this.machine.register(15)) {
      this.again(() => this.machine.run({ addresses: [pc], maxInstructions: instructions + 1 }));
    }
  }

  private hereIfBreakpoint(): Met | undefined {
    const pc = this.machine.register(15);
    const { instructions } = this.machine;
    return this.breakpoints.has(pc) ? { instructions, pc, stop: { kind: 'breakpoint' } } : undefined;
  }

  /** The last reason to stop between now and `end`. */
  private lastMet(): Met | undefined {
    const { machine, watchpoints, end } = this;
    return this.again(() => {
      let last = this.hereIfBreakpoint();
      while (machine.instructions < end) {
        const stop = machine.run({
          addresses: [...this.breakpoints],
          maxInstructions: end,
          asked: () => watchpoints.isHit,
        });
        const hit = watchpoints.takeHit();
        if (hit !== undefined) {
          const stopped: DebugStop = { kind: 'watchpoint', watch: hit.kind, address: hit.address };
          last = { instructions: machine.instructions - 1, pc: undefined, stop: stopped };
        } else if (stop.reason !== 'address') break;
        if (machine.instructions < end) last = this.hereIfBreakpoint() ?? last;
      }
      return last;
    });
  }
}
