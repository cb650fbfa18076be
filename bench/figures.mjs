/**
 * What is read off measured rows: ratios, speeds and the bars. A ratio is another platform's time over
 * m4lab's: more than 1 means that m4lab is faster. Only `timesNative` is the other way round.
 */
import { GROWTH, PART_MHZ } from './programs.mjs';
import { geometricMean, median } from './statistics.mjs';

/** Wall time of a whole process. */
const whole = (row, platform) => row.times[platform]?.wall;

/** Wall time less the platform's own start-up; undefined where start-up is all of it. */
function net(row, platform, hello) {
  const [time, startUp] = [whole(row, platform), whole(hello, platform)];
  return time > startUp ? time - startUp : undefined;
}

const over = (left, right) => (left === undefined || right === undefined ? undefined : left / right);

const millions = (value) => (value === undefined ? undefined : value / 1e6);

/** All that the tables show of a row, for m4lab under one Node or the other; undefined if it did not run. */
export function figuresOf(row, hello, self = 'm4lab') {
  const mine = whole(row, self);
  if (mine === undefined) return undefined;
  const mineNet = net(row, self, hello);
  const netRatio = (platform) => over(net(row, platform, hello), mineNet);
  return {
    mips: millions(over(row.instructions, mineNet)),
    mhz: millions(over(row.cycles, mine)),
    qemu: over(whole(row, 'qemu'), mine),
    qemuNet: netRatio('qemu'),
    qemuCpu: over(row.times.qemu?.cpu, row.times[self]?.cpu),
    icountNet: netRatio('qemu-icount'),
    unicornNet: netRatio('unicorn'),
    hookedNet: netRatio('unicorn-hooked'),
    timesNative: over(mine, whole(row, 'native')),
  };
}

/** Over all rows but start-up and growth: geometric mean, lowest and its row, of the whole-process ratio. */
export function overall(rows, figures) {
  const known = rows.map((row, k) => [row.name, figures[k]?.qemu]).filter(([, ratio]) => ratio !== undefined);
  if (known.length === 0) return undefined;
  const [worstRow, worst] = known.reduce((low, next) => (next[1] < low[1] ? next : low));
  return { mean: geometricMean(known.map(([, ratio]) => ratio)), worst, worstRow };
}

/** Seconds less start-up for each amount of work, and how many times the first, by platform. */
export function growthOf(growth, hello, platform) {
  const seconds = growth.map((row) => net(row, platform, hello));
  if (seconds.length === 0 || seconds.includes(undefined)) return undefined;
  return seconds.map((value) => ({ seconds: value, times: value / seconds[0] }));
}

/** QEMU computes without a pause: what its wall time has above processor time, others had. */
const BUSY = 1.1;

/** Why the figures may be wrong, a sentence each. */
function findDoubts(rows) {
  const shares = rows.flatMap(({ times: { qemu } }) => (qemu === undefined ? [] : [qemu.wall / qemu.cpu]));
  const share = shares.length === 0 ? 0 : median(shares);
  if (share <= BUSY) return [];
  const times = `QEMU's wall time is ${share.toFixed(2)} times its processor time, in the middle of all rows`;
  return [`the host was busy with other work: ${times}; run again when it is idle`];
}

const most = Math.max(...GROWTH.times);

/**
 * The bars, in the order printed. `value` gives what was measured, undefined when the rows it needs were left
 * out; `atLeast` or `atMost` is the bar.
 */
const BARS = [
  ...[
    ['train-full-x10', 'all layers'],
    ['train-tl-x10', 'dense layers'],
  ].flatMap(([row, what]) => [
    bar(`training step, ${what}, VMUL and VADD, 10 batches`, 'x QEMU', { atLeast: 3 }, of(row, 'qemu')),
    bar(
      `training step, ${what}, VMUL and VADD, 10 batches`,
      'x native time',
      { atMost: 5 },
      of(row, 'timesNative'),
    ),
  ]),
  bar('training step, VFMA, 10 batches', 'x QEMU', { atLeast: 2.5 }, of('train-fma-x10', 'qemu')),
  bar('training step, 1 batch, whole process', 'x QEMU', { atLeast: 2 }, of('train-full', 'qemu')),
  bar('geometric mean of all', 'x QEMU', { atLeast: 1.5 }, ({ all, complete }) =>
    complete ? all?.mean : undefined,
  ),
  bar('worst of all', 'x QEMU', { atLeast: 0.7 }, ({ all, complete }) => (complete ? all?.worst : undefined)),
  bar('simulated clock, training step', `x ${PART_MHZ} MHz`, { atLeast: 10 }, (results) => {
    const mhz = of('train-full-x10', 'mhz')(results);
    return mhz === undefined ? undefined : mhz / PART_MHZ;
  }),
  bar('`m4lab run hello.elf`, whole process', 's', { atMost: 0.25 }, ({ hello, self }) => whole(hello, self)),
  bar(
    '`m4lab run hello.elf`, peak memory',
    'MB',
    { atMost: 120 },
    ({ hello, self }) => hello.times[self]?.peakMb,
  ),
  bar(`${most}x the work, less start-up`, 'x the time', { atMost: most + 1 }, ({ growth, hello, self }) => {
    return growthOf(growth, hello, self)?.at(-1)?.times;
  }),
];

function bar(what, unit, bound, value) {
  return { what, unit, bound, value };
}

/** A figure of the row with that name. */
function of(name, figure) {
  return ({ rows, figures }) => figures[rows.findIndex((row) => row.name === name)]?.[figure];
}

/** Every figure of the measured rows, for m4lab under one Node. */
function figuresFor({ rows, hello }, self) {
  const figures = rows.map((row) => figuresOf(row, hello, self));
  return { figures, all: overall(rows, figures), self };
}

/**
 * The measured rows with what they say: `figures` and `all` of this Node, `newer` the same of a newer one,
 * `doubts`, and the bars. A bar's `met` is undefined where nothing was measured; `newer` is the newer Node's
 * figure, which decides nothing.
 */
export function evaluate(measured) {
  const results = { ...measured, ...figuresFor(measured, 'm4lab') };
  const newer = { ...measured, ...figuresFor(measured, 'm4lab-newer') };
  const doubts = findDoubts(measured.rows);
  return { ...results, newer, doubts, bars: checkBars(results, newer) };
}

function checkBars(results, newerResults) {
  return BARS.map(({ what, unit, bound, value: valueIn }) => {
    const value = valueIn(results);
    const met =
      value === undefined
        ? undefined
        : value >= (bound.atLeast ?? 0) && value <= (bound.atMost ?? Number.POSITIVE_INFINITY);
    return { what, unit, bound, value, met, newer: valueIn(newerResults) };
  });
}
