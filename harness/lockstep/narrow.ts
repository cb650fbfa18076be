/**
 * From a stretch in which two machines came to differ to the instruction that did it, or to the shortest
 * stretch in which it happens: translated code runs a block at a time, and alone an instruction of it may
 * well be right.
 */
import { type ElfImage, type RunUntil, type TraceRecord, Tracer, traceLine } from '../../emulator/index.js';
import type { Difference } from './difference.js';
import { MEMORY_EVERY, type Moment, type Pair } from './pair.js';

/** An instruction, as far as it is known. */
export interface Place {
  readonly address: number;
  readonly text: string;
  /** Function and offset; null where no symbol is. */
  readonly place: string | null;
}

/** The first difference, narrowed down. */
export interface Finding {
  /** Instructions retired before the shortest stretch that shows it, and after it. */
  readonly from: number;
  readonly to: number;
  /** Run again from the moment before, they differed again. */
  readonly recurs: boolean;
  readonly differences: readonly Difference[];
  /** Lines of a trace of the witness: up to the stretch, and the stretch. */
  readonly before: readonly string[];
  readonly stretch: readonly string[];
  /** The instruction that did it; null where the stretch has several and none of them is it alone. */
  readonly instruction: Place | null;
}

/** What was run since a moment at which both were the same. */
export interface Replay {
  readonly since: Moment;
  /** The last one ended in the difference. */
  readonly stretches: readonly RunUntil[];
}

const CONTEXT = 8;
/** Of a stretch that cannot be made shorter. */
const MOST_LINES = 100;

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

  /** What the witness does up to so many instructions, from where it stands. */
  private trace(elf: ElfImage, to: number): TraceRecord[] {
    const { machine } = this.pair.witness;
    const records: TraceRecord[] = [];
    const tracer = new Tracer(machine, elf, { take: (record) => records.push(record) });
    tracer.start();
    machine.run({ maxInstructions: to });
    tracer.stop();
    return records;
  }

  /** Leaves the pair where it differs. */
  finding(elf: ElfImage, from: number, to: number, recurs: boolean): Finding {
    const { since } = this.replay;
    this.differencesAt(Math.max(since.instructions, from - CONTEXT));
    const before = this.trace(elf, from);
    const stretch = this.trace(elf, to);
    const differences = this.differencesBetween(from, to);
    return {
      from,
      to,
      recurs,
      differences,
      before: before.slice(-CONTEXT).map(traceLine),
      stretch: stretch.slice(0, MOST_LINES).map(traceLine),
      instruction: instructionOf(stretch, differences),
    };
  }
}

/** Does a record of the witness write what differs? */
function writes(record: TraceRecord, { what }: Difference): boolean {
  if (record.kind !== 'instruction') return false;
  if (what === 'xpsr') return record.flags !== undefined;
  if (what.startsWith('memory[')) {
    const word = Number.parseInt(what.slice('memory['.length), 16);
    return record.accesses.some(
      ({ write, address, size }) => write && address < word + 4 && address + size > word,
    );
  }
  return record.registers.some(({ name }) => name === what);
}

function instructionOf(stretch: readonly TraceRecord[], differences: readonly Difference[]): Place | null {
  const instructions = stretch.filter((record) => record.kind === 'instruction');
  const only = instructions.length === 1 ? instructions[0] : undefined;
  const told = differences.filter(({ what }) => what !== 'pc');
  const last =
    only ?? instructions.findLast((record) => told.some((difference) => writes(record, difference)));
  return last === undefined ? null : { address: last.address, text: last.text, place: last.place ?? null };
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
