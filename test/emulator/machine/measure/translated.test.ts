/**
 * Measurements of hot code: a machine that translates says the same of it as one that only interprets, at
 * every moment, and most of it did run translated.
 */
import { describe, expect, it } from 'vitest';
import { Machine, type MeasureOptions, type Stop } from '../../../../emulator/index.js';
import { profileOf } from '../guest-machine.js';
import { differences } from '../translation/visible-state.js';
import { type Program, program } from './measured.js';

const ALL: MeasureOptions = { functions: true, heap: true, stacks: true };

/** Everything that is measured. */
const figures = ({ measurements, cycles, instructions }: Machine) => ({
  ...{ cycles, instructions, functions: measurements?.functions() },
  ...{ stacks: measurements?.stacks(), heap: measurements?.heap() },
});

interface Outcome {
  readonly stops: readonly Stop[];
  readonly translated: Machine;
}

/** Runs both to the program's end in slices, past stack overflows, and compares after each slice. */
function compare(made: Program, measure: MeasureOptions = ALL, slice = 300_007): Outcome {
  const machines = [true, false].map((translate) => {
    const machine = new Machine(profileOf('stm32l496zg'), { translate, measure });
    machine.load(made.elf);
    return machine;
  }) as [Machine, Machine];
  const stops: Stop[] = [];
  for (let cycles = slice; ; cycles += slice) {
    const [stop, other] = machines.map((machine) => machine.run({ maxCycles: cycles })) as [Stop, Stop];
    expect(stop).toEqual(other);
    expect(figures(machines[0])).toEqual(figures(machines[1]));
    expect(differences(...machines)).toEqual([]);
    if (stop.reason !== 'limit') stops.push(stop);
    if (stop.reason === 'exit') return { stops, translated: machines[0] };
    if (stop.reason !== 'limit' && stop.reason !== 'stack-overflow') throw new Error(JSON.stringify(stop));
    if (cycles > 60_000_000) throw new Error('no end');
  }
}

function expectHot({ translated }: Outcome, share = 0.8): void {
  expect(translated.translatedInstructions / translated.instructions).toBeGreaterThan(share);
}

describe('hot code that is measured', () => {
  it('calls: direct, through pointers, as tails, recursive, and by a switch', () => {
    const outcome = compare(
      program(`
FUNCTION int leaf(int n) { return n * 3 + 1; }
FUNCTION int other(int n) { volatile int room[9]; room[n & 7] = n; return room[n & 7] + leaf(n); }
FUNCTION int tail(int n) { return n & 1 ? leaf(n + 1) : other(n); }
FUNCTION int deep(int n) { return n <= 0 ? 1 : deep(n - 1) + (n & 1 ? leaf(n) : tail(n)); }
FUNCTION int choose(int n)
{
    switch (n % 7) {
    case 0: return leaf(n);
    case 1: n += other(n); /* fall through */
    case 2: return n + tail(n);
    case 3: return n ^ 5;
    case 4: return deep(n & 3);
    case 5: n = leaf(n); break;
    default: n--;
    }
    return n * 2;
}
int (*volatile table[4])(int) = { leaf, other, tail, choose };
volatile int sum;
int main(void)
{
    for (int k = 0; k < 12000; k++) sum += table[k & 3](k) + choose(k) + deep(k & 7);
    return 0;
}`),
    );
    expectHot(outcome);
  });

  it('with options that leave something out', () => {
    const made = program(`
FUNCTION int leaf(int n) { volatile char room[16]; room[n & 15] = 1; return room[n & 15]; }
volatile int sum;
int main(void) { for (int k = 0; k < 20000; k++) sum += leaf(k); return 0; }`);
    for (const measure of [{}, { stacks: true }, { heap: true }, { functions: true }]) {
      expectHot(compare(made, measure));
    }
  });

  it('frames of a size that shows as they run, and without optimisation', () => {
    const source = `
FUNCTION int fill(int n)
{
    volatile char room[(n & 31) + 1];
    for (int k = 0; k <= (n & 31); k++) room[k] = (char)k;
    return room[n & 31];
}
FUNCTION int outer(int n) { volatile int a[4]; a[n & 3] = fill(n); return a[n & 3] + fill(n + 7); }
volatile int sum;
int main(void) { use_vectors(); for (int k = 0; k < 4000; k++) sum += outer(k); return 0; }`;
    for (const level of ['-O2', '-O0']) expectHot(compare(program(source, [level])));
  });

  it('an allocator at work', () => {
    const outcome = compare(
      program(`
volatile int sum;
FUNCTION void *make(unsigned n) { return n & 1 ? malloc(n & 255) : calloc(n & 15, 4); }
int main(void)
{
    void *kept[16] = { 0 };
    for (unsigned k = 0; k < 6000; k++) {
        const unsigned at = (k * 7) & 15;
        if (k % 5 == 0) kept[at] = realloc(kept[at], 20 + (k & 63));
        else { free(kept[at]); kept[at] = make(k); }
    }
    return 0;
}`),
    );
    expect(outcome.translated.measurements?.heap()?.allocations).toBeGreaterThan(5000);
    expectHot(outcome, 0.6);
  });

  it('longjmp out of several frames', () => {
    const outcome = compare(
      program(`
#include <setjmp.h>
static jmp_buf back;
FUNCTION void down(int n)
{
  volatile int room[3];
  room[0] = n;
  if (n == 0) longjmp(back, 1);
  down(n - 1);
  room[1] = n;
}
FUNCTION int round(int n) { if (setjmp(back) == 0) down(n & 7); return n; }
volatile int sum;
int main(void) { for (int k = 0; k < 4000; k++) sum += round(k); return 0; }`),
    );
    expectHot(outcome, 0.5);
  });

  it('interrupts into it, and the stack that they take', () => {
    const outcome = compare(
      program(`
FUNCTION int leaf(int n) { volatile int room[5]; room[n % 5] = n; return room[n % 5]; }
volatile int sum, ticks;
FUNCTION void handler(void) { ticks += leaf(ticks); }
int main(void)
{
    use_vectors();
    vectors[15] = (uint32_t)handler;
    REG(0xe000e014) = 997; REG(0xe000e018) = 0; REG(0xe000e010) = 7;
    for (int k = 0; k < 30000; k++) sum += leaf(k);
    REG(0xe000e010) = 0;
    return 0;
}`),
    );
    expectHot(outcome, 0.7);
  });

  it('a stack overflow in it: the same stop, at the same instruction', () => {
    const made = program(`
FUNCTION int deep(int n)
{
  volatile int room[6];
  room[n & 3] = n;
  return n == 0 ? 1 : deep(n - 1) + room[n & 3];
}
volatile int sum;
int main(void) { for (int k = 0; k < 600; k++) sum += deep(k); return 0; }`);
    const top = (program: Program): number => {
      const machine = new Machine(profileOf('stm32l496zg'));
      machine.load(program.elf);
      return machine.register(13);
    };
    for (const room of [9000, 12_344, 17_000]) {
      const outcome = compare(made, { ...ALL, stackLimit: top(made) - room });
      expect(outcome.stops.map(({ reason }) => reason)).toEqual(['stack-overflow', 'exit']);
      expectHot(outcome);
    }
  });
});
