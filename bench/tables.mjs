/** The figures as Markdown, which is what the terminal shows and what RESULTS.md holds. */
import { growthOf } from './figures.mjs';
import { PART_MHZ } from './programs.mjs';

const NONE = '-';

/** `digits` significant ones, no exponent; `-` for what was not measured. */
export function figure(value, digits = 3) {
  if (value === undefined || value === null) return NONE;
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.001))));
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const whole = (value) => (value === undefined ? NONE : Math.round(value).toLocaleString('en-US'));

/** Columns of one width, the first to the left and the rest to the right. */
export function table(head, rows) {
  const width = head.map((_, k) => Math.max(3, ...[head, ...rows].map((cells) => [...cells[k]].length)));
  const pad = (text, k) => (k === 0 ? text.padEnd(width[k]) : text.padStart(width[k]));
  const line = (cells) => `| ${cells.map(pad).join(' | ')} |`;
  const dashes = width.map((columns, k) => '-'.repeat(columns + 1) + (k === 0 ? '-' : ':'));
  const rule = `|${dashes.join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

const SPEED = [
  'row',
  'instructions',
  'M/s',
  'x QEMU',
  'x QEMU net',
  'x QEMU cpu',
  'x -icount net',
  'x Unicorn net',
  'x hooked net',
  'native x',
  'MHz',
  `x ${PART_MHZ} MHz`,
  'translation ms',
  'newer Node x QEMU',
];

function speedCells(row, figures = {}, newer = {}) {
  return [
    row.name,
    whole(row.instructions),
    figure(figures.mips),
    figure(figures.qemu),
    figure(figures.qemuNet),
    figure(figures.qemuCpu),
    figure(figures.icountNet),
    figure(figures.unicornNet),
    figure(figures.hookedNet),
    figure(figures.timesNative),
    figure(figures.mhz),
    figure(figures.mhz === undefined ? undefined : figures.mhz / PART_MHZ),
    figure(row.translationMs),
    figure(newer.qemu),
  ];
}

export const SPEED_LEGEND = `\
Ratios are of medians of wall time, another's over m4lab's: 2 means that m4lab took half the time. \`x QEMU\`
is of whole processes, start-up included; \`net\` is less start-up on both sides, each one's own, measured on
hello; \`cpu\` is processor time, of all threads. \`native x\` is m4lab's whole process over the native one's.
\`M/s\`: million guest instructions a second, less start-up. \`MHz\`: guest cycles, counted all the while, by
whole-process time. m4lab runs with \`--no-measure\`, for its peers measure no stack and no heap either.
Unicorn takes no exception and the host has no SysTick: \`-\` there.`;

export function speedTable({ rows, figures, all, newer }) {
  const lines = rows.map((row, k) => speedCells(row, figures[k], newer.figures[k]));
  const parts = [table(SPEED, lines)];
  if (all !== undefined) {
    const worst = `worst ${figure(all.worst)} (${all.worstRow})`;
    parts.push(`Geometric mean of x QEMU over these rows: ${figure(all.mean)}; ${worst}.`);
  }
  return parts.join('\n\n');
}

/** Wall and processor seconds by platform, with the number of runs where it is not the same for all. */
export function timesTable({ rows, platforms }) {
  const present = platforms.filter(({ name }) => rows.some((row) => row.times[name] !== undefined));
  const cell = (time) => {
    return time === undefined ? NONE : `${time.wall.toFixed(3)} (${time.cpu.toFixed(3)}) x${time.runs}`;
  };
  const lines = rows.map((row) => [row.name, ...present.map(({ name }) => cell(row.times[name]))]);
  return table(['seconds: wall (user+sys) xruns', ...present.map(({ title }) => title)], lines);
}

export function startUpTable({ hello, platforms }) {
  const lines = platforms.flatMap(({ name, title }) => {
    const time = hello.times[name];
    return time === undefined
      ? []
      : [[title, time.wall.toFixed(3), time.cpu.toFixed(3), figure(time.peakMb), String(time.runs)]];
  });
  return table(['start-up: hello, whole process', 'wall s', 'user+sys s', 'peak MB', 'runs'], lines);
}

export function growthTable({ growth, hello, platforms }) {
  const lines = platforms.flatMap(({ name, title }) => {
    const steps = growthOf(growth, hello, name);
    return steps === undefined ? [] : steps.map((step, k) => growthCells(title, growth[k], step));
  });
  return table(['growth: work', 'instructions', 's less start-up', 'x the time'], lines);
}

const growthCells = (title, row, { seconds, times }) => [
  `${title}, ${row.work}`,
  whole(row.instructions),
  seconds.toFixed(3),
  figure(times, 4),
];

const limit = ({ atLeast, atMost }) => (atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`);

export function barsTable(bars) {
  const verdict = ({ met }) => (met === undefined ? 'not measured' : met ? 'pass' : 'MISS');
  const lines = bars.map((bar) => [
    bar.what,
    `${limit(bar.bound)} ${bar.unit}`,
    figure(bar.value),
    verdict(bar),
    figure(bar.newer),
  ]);
  return table(['bar', 'wanted', 'measured', 'verdict', 'newer Node'], lines);
}
