/** A fault as lines of the console summary. */
import type { BacktraceFrame, FaultReport } from '../../emulator/index.js';
import { count } from '../measure/checks.js';
import { hex } from './hex.js';
import { folded, line, place } from './summary-line.js';

/** Columns that a path may take before its beginning is left out. */
const LONGEST_PATH = 48;
const IN_A_ROW = 4;
/** Frames at each end of a long backtrace. */
const SHOWN_AT_EACH_END = 8;

/** @param said what stands above it and may have named the fault */
export function faultText(fault: FaultReport, said: string): string[] {
  return [
    ...(said.includes(fault.text) ? [] : [line('fault', fault.text)]),
    ...fault.earlier.map((text) => line('earlier', text)),
    ...statusText(fault),
    ...backtraceText(fault.backtrace),
    line('mode', modeText(fault)),
    ...(fault.excReturn === null ? [] : [line('EXC_RETURN', hex(fault.excReturn))]),
    ...registerText(fault),
  ];
}

/** The bits that only say that an address is valid are left to the address. */
function statusText({ status, mmfar, bfar }: FaultReport): string[] {
  const addresses = [
    ['MMFAR', mmfar],
    ['BFAR', bfar],
  ] as const;
  return [
    ...status.flatMap(({ register, value, bits }) => [
      line(register, hex(value)),
      ...bits
        .filter(({ name }) => !name.endsWith('VALID'))
        .map(({ name, meaning }) => line(`  ${name}`, meaning)),
    ]),
    ...addresses.flatMap(([name, value]) => (value === null ? [] : [line(name, hex(value))])),
  ];
}

function modeText({ mode, exception, privileged, stack, ...masks }: FaultReport): string {
  const set = (['primask', 'basepri', 'faultmask'] as const).filter((name) => masks[name] !== 0);
  return [
    exception === null ? mode : `${mode} of ${exception}`,
    privileged ? 'privileged' : 'unprivileged',
    `${stack} stack`,
    ...set.map((name) => `${name.toUpperCase()} 0x${masks[name].toString(16)}`),
  ].join(', ');
}

function registerText({ r, xpsr, msp, psp, control, float }: FaultReport): string[] {
  const names = ['sp', 'lr', 'pc'];
  const general = r.map((value, n) => cell(names[n - 13] ?? `r${n}`, hex(value)));
  const special = [
    ['xpsr', xpsr],
    ['msp', msp],
    ['psp', psp],
    ['ctrl', control],
  ] as const;
  const cells = [...general, ...special.map(([name, value]) => cell(name, hex(value)))];
  const rows = [...inRows(cells), ...floatRows(float)];
  return rows.map((row, k) => line(k === 0 ? 'registers' : '', row));
}

const cell = (name: string, value: string): string => `${name.padEnd(4)} ${value.padEnd(12)}`;

function inRows(cells: readonly string[]): string[] {
  const starts = cells.flatMap((_, k) => (k % IN_A_ROW === 0 ? [k] : []));
  return starts.map((start) =>
    cells
      .slice(start, start + IN_A_ROW)
      .join('')
      .trimEnd(),
  );
}

/** S0 to S15 as numbers, without the rows that are all 0; the others are in the JSON. */
function floatRows(float: FaultReport['float']): string[] {
  if (float === null) return [];
  const bits = Uint32Array.from(float.s.slice(0, 16));
  const cells = Array.from(new Float32Array(bits.buffer), (value, n) =>
    cell(`s${n}`, String(Number(value.toPrecision(7)))),
  );
  const rows = inRows(cells).filter((_, row) =>
    bits.subarray(row * IN_A_ROW, (row + 1) * IN_A_ROW).some(Boolean),
  );
  return [...rows, cell('fpscr', hex(float.fpscr)).trimEnd()];
}

export function backtraceText({ frames, leftOut }: FaultReport['backtrace']): string[] {
  // What was left out already stands in the middle.
  const numbers = frames.map((_, k) => (k < frames.length / 2 ? k : k + leftOut));
  const lines = frames.map((frame, k) => folded(`#${numbers[k]}`, frameText(frame).split(' ')));
  const skipped = lines.length - 2 * SHOWN_AT_EACH_END;
  if (skipped <= 0) return lines.flat();
  const middle = line('', `(${count(skipped + leftOut)} more)`);
  return [...lines.slice(0, SHOWN_AT_EACH_END), middle, ...lines.slice(-SHOWN_AT_EACH_END)].flat();
}

/** `0x08000102, main+0x12, app.c:31`. */
function frameText({ pc, kind, by, function: name, offset, file, line: number }: BacktraceFrame): string {
  const symbol = name === null || offset === null ? null : `${name}+0x${offset.toString(16)}`;
  const source = file === null ? null : `${shortened(file)}:${number}`;
  const how = { fault: null, caller: null, branch: 'branched there', interrupted: `interrupted by ${by}` }[
    kind
  ];
  return place(pc, symbol, source, how);
}

function shortened(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  const tail = path.slice(-LONGEST_PATH);
  const slash = tail.search(/[\\/]/);
  return `...${slash < 0 ? tail : tail.slice(slash)}`;
}
