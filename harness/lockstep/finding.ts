/** A difference that was narrowed down, and what is told of it: the instruction and those around it. */
import { type ElfImage, type Machine, type TraceRecord, Tracer, traceLine } from '../../emulator/index.js';
import type { Difference } from './difference.js';

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
  /** How many of the stretch the subject ran as translated code; null: it does not say. */
  readonly translated: number | null;
  readonly differences: readonly Difference[];
  /** Lines of a trace of the witness: up to the stretch, and the stretch. */
  readonly before: readonly string[];
  readonly stretch: readonly string[];
  /** The instruction that did it; null where the stretch has several and none of them is it alone. */
  readonly instruction: Place | null;
}

/** Instructions before the stretch that are shown. */
export const CONTEXT = 8;
/** Of a stretch that cannot be made shorter. */
const MOST_LINES = 100;

/** What a machine does up to so many instructions, from where it stands. */
export function traceTo(machine: Machine, elf: ElfImage, instructions: number): TraceRecord[] {
  const records: TraceRecord[] = [];
  const tracer = new Tracer(machine, elf, { take: (record) => records.push(record) });
  tracer.start();
  machine.run({ maxInstructions: instructions });
  tracer.stop();
  return records;
}

/** @param before, stretch what the witness did up to `from`, and from there */
export function findingOf(
  facts: Pick<Finding, 'from' | 'to' | 'recurs' | 'translated' | 'differences'>,
  before: readonly TraceRecord[],
  stretch: readonly TraceRecord[],
): Finding {
  return {
    ...facts,
    before: before.slice(-CONTEXT).map(traceLine),
    stretch: stretch.slice(0, MOST_LINES).map(traceLine),
    instruction: instructionOf(stretch, facts.differences),
  };
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
