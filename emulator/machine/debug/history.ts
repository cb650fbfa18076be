/**
 * Where a machine has been: snapshots now and then, between which it can be run again. A change from outside
 * (a register or memory written by a debugger) cannot be run again, so the history starts anew there.
 */
import type { Machine } from '../machine.js';
import type { Snapshot } from '../snapshot.js';

/** Instructions between two snapshots at first; it doubles whenever there are too many. */
const FIRST_INTERVAL = 1_000_000;
const MOST_SNAPSHOTS = 64;

export class History {
  private readonly machine: Machine;
  private readonly firstInterval: number;
  private interval: number;
  private snapshots: Snapshot[] = [];

  constructor(machine: Machine, firstInterval = FIRST_INTERVAL) {
    this.machine = machine;
    this.firstInterval = this.interval = firstInterval;
    this.restart();
  }

  /** What was is forgotten: the history starts here. */
  restart(): void {
    this.interval = this.firstInterval;
    this.snapshots = [this.machine.snapshot()];
  }

  /** The number of instructions at which the next snapshot is due. */
  get nextAt(): number {
    return (this.snapshots.at(-1) as Snapshot).instructions + this.interval;
  }

  /** Takes the snapshot that is due, if one is. */
  record(): void {
    if (this.machine.instructions < this.nextAt) return;
    this.snapshots.push(this.machine.snapshot(this.snapshots.at(-1)));
    if (this.snapshots.length <= MOST_SNAPSHOTS) return;
    this.snapshots = this.snapshots.filter((_, index) => index % 2 === 0);
    this.interval *= 2;
  }

  /** The latest snapshot with fewer instructions than this; undefined before the start. */
  before(instructions: number): Snapshot | undefined {
    return this.snapshots.findLast((snapshot) => snapshot.instructions < instructions);
  }
}
