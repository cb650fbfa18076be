/**
 * From a stretch in which two machines came to differ to the instruction that did it, or to the shortest
 * stretch in which it happens: translated code runs a block at a time, and alone an instruction of it may
 * well be right.
 */
import type { ElfImage, RunUntil } from '../../emulator/index.js';
import type { Difference } from './difference.js';
import { CONTEXT, type Finding, findingOf, traceTo } from './finding.js';
import { MEMORY_EVERY, type Moment, type Pair } from './pair.js';

/** What was run since a moment at which both were the same. */
export interface Replay {
  readonly since: Moment;
  /** The last one ended in the difference. */
  readonly stretches: readonly RunUntil[];
}

const atMost = (until: RunUntil, instructions: number): RunUntil => ({
  ...until,
  maxInstructions: Math.min(until.maxInstructions ?? instructions, instructions),
});

class Narrowing {
  constructor(
    private readonly pair: Pair,
    private readonly replay: Replay,
  ) {}

  /** Both from the moment on, with the same stops as then, up to so many instructions. */
  differencesAt(instructions: number): readonly Difference[] {
    const { pair, replay } = this;
    pair.restore(replay.since);
    let differences: readonly Difference[] = [];
    for (const [turn, until] of replay.stretches.entries()) {
      differences = pair.run(atMost(until, instructions), turn % MEMORY_EVERY === 0).differences;
      if (differences.length > 0 || pair.subject.machine.instructions >= instructions) break;
    }
    return differences.length > 0 ? differences : pair.memory();
  }

  /** As `differencesAt(to)`, with one stop more, at `from`. */
  differencesBetween(from: number, to: number): readonly Difference[] {
    const before = this.differencesAt(from);
    return before.length > 0 ? [] : this.pair.run({ maxInstructions: to }, true).differences;
  }

  /** The fewest instructions after which they differ. @param last after which they do */
  end(last: number): number {
    let [same, differ] = [this.replay.since.instructions, last];
    while (differ - same > 1) {
      const middle = same + Math.floor((differ - same) / 2);
      if (this.differencesAt(middle).length > 0) differ = middle;
      else same = middle;
    }
    return differ;
  }

  /** The last stop before `to` from which they still come to differ. */
  start(to: number): number {
    const first = this.replay.since.instructions;
    let tooLate = to;
    let length = 1;
    while (to - length > first && this.differencesBetween(to - length, to).length === 0) {
      tooLate = to - length;
      length *= 2;
    }
    let from = Math.max(first, to - length);
    while (tooLate - from > 1) {
      const middle = from + Math.floor((tooLate - from) / 2);
      if (this.differencesBetween(middle, to).length > 0) from = middle;
      else tooLate = middle;
    }
    return from;
  }

  /** Leaves the pair where it differs. */
  finding(elf: ElfImage, from: number, to: number, recurs: boolean): Finding {
    const { machine } = this.pair.witness;
    this.differencesAt(Math.max(this.replay.since.instructions, from - CONTEXT));
    const before = traceTo(machine, elf, from);
    const stretch = traceTo(machine, elf, to);
    this.differencesAt(from);
    const { machine: subject } = this.pair.subject;
    const already = subject.translatedInstructions;
    const { differences } = this.pair.run({ maxInstructions: to }, true);
    const translated = subject.translatedInstructions - already;
    return findingOf({ from, to, recurs, differences, translated }, before, stretch);
  }
}

/**
 * @param differences of the last stretch
 * @returns the finding; both machines are left somewhere in it
 */
export function narrow(
  pair: Pair,
  elf: ElfImage,
  replay: Replay,
  differences: readonly Difference[],
): Finding {
  const last = Math.max(pair.subject.machine.instructions, pair.witness.machine.instructions) + 1;
  const narrowing = new Narrowing(pair, replay);
  const [first] = [replay.since.instructions];
  if (narrowing.differencesAt(last).length === 0) {
    const finding = narrowing.finding(elf, Math.max(first, last - CONTEXT), last, false);
    return { ...finding, from: first, differences, instruction: null };
  }
  const to = narrowing.end(last);
  return narrowing.finding(elf, narrowing.start(to), to, true);
}
