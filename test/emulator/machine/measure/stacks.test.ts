/** Peaks of stacks, against the compiler's own figures and against paint. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressOf, functionNamed, measured, paintedBytes, program } from './measured.js';

const TOP = 0x20050000;

/** Bytes of each function's frame as GCC's -fstack-usage tells them. */
function compilerFrames(path: string): Map<string, number> {
  const key = basename(path, '.elf');
  const files = readdirSync(dirname(path)).filter((name) => name.startsWith(key) && name.endsWith('.su'));
  const lines = files.flatMap((name) =>
    readFileSync(join(dirname(path), name), 'utf8')
      .trim()
      .split('\n'),
  );
  return new Map(
    lines.map((line) => {
      const [place = '', bytes] = line.split('\t');
      return [place.split(':').at(-1) ?? '', Number(bytes)];
    }),
  );
}

describe('the main stack', () => {
  const made = program(
    `
volatile int sink;
FUNCTION int d(int x) { volatile char room[200]; room[120] = x; return room[120]; }
FUNCTION int c(int x) { volatile int room[30]; room[0] = d(x); return room[0]; }
FUNCTION int b(int x) { volatile int room[3]; room[0] = c(x) + c(x + 1); return room[0]; }
FUNCTION int side(int x) { volatile char room[260]; room[9] = x; return room[9]; }
int main(void) { sink = b(1); sink += side(2); return 0; }`,
    ['-fstack-usage', '-Wl,--defsym=__stack_limit=0x2004f000'],
  );
  const run = measured(made);
  const [main] = run.measurements.stacks();
  const frames = compilerFrames(run.path);
  const frame = (name: string): number => frames.get(name) ?? Number.NaN;

  it("is as deep as the compiler's frames of the chain at the peak", () => {
    expect(main?.chain).toEqual(['Reset_Handler', 'main', 'b', 'c', 'd']);
    expect(main?.peakBytes).toBe(frame('main') + frame('b') + frame('c') + frame('d'));
    expect(functionNamed(run, 'b').peakStackBytes).toBe(frame('b') + frame('c') + frame('d'));
    expect(functionNamed(run, 'd').peakStackBytes).toBe(frame('d'));
    expect(functionNamed(run, 'side').peakStackBytes).toBe(frame('side'));
    expect(run.machine.stacks()).toEqual([{ name: 'main', peakBytes: main?.peakBytes }]);
  });

  it('shows the lowest byte written as paint does', () => {
    expect(main?.writtenBytes).toBe(paintedBytes(made, TOP - 4096, TOP));
    expect(main?.writtenBytes).toBeLessThan(main?.peakBytes ?? 0);
  });

  it('that the program has moved to an object takes the exception frames there', () => {
    const source = `
static uint32_t room[64] __attribute__((aligned(8)));
volatile int sink;
FUNCTION void serve(void) { volatile int kept[4]; kept[1] = 1; sink = kept[1]; }
int main(void)
{
    use_vectors();
    vectors[11] = (uint32_t)serve;
    uint32_t kept;
    __asm volatile("mov %0, sp\\n mov sp, %1\\n svc 0\\n mov sp, %0" : "=&r"(kept) : "r"(room + 64));
    return 0;
}`;
    const moved = measured(program(source, ['-fstack-usage']));
    const stacks = moved.measurements.stacks();
    expect(stacks.map(({ name }) => name)).toEqual(['main', 'room']);
    expect(stacks[0]?.peakBytes).toBeLessThan(64);
    expect(stacks[1]?.chain.at(-1)).toBe('serve');
    const frame = compilerFrames(moved.path).get('serve') ?? Number.NaN;
    expect(stacks[1]?.peakBytes).toBe(32 + frame);
  });

  it('has the frame of an exception in it', () => {
    const source = `
volatile int go, sink;
FUNCTION void tick(void) { volatile char room[40]; room[3] = 1; go = 1; }
FUNCTION void wait(void) { volatile int room[10]; room[2] = 1; while (!go) sink++; }
int main(void)
{
    use_vectors();
    vectors[15] = (uint32_t)tick;
    REG(0xe000e014) = 500; REG(0xe000e018) = 0; REG(0xe000e010) = 7;
    wait();
    REG(0xe000e010) = 0;
    return 0;
}`;
    const ticking = measured(program(source, ['-fstack-usage', '-Wl,--defsym=__stack_limit=0x2004f000']));
    const of = compilerFrames(ticking.path);
    const [stack] = ticking.measurements.stacks();
    expect(stack?.chain).toEqual(['Reset_Handler', 'main', 'wait', 'tick']);
    const code = ['main', 'wait', 'tick'].reduce((sum, name) => sum + (of.get(name) ?? Number.NaN), 0);
    const padding = (code - (of.get('tick') ?? 0)) % 8;
    expect(stack?.peakBytes).toBe(code + 32 + padding);
  });
});

const threads = program(`
volatile int turns, sink;
uint64_t stack_a[80], stack_b[100];
uint32_t *saved[2];
int current;
FUNCTION int deep(int n) { volatile int room[12]; room[1] = n; return (n > 0 ? deep(n - 1) : 0) + room[1]; }
FUNCTION void yield(void) { REG(0xe000ed04) = 1u << 28; __asm volatile("dsb\\n isb"); }
FUNCTION void finish(void)
{
    uint32_t block[2] = { 0x20026, 0 };
    register int r0 __asm("r0") = 0x20; register void *r1 __asm("r1") = block;
    __asm volatile("bkpt 0xab" :: "r"(r0), "r"(r1) : "memory");
}
FUNCTION void task_a(void) { for (;;) { sink += deep(2); yield(); turns++; } }
FUNCTION void task_b(void) { for (int n = 0; n < 5; n++) { yield(); sink += deep(n); } finish(); }
uint32_t *next_stack(uint32_t *sp) { saved[current] = sp; current ^= 1; return saved[current]; }
__attribute__((naked)) void pend(void)
{
    __asm volatile("mrs r0, psp\\n stmdb r0!, {r4-r11}\\n push {r4, lr}\\n bl next_stack\\n pop {r4, lr}\\n"
                   "ldmia r0!, {r4-r11}\\n msr psp, r0\\n bx lr");
}
__attribute__((naked)) void first(void)
{
    __asm volatile("ldr r0, =saved\\n ldr r0, [r0]\\n ldmia r0!, {r4-r11}\\n msr psp, r0\\n"
                   "mvn lr, #2\\n bx lr");
}
static uint32_t *prepare(uint64_t *end, void (*task)(void))
{
    uint32_t *sp = (uint32_t *)end - 8;
    sp[6] = (uint32_t)task; sp[7] = 1u << 24;
    return sp - 8;
}
FUNCTION void start(void) { __asm volatile("svc 0"); for (;;); }
int main(void)
{
    use_vectors();
    vectors[11] = (uint32_t)first; vectors[14] = (uint32_t)pend;
    REG(0xe000ed20) = 0xffu << 16;
    saved[0] = prepare(stack_a + 80, task_a); saved[1] = prepare(stack_b + 100, task_b);
    start();
    return 1;
}`);

describe('two threads', () => {
  const run = measured(threads);
  const named = (name: string) => run.measurements.stacks().find((stack) => stack.name === name);

  it('have a stack each, named by the object it lies in', () => {
    expect(run.stop).toMatchObject({ reason: 'exit', code: 0 });
    expect(run.measurements.stacks().map(({ name }) => name)).toEqual(['main', 'stack_a', 'stack_b']);
    expect(named('stack_a')?.chain).toEqual(['task_a', 'deep', 'deep', 'deep']);
    expect(named('stack_b')?.chain).toEqual(['task_b', ...new Array(5).fill('deep')]);
  });

  it('keep a chain each over their switches', () => {
    const count = (name: string) => functionNamed(run, name).calls;
    expect([count('task_a'), count('task_b'), count('start'), count('main')]).toEqual([1, 1, 1, 1]);
    expect(count('pend')).toBe(count('yield'));
    expect(functionNamed(run, 'pend').interrupt).toBe(true);
    const total = run.measurements.functions().reduce((sum, use) => sum + use.exclusiveCycles, 0);
    expect(total).toBe(run.machine.cycles);
    const [a, b] = [functionNamed(run, 'task_a'), functionNamed(run, 'task_b')];
    const both = ['task_a', 'task_b', 'deep', 'yield', 'finish'].map((name) => functionNamed(run, name));
    const inside = both.reduce((sum, use) => sum + use.exclusiveCycles, 0);
    expect(a.inclusiveCycles + b.inclusiveCycles).toBe(inside);
  });

  it.each(['stack_a', 'stack_b'])('%s is as deep as paint shows', (name) => {
    const [start, size] = [addressOf(run.elf, name), run.elf.symbol(name)?.size ?? 0];
    const painted = paintedBytes(threads, start, start + size - 64, 'start') + 64;
    expect(named(name)?.writtenBytes).toBe(painted);
    expect(Math.abs((named(name)?.peakBytes ?? 0) - painted)).toBeLessThanOrEqual(48);
  });
});

describe('a stack set by the program itself', () => {
  it('is opened by MSR, with the chain that goes on below it', () => {
    const run = measured(
      program(`
uint64_t room[64];
FUNCTION void pend(void) { __asm volatile(""); }
FUNCTION int leaf(int x)
{
    volatile int here[20];
    here[3] = x;
    REG(0xe000ed04) = 1u << 28; __asm volatile("dsb\\n isb");
    return here[3];
}
int main(void)
{
    use_vectors();
    vectors[14] = (uint32_t)pend;
    __asm volatile("msr psp, %0\\n movs r0, #2\\n msr control, r0\\n isb" :: "r"(room + 64) : "r0");
    leaf(3);
    uint32_t block[2] = { 0x20026, 0 };
    register int r0 __asm("r0") = 0x20; register void *r1 __asm("r1") = block;
    __asm volatile("bkpt 0xab" :: "r"(r0), "r"(r1) : "memory");
    return 1;
}`),
    );
    const [, stack] = run.measurements.stacks();
    expect(stack?.name).toBe('room');
    expect(stack?.chain).toEqual(['Reset_Handler', 'main', 'main', 'leaf', 'pend']);
    expect(stack?.peakBytes).toBe(run.machine.stacks()[1]?.peakBytes);
  });
});

describe('a limit', () => {
  const made = program(`
volatile int sink;
FUNCTION int dive(int n) { volatile int room[20]; room[2] = n; return n == 0 ? 0 : dive(n - 1) + room[2]; }
int main(void) { sink = dive(400); return 0; }`);
  const limit = TOP - 2048;

  it('stops the run at the instruction that crosses it', () => {
    const run = measured(made, { stackLimit: limit });
    expect(run.stop).toMatchObject({ reason: 'stack-overflow', stack: 'main', limit });
    if (run.stop.reason !== 'stack-overflow') return;
    const { sp, pc, chain } = run.stop;
    const frame = functionNamed(run, 'dive').peakStackBytes / functionNamed(run, 'dive').calls;
    expect([sp < limit, sp + frame >= limit]).toEqual([true, true]);
    expect(run.elf.symbolAt(pc)?.name).toBe('dive');
    expect(chain.slice(0, 3)).toEqual(['Reset_Handler', 'main', 'dive']);
    expect(run.machine.run()).toMatchObject({ reason: 'exit', code: 0 });
  });

  it('may be reached, but not crossed by a word', () => {
    const peak = measured(made).measurements.stacks()[0]?.peakBytes ?? 0;
    expect(measured(made, { stackLimit: TOP - peak }).stop.reason).toBe('exit');
    expect(measured(made, { stackLimit: TOP - peak + 4 }).stop.reason).toBe('stack-overflow');
  });

  it('comes from the symbol __stack_limit, too', () => {
    const source = `volatile int sink;
FUNCTION int dive(int n) { volatile int room[20]; room[2] = n; return n == 0 ? 0 : dive(n - 1) + room[2]; }
int main(void) { sink = dive(400); return 0; }`;
    const run = measured(program(source, [`-Wl,--defsym=__stack_limit=${limit}`]));
    expect(run.stop).toMatchObject({ reason: 'stack-overflow', limit });
  });

  it('is none where nothing says so', () => {
    expect(measured(made).stop).toMatchObject({ reason: 'exit', code: 0 });
  });
});
