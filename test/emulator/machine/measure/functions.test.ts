/** Cycles, calls and stack by function, against figures that were not measured the same way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElf } from '../../../../emulator/index.js';
import { cyclesByStopping, functionNamed, type Measured, measured, plain, program } from './measured.js';

const prebuilt = join(import.meta.dirname, '..', '..', '..', '..', 'firmware', 'prebuilt', 'stm32l496zg');

const sum = ({ measurements }: Measured): number =>
  measurements.functions().reduce((total, use) => total + use.exclusiveCycles, 0);

const tree = program(`
volatile int sink;
FUNCTION int leaf(int x) { for (int n = 0; n < x; n++) sink += n; return sink; }
FUNCTION int middle(int x) { return leaf(x) + leaf(x + 1); }
FUNCTION int top(int x) { return middle(x) + middle(2 * x) + 1; }
int main(void) { return (top(3) + top(5) + leaf(1)) & 0; }`);

describe('a tree of calls', () => {
  const run = measured(tree);

  it('has every call', () => {
    const calls = ['top', 'middle', 'leaf', 'main'].map((name) => functionNamed(run, name).calls);
    expect(calls).toEqual([2, 4, 9, 1]);
  });

  it('takes from entry to return what a debugger would see', () => {
    for (const name of ['top', 'middle', 'leaf']) {
      const { calls, inclusiveCycles } = functionNamed(run, name);
      expect({ calls, cycles: inclusiveCycles }).toEqual(cyclesByStopping(tree, name));
    }
  });

  it("shares out every cycle of the run, and no other run's", () => {
    const machine = plain(tree);
    machine.run();
    expect([run.machine.cycles, run.machine.instructions]).toEqual([machine.cycles, machine.instructions]);
    expect(sum(run)).toBe(run.machine.cycles);
    const { inclusiveCycles, exclusiveCycles } = functionNamed(run, 'top');
    expect(inclusiveCycles).toBe(exclusiveCycles + functionNamed(run, 'middle').inclusiveCycles);
    expect(functionNamed(run, 'Reset_Handler').inclusiveCycles).toBe(run.machine.cycles);
  });

  it('starts anew with the machine', () => {
    const before = run.measurements.functions();
    run.machine.reset();
    expect(run.measurements.functions()).toMatchObject([
      { name: 'Reset_Handler', calls: 1, exclusiveCycles: 0 },
    ]);
    run.machine.run();
    expect(run.measurements.functions()).toEqual(before);
  });
});

describe('a call that has not ended', () => {
  it('has the cycles since its entry', () => {
    const [run, machine] = [measured(tree), plain(tree)];
    const [top, leaf] = ['top', 'leaf'].map((name) => run.elf.symbol(name)?.address ?? 0);
    run.machine.reset();
    for (const of of [run.machine, machine]) of.run({ addresses: [top ?? 0] });
    const start = machine.cycles;
    run.machine.run({ addresses: [leaf ?? 0] });
    expect(functionNamed(run, 'top').inclusiveCycles).toBe(run.machine.cycles - start);
    expect(sum(run)).toBe(run.machine.cycles);
  });
});

describe('calls that are not plain', () => {
  it('counts recursion once', () => {
    const made = program(
      `
FUNCTION int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int main(void) { return fib(10) - 55; }`,
      ['-fno-optimize-sibling-calls', '-O1'],
    );
    const run = measured(made);
    expect(run.stop).toMatchObject({ reason: 'exit', code: 0 });
    const { calls, inclusiveCycles } = functionNamed(run, 'fib');
    expect(calls).toBe(177);
    expect(inclusiveCycles).toBe(cyclesByStopping(made, 'fib').cycles);
  });

  it('gives a tail call its own frame, and its return to the first caller', () => {
    const made = program(`
volatile int sink;
FUNCTION int last(int x) { sink = x; return x * 3; }
FUNCTION int first(int x) { sink = x; return last(x + 1); }
FUNCTION int user(int x) { int y = first(x); sink = y; return y + first(y); }
int main(void) { return user(1) & 0; }`);
    const run = measured(made);
    const [first, last, user] = ['first', 'last', 'user'].map((name) => functionNamed(run, name));
    expect([first?.calls, last?.calls, user?.calls]).toEqual([2, 2, 1]);
    expect(user?.inclusiveCycles).toBe(cyclesByStopping(made, 'user').cycles);
    const inside = (first?.inclusiveCycles ?? 0) + (last?.inclusiveCycles ?? 0);
    expect(inside).toBe(cyclesByStopping(made, 'first').cycles);
    expect(first?.inclusiveCycles).toBe(first?.exclusiveCycles);
  });

  it('follows pointers to functions', () => {
    const run = measured(
      program(`
volatile int sink;
FUNCTION int one(int x) { return x + 1; }
FUNCTION int two(int x) { return x + 2; }
int (*volatile table[2])(int) = { one, two };
int main(void) { for (int n = 0; n < 10; n++) sink = table[n % 3 == 0](n); return 0; }`),
    );
    expect([functionNamed(run, 'one').calls, functionNamed(run, 'two').calls]).toEqual([6, 4]);
    expect(sum(run)).toBe(run.machine.cycles);
  });

  it('drops what longjmp leaves', () => {
    const made = program(`
#include <setjmp.h>
static jmp_buf there;
volatile int sink;
FUNCTION void deep(int n) { volatile int here = n; if (n == 0) longjmp(there, 1); deep(n - 1); sink = here; }
FUNCTION int leaf(int x) { volatile char room[900]; room[5] = x; return room[5]; }
FUNCTION int attempt(void) { if (setjmp(there) == 0) deep(6); return leaf(1); }
int main(void) { int sum = 0; for (int n = 0; n < 20; n++) sum += attempt(); return sum - 20; }`);
    const run = measured(made);
    expect(run.stop).toMatchObject({ reason: 'exit', code: 0 });
    expect(run.measurements.stacks()[0]?.chain).toEqual(['Reset_Handler', 'main', 'attempt', 'leaf']);
    expect(functionNamed(run, 'deep').calls).toBe(140);
    expect(functionNamed(run, 'attempt').inclusiveCycles).toBe(cyclesByStopping(made, 'attempt').cycles);
  });
});

const ticking = (on: number) =>
  program(`
volatile int ticks, sink;
FUNCTION int helper(int x) { for (int n = 0; n < 20; n++) sink += x; return sink; }
FUNCTION void tick(void) { ticks++; helper(ticks); }
FUNCTION int work(int x) { for (int n = 0; n < 3000; n++) sink += x; return helper(sink); }
int main(void)
{
    use_vectors();
    vectors[15] = (uint32_t)tick;
    REG(0xe000e014) = 700; REG(0xe000e018) = 0; REG(0xe000e010) = ${on ? 7 : 4};
    work(2);
    REG(0xe000e010) = 0;
    return 0;
}`);

describe('interrupts', () => {
  const [run, quiet] = [measured(ticking(1)), measured(ticking(0))];
  const ticks = run.machine.readWord(run.elf.symbol('ticks')?.address ?? 0);

  it('have a bucket of their own, entry and return included', () => {
    const tick = functionNamed(run, 'tick');
    expect(tick).toMatchObject({ calls: ticks, interrupt: true });
    expect(ticks).toBeGreaterThan(20);
    expect(sum(run)).toBe(run.machine.cycles);
    expect(functionNamed(run, 'helper')).toMatchObject({ calls: ticks + 1, interrupt: false });
    // Entry 12 and return 10 cycles (TRM); the helper, a tail call, is the handler's time too.
    expect(tick.inclusiveCycles / ticks).toBeGreaterThan(22 + 20 * 6);
  });

  it('take nothing from the function they interrupt', () => {
    const [with_, without] = [functionNamed(run, 'work'), functionNamed(quiet, 'work')];
    const difference = Math.abs(with_.inclusiveCycles - without.inclusiveCycles);
    // The pipeline starts anew after each: a cycle or two.
    expect(difference).toBeLessThanOrEqual(3 * ticks);
    expect(with_.peakStackBytes).toBe(without.peakStackBytes);
  });
});

describe('a reset by the program', () => {
  it('goes on counting', () => {
    const made = program(`
FUNCTION int work(int x) { volatile int room[400 - 300 * x]; room[3] = x; return room[3]; }
int main(void)
{
    if (work(REG(0x20040000)) == 1) return 0;
    REG(0x20040000) = 1;
    REG(0xe000ed0c) = 0x05fa0004;
    for (;;);
}`);
    const run = measured(made);
    expect(run.stop).toMatchObject({ reason: 'exit', code: 0 });
    expect(['Reset_Handler', 'main', 'work'].map((name) => functionNamed(run, name).calls)).toEqual([
      2, 2, 2,
    ]);
    expect(sum(run)).toBe(run.machine.cycles);
    expect(run.measurements.stacks()[0]?.peakBytes).toBe(run.machine.stacks()[0]?.peakBytes);
  });
});

describe('the shipped firmware', () => {
  it("runs the same measured or not, and every cycle is some function's", () => {
    const elf = loadElf(readFileSync(join(prebuilt, 'ticks.elf')), 'ticks.elf');
    const made = { elf, path: '' };
    const [run, machine] = [measured(made), plain(made)];
    machine.run();
    expect([run.machine.cycles, run.machine.instructions]).toEqual([machine.cycles, machine.instructions]);
    expect(sum(run)).toBe(machine.cycles);
    expect(functionNamed(run, 'systick_handler')).toMatchObject({ calls: 5, interrupt: true });
    const [main] = machine.stacks();
    expect(run.measurements.stacks()[0]?.peakBytes).toBe(main?.peakBytes);
  });
});
