/** What the benchmark runs: programs, how each is built, how much work a row of the table is. Data only. */

const FIRMWARE = ['layers/*', 'train/*'];
const EXACT = '-ffp-contract=off';

/** `full` or `tl` of the paper's network at one level of optimisation. */
function training({ name, title, mode = 'FULL', level = '-O2', contraction = EXACT, hostFlags = [], rows }) {
  return {
    name,
    title,
    sources: ['train.c'],
    firmware: FIRMWARE,
    flags: [level, contraction, `-DBENCH_MODE=TRAIN_MODE_${mode}`],
    hostFlags: ['-O2', contraction, `-DBENCH_MODE=TRAIN_MODE_${mode}`, ...hostFlags],
    rows,
  };
}

const batches = (name) => [
  { name, work: '1 batch', repeat: 1 },
  { name: `${name}-x10`, work: '10 batches', repeat: 10, long: true },
];

function plain(name, title, repeat, more = {}) {
  const [source] = [`${name.replaceAll('-', '_')}.c`];
  const flags = ['-O2', EXACT];
  const rows = [{ name, work: `${repeat} rounds`, repeat }];
  return { name, title, sources: [source], firmware: [], flags, hostFlags: flags, rows, ...more };
}

/**
 * `hostFlags` absent: not for the host. `unicorn` false: it needs exceptions, which Unicorn has not. `long`:
 * --quick leaves it out.
 */
export const PROGRAMS = [
  training({
    name: 'train-full',
    title: 'training step, all layers, VMUL and VADD',
    rows: batches('train-full'),
  }),
  training({
    name: 'train-tl',
    title: 'training step, dense layers, VMUL and VADD',
    mode: 'TL',
    rows: batches('train-tl'),
  }),
  training({
    name: 'train-fma',
    title: 'training step, all layers, contracted to VFMA',
    contraction: '-ffp-contract=fast',
    hostFlags: ['-mfma'],
    rows: batches('train-fma'),
  }),
  training({
    name: 'train-o0',
    title: 'training step, all layers, built with -O0',
    level: '-O0',
    rows: batches('train-o0').slice(0, 1),
  }),
  training({
    name: 'train-o3',
    title: 'training step, all layers, built with -O3',
    level: '-O3',
    rows: batches('train-o3').slice(0, 1),
  }),
  plain('integer-mix', 'CRC, sort, matrix product, sieve, long products, divisions', 6000),
  plain('state-machine', 'dense switches (TBB) and calls through a table (BLX)', 6000),
  plain('block-copy', 'memcpy and memset of the C library', 25000),
  plain('soft-double', 'double by library calls', 1800),
  plain('systick', 'SysTick every 1,000 cycles (QEMU, by its own clock, takes fewer: see the notes)', 50000, {
    hostFlags: undefined,
    unicorn: false,
  }),
  plain('pended', 'an interrupt pended about every 1,000 cycles', 2500, {
    hostFlags: undefined,
    unicorn: false,
  }),
];

/** Start-up is what this takes: the firmware's own smallest program. */
export const HELLO = {
  name: 'hello',
  title: 'one line, 30 instructions',
  sources: [],
  firmware: ['apps/hello.c'],
  flags: ['-O2'],
  hostFlags: ['-O2'],
  rows: [{ name: 'hello', work: '1 line', repeat: 1 }],
};

/** One ELF with 1, 10 and 100 times the work. */
export const GROWTH = { program: 'integer-mix', repeat: 200, times: [1, 10, 100] };

/** Highest clock of the part that the simulated clock is set against, the STM32L496. */
export const PART_MHZ = 80;
