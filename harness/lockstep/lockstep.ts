/** Runs a program on a machine and beside it on its witness, and stops at the first difference. */
import type { ElfImage, RunUntil, Stop } from '../../emulator/index.js';
import type { Finding } from './finding.js';
import { narrow } from './narrow.js';
import { MEMORY_EVERY, type Moment, type Pair, type Stretch } from './pair.js';
import { stretchLengths } from './stretches.js';

/** How far to run, and how often to compare. */
export interface LockstepOptions {
  /** Instructions between two comparisons, on average. */
  readonly stretch: number;
  /** Instructions after which to end, the two being the same; absent: the program's own end. */
  readonly until?: number;
  /** Core cycles after which to give up; absent: never. */
  readonly maxCycles?: number;
}

/** How a lockstep run ended. */
export type LockstepEnd =
  /** The program ended, on both alike. */
  | { readonly kind: 'ended'; readonly stop: Stop }
  /** So many instructions were asked for. */
  | { readonly kind: 'until' }
  /** So many cycles were allowed. */
  | { readonly kind: 'limit' }
  /** The names are of the two that differ, the one that is checked first. */
  | {
      readonly kind: 'different';
      readonly finding: Finding;
      readonly subject: string;
      readonly witness: string;
    };

/** A moment to go back to is taken after so many instructions, or so many sync points. */
const MOMENT_INSTRUCTIONS = 2_000_000;
const MOMENT_SYNCS = 1024;

const goesOn = ({ reason }: Stop): boolean => reason === 'limit' || reason === 'address';

export class Lockstep {
  /** Sync points at which the two were the same. */
  syncs = 0;
  private readonly lengthOf: (turn: number) => number;
  private since: Moment;
  private stretches: RunUntil[] = [];
  /** One to stop before, now and then. */
  private address: number | undefined;

  constructor(
    readonly pair: Pair,
    private readonly elf: ElfImage,
    private readonly options: LockstepOptions,
    private readonly onConsole: (text: string) => void = () => undefined,
  ) {
    this.lengthOf = stretchLengths(options.stretch);
    this.since = pair.moment();
  }

  /** Instructions that the two have run alike. */
  get instructions(): number {
    return this.pair.subject.machine.instructions;
  }

  /** To the next sync point. @returns the end, when it is reached */
  step(): LockstepEnd | undefined {
    const until = this.nextStop();
    this.stretches.push(until);
    const stretch = this.pair.run(until, this.syncs % MEMORY_EVERY === 0);
    this.onConsole(stretch.console);
    if (stretch.differences.length > 0) return this.different(stretch);
    this.syncs++;
    const end = this.endAt(stretch.stop);
    if (end === undefined) this.keepMoment();
    return end;
  }

  /** All the ways in which a run can be asked to stop take their turn. */
  private nextStop(): RunUntil {
    const { machine } = this.pair.subject;
    const { until = Number.POSITIVE_INFINITY, maxCycles = Number.POSITIVE_INFINITY } = this.options;
    const turn = this.syncs;
    const length = this.lengthOf(turn);
    const ahead = Math.min(until, machine.instructions + length);
    if (turn % 3 === 2)
      return { maxInstructions: until, maxCycles: Math.min(maxCycles, machine.cycles + length) };
    const stretch = { maxInstructions: ahead, maxCycles };
    if (turn % 8 !== 7) return stretch;
    // A machine may give up its translations for each new address: a new one when there are twice the turns.
    if (((turn + 1) & turn) === 0) this.address = machine.register(15);
    return this.address === undefined ? stretch : { ...stretch, addresses: [this.address] };
  }

  private different({ differences }: Stretch): LockstepEnd {
    const replay = { since: this.since, stretches: this.stretches };
    const finding = narrow(this.pair, this.elf, replay, differences);
    return { kind: 'different', finding, subject: 'translated code', witness: 'the interpreter' };
  }

  private endAt(stop: Stop): LockstepEnd | undefined {
    const { until = Number.POSITIVE_INFINITY, maxCycles = Number.POSITIVE_INFINITY } = this.options;
    const { machine } = this.pair.subject;
    const over = machine.instructions >= until || machine.cycles >= maxCycles;
    if (goesOn(stop) && !over) return undefined;
    // RAM as it is at the end.
    const last = this.pair.compare(stop, stop, true);
    if (last.differences.length > 0) return this.different(last);
    if (!goesOn(stop)) return { kind: 'ended', stop };
    return { kind: machine.instructions >= until ? 'until' : 'limit' };
  }

  private keepMoment(): void {
    const { stretches, since } = this;
    const near = this.instructions - since.instructions < MOMENT_INSTRUCTIONS;
    // Only where RAM was compared too.
    if ((near && stretches.length < MOMENT_SYNCS) || (this.syncs - 1) % MEMORY_EVERY !== 0) return;
    this.since = this.pair.moment(since);
    this.stretches = [];
  }
}
