/**
 * The lines of a trace, format m4lab.trace/1. Fields stand between spaces, numbers but the first two are
 * hexadecimal, and a line that begins with `#` is a remark.
 *
 *     cycle  +cycles  address   code      place     instruction  | effects
 *     cycle  +cycles  event     text, name=value ...
 *
 * cycle: before it, since reset, decimal; cycles: what it took, so that the two give the next line's first.
 * address: eight digits; an event has a word there (TraceEventKind). code: four or eight digits. place:
 * function+offset, or `-`. Effects, each a word: `skipped` or `faulted`; `name=value` of a register that was
 * written (`pc` for a jump); `fpstacked` when it did an exception entry's lazy stacking; `flags=nZCvq`, upper
 * case for those that are set, where they changed; `loadN[address]=value` and `storeN[address]=value` of N
 * bytes, `failed` instead of a value.
 */
import type {
  MemoryAccess,
  NamedValue,
  TracedEvent,
  TracedInstruction,
  TraceRecord,
} from './trace-record.js';

export const TRACE_FORMAT = 'm4lab.trace/1';

/** Names of the columns, as a remark. */
export const TRACE_COLUMNS = '# cycle +cycles address code place instruction | effects';

const digits = (value: number, count: number): string => value.toString(16).padStart(count, '0');

const named = ({ name, value }: NamedValue): string => `${name}=0x${digits(value, 8)}`;

function accessText({ write, size, address, value }: MemoryAccess): string {
  const result = value === undefined ? 'failed' : `0x${digits(value, size * 2)}`;
  return `${write ? 'store' : 'load'}${size}[0x${digits(address, 8)}]=${result}`;
}

function instructionText(record: TracedInstruction): string {
  const { outcome, registers, flags, accesses, storedFloat } = record;
  const effects = [
    ...(outcome === 'done' ? [] : [outcome]),
    ...accesses.map(accessText),
    ...registers.map(named),
    ...(storedFloat ? ['fpstacked'] : []),
    ...(flags === undefined ? [] : [`flags=${flags}`]),
  ];
  const code = digits(record.word, record.size * 2).padEnd(8);
  const place = (record.place ?? '-').padEnd(24);
  const line = `${digits(record.address, 8)}  ${code}  ${place}  ${record.text}`;
  return effects.length === 0 ? line : `${line.padEnd(74)} | ${effects.join(' ')}`;
}

const eventText = ({ kind, text, values }: TracedEvent): string =>
  `${kind.padEnd(8)}  ${[text, ...values.map(named)].filter((part) => part !== '').join(' ')}`.trimEnd();

/** One line, without its end. */
export function traceLine(record: TraceRecord): string {
  const time = `${String(record.cycle).padStart(10)} ${`+${record.cycles}`.padStart(5)}`;
  return `${time}  ${record.kind === 'instruction' ? instructionText(record) : eventText(record)}`;
}
