/** Where two machines that should be the same are not, in words. */
import { MACHINE_STATE, type MemoryRange, type Stop } from '../../emulator/index.js';
import { hex } from '../report/hex.js';

/** One thing that differs: a register by its name, a word of memory by its address, the way a run ended. */
export interface Difference {
  readonly what: string;
  /** On the machine that is checked. */
  readonly subject: string;
  /** On its witness. */
  readonly witness: string;
}

/** Words of memory named one by one; more are summed up. */
const MOST_WORDS = 8;

/** Counted in decimal; all other numbers are words. */
const COUNTS: ReadonlySet<string> = new Set(['instructions', 'cycles', 'nextEvent', 'floatBusy', 'narrow']);
const isCount = MACHINE_STATE.map((name) => COUNTS.has(name));

/**
 * @param indices into `MACHINE_STATE`: what to compare. @param masks the bits of each that count; absent: all
 */
export function stateDifferences(
  subject: Float64Array,
  witness: Float64Array,
  indices: readonly number[],
  masks?: ArrayLike<number>,
): Difference[] {
  const found: Difference[] = [];
  for (const index of indices) {
    const [a, b] = [subject[index] as number, witness[index] as number];
    if (a === b || (masks !== undefined && ((a ^ b) & (masks[index] ?? -1)) === 0)) continue;
    const text = (value: number): string => (isCount[index] ? String(value) : hex(value));
    found.push({ what: MACHINE_STATE[index] as string, subject: text(a), witness: text(b) });
  }
  return found;
}

const wordsOf = ({ bytes }: Pick<MemoryRange, 'bytes'>): Int32Array =>
  new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);

/** @param subject, witness ranges in the same order, each of the same place and length */
export function memoryDifferences(
  subject: readonly MemoryRange[],
  witness: readonly Pick<MemoryRange, 'bytes'>[],
): Difference[] {
  return subject.flatMap((range, k) => rangeDifferences(range, witness[k] as Pick<MemoryRange, 'bytes'>));
}

function rangeDifferences(range: MemoryRange, other: Pick<MemoryRange, 'bytes'>): Difference[] {
  const [a, b] = [wordsOf(range), wordsOf(other)];
  const found: Difference[] = [];
  let more = 0;
  for (let k = 0; k < a.length; k++) {
    if (a[k] === b[k]) continue;
    if (found.length === MOST_WORDS) {
      more++;
      continue;
    }
    const what = `memory[${hex(range.start + 4 * k)}]`;
    found.push({ what, subject: hex((a[k] as number) >>> 0), witness: hex((b[k] as number) >>> 0) });
  }
  if (more > 0) found.push({ what: `memory, ${more} more words`, subject: '', witness: '' });
  return found;
}

export function stopText(stop: Stop): string {
  switch (stop.reason) {
    case 'exit':
      return `exit ${stop.code}`;
    case 'address':
      return `stopped at ${hex(stop.address)}`;
    case 'limit':
      return `limit of ${stop.limit}`;
    case 'stack-overflow':
      return 'stack overflow';
    default:
      return `${stop.reason}: ${stop.text}, at ${hex(stop.pc)}`;
  }
}

export function stopDifferences(subject: Stop, witness: Stop): Difference[] {
  const [a, b] = [stopText(subject), stopText(witness)];
  return a === b ? [] : [{ what: 'how it stopped', subject: a, witness: b }];
}
