/** How a line of the console summary looks. */
import { count } from '../measure/checks.js';
import { hex } from './hex.js';

/** Columns of a line that is folded. */
const COLUMNS = 100;
/** Functions at each end of a long chain. */
const SHOWN_AT_EACH_END = 8;

export function line(label: string, text: string): string {
  return `  ${label.padEnd(13)} ${text}`;
}

/** Parts with a space between them, on as many lines as they need. */
export function folded(label: string, parts: readonly string[]): string[] {
  const width = COLUMNS - line(label, '').length;
  const rows: string[] = [];
  for (const part of parts) {
    const row = rows.at(-1);
    if (row === undefined || row.length + 1 + part.length > width) rows.push(part);
    else rows[rows.length - 1] = `${row} ${part}`;
  }
  return rows.map((row, k) => line(k === 0 ? label : '', row));
}

interface Calls {
  readonly name: string;
  times: number;
}

function callsOf(names: readonly string[]): Calls[] {
  const calls: Calls[] = [];
  for (const name of names) {
    const last = calls.at(-1);
    if (last?.name === name) last.times++;
    else calls.push({ name, times: 1 });
  }
  return calls;
}

const callText = ({ name, times }: Calls): string => (times === 1 ? name : `${name} (${count(times)} times)`);

/**
 * `main > f > g (9 times) > h`: functions, the outermost first. What calls itself stands once, and of a long
 * chain the middle is left out.
 * @param before what the line begins with
 */
export function chainText(label: string, names: readonly string[], before = ''): string[] {
  const calls = callsOf(names);
  const leftOut = calls.slice(SHOWN_AT_EACH_END, -SHOWN_AT_EACH_END);
  const more = leftOut.reduce((sum, { times }) => sum + times, 0);
  const texts = calls.map(callText);
  const shown =
    leftOut.length < 2
      ? texts
      : [...texts.slice(0, SHOWN_AT_EACH_END), `(${count(more)} more)`, ...texts.slice(-SHOWN_AT_EACH_END)];
  const parts = shown.map((text, k) => (k === 0 ? `${before}${text}` : `> ${text}`));
  return folded(label, parts);
}

/** An address, and where that is if it is known: `0x08000102, main+0x2`. */
export function place(pc: number, ...where: readonly (string | null)[]): string {
  return [hex(pc), ...where.filter((part) => part !== null)].join(', ');
}
