/** The lines of a trace. What they hold is told in one place: TRACE_HELP. */
import type {
  MemoryAccess,
  NamedValue,
  TracedEvent,
  TracedInstruction,
  TraceRecord,
} from './trace-record.js';

/** Name and version of the text format. */
export const TRACE_FORMAT = 'm4lab.trace/1';

/** The format in words: stable, for programs that read it. */
export const TRACE_HELP = `${TRACE_FORMAT}: fields between spaces; a line that begins with # is a remark.
  cycle +cycles address code place instruction | effects
  cycle +cycles event text name=value...
cycle, +cycles  before it, since reset, and what it took, in decimal: their sum is the next line's cycle
address, code   hexadecimal, 8 digits; 4 or 8 digits, first halfword first. An event has a word here
place           function+offset, or - where no symbol is
instruction     as objdump writes it
effects         skipped (its condition failed), faulted (it did nothing), fpstacked (it did lazy stacking),
                loadN[address]=value and storeN[address]=value of N bytes (failed instead of a value),
                name=value of a register written (pc: a jump), flags=nZCvq (upper case: set) if changed
event           enter, chain (tail-chained), return, fault, sleep (WFI, WFE), restart (reset), lockup`;

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
