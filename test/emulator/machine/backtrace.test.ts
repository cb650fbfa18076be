/** Who called whom at a stop, by symbol and line; gdb, which unwinds the stack by DWARF, is the witness. */
import { describe, expect, it } from 'vitest';
import { type FaultReport, faultReport } from '../../../emulator/index.js';
import { runGdb } from '../../witness/gdb.js';
import { measured, type Program, program } from './measure/measured.js';

const FAULT = `
FUNCTION int load(volatile int *at) { return *at + 1; }
FUNCTION int outer(volatile int *at) { return load(at) + 1; }
`;
/** Line 100 of "app.c" is the first of each body. */
const app = (body: string) => `${FAULT}#line 100 "app.c"\n${body}`;

const NESTED = app(`int main(void)
{
    outer((int *)0x20000100);
    return outer((int *)0x70000000) + 1;
}
`);

const IN_ISR = app(`static volatile int count;
void isr(void)
{
    if (++count == 3)
        outer((int *)0x70000000);
}
void hard(void) { for (volatile int k = 0; k < 9; k++) { } for (;;) { } }
FUNCTION void wait(void)
{
    for (;;) { }
}
int main(void)
{
    use_vectors();
    vectors[3] = (uint32_t)hard;
    vectors[15] = (uint32_t)isr;
    REG(0xe000e014) = 999;
    REG(0xe000e010) = 7;
    wait();
    return 0;
}
`);

interface Traced {
  readonly made: Program;
  readonly report: FaultReport;
}

function traced(made: Program): Traced {
  const { machine, stop } = measured(made);
  const report = faultReport(machine, made.elf, stop);
  if (report === null) throw new Error(`no report of ${JSON.stringify(stop)}`);
  return { made, report };
}

/** \`load app.c:12\`, \`main app.c:30 interrupted by SysTick\`. */
function placesOf({ backtrace }: FaultReport): string[] {
  return backtrace.frames.map(({ function: name, file, line, kind, by }) => {
    const how = { fault: '', caller: '', branch: ' branched there', interrupted: ` interrupted by ${by}` };
    return `${name ?? 'nowhere'} ${file?.split('/').at(-1)}:${line}${how[kind]}`;
  });
}

/** gdb's frames of the code that faulted, when it is stopped at the fault's handler. */
async function gdbFrames({ path }: Program, handler: string): Promise<string[]> {
  const { stdout } = await runGdb(path, 'stm32l496zg', [
    `break *${handler}`,
    'continue',
    'echo <bt>\\n',
    'bt',
  ]);
  const frames = (stdout.split('<bt>\n')[1] ?? '').split('\n').filter((text) => text.startsWith('#'));
  return frames.map((frame) => {
    const match = /^#\d+ +(?:0x[0-9a-f]+ in )?(\w+) \(.*\) at (.*):(\d+)$/.exec(frame);
    return match === null ? 'exception' : `${match[1]} ${match[2]?.split('/').at(-1)}:${match[3]}`;
  });
}

const withFrames = ['-fno-omit-frame-pointer'];

describe('a backtrace', () => {
  it.each(['-Og', '-O1', '-Os'])('of nested calls, built %s -g, is gdb’s', async (level) => {
    const { made, report } = traced(program(NESTED, [level, ...withFrames]));
    const places = placesOf(report);
    expect(places.slice(0, 3)).toEqual([
      expect.stringMatching(/^load \w+\.c:\d+$/),
      expect.stringMatching(/^outer \w+\.c:\d+$/),
      'main app.c:103',
    ]);
    expect(report.backtrace).toMatchObject({ leftOut: 0, frames: { length: 4 } });
    // gdb: the handler and the exception come first; Reset_Handler has no unwind information.
    const [handler, exception, ...frames] = await gdbFrames(made, 'trap');
    expect([handler, exception]).toEqual([expect.stringMatching(/^trap /), 'exception']);
    expect(places.slice(0, 3)).toEqual(frames.slice(0, 3));
  });

  it('in an interrupt goes on with what was interrupted, as gdb’s does', async () => {
    const { made, report } = traced(program(IN_ISR, ['-O1', ...withFrames]));
    const places = placesOf(report);
    expect(places).toEqual([
      expect.stringMatching(/^load /),
      expect.stringMatching(/^outer /),
      'isr app.c:104',
      'wait app.c:109 interrupted by SysTick',
      'main app.c:118',
      expect.stringMatching(/^Reset_Handler \w+\.startup\.s:\d+$/),
    ]);
    const frames = await gdbFrames(made, 'hard');
    expect(frames[0]).toMatch(/^hard app\.c:106$/);
    const ours = places.map((place) => place.replace(' interrupted by SysTick', ''));
    expect(frames.filter((frame) => frame !== 'exception').slice(1, 6)).toEqual(ours.slice(0, 5));
  });

  it('of an address that no function has says what led there', () => {
    const call = `int main(void)
{
    int (*volatile f)(void) = (int (*)(void))TARGET;
    return f() + 1;
}
`;
    const even = traced(program(app(call), ['-O1', '-DTARGET=0'])).report;
    expect(placesOf(even).slice(0, 2)).toEqual(['nowhere undefined:null', 'main app.c:103']);
    const odd = traced(program(app(call), ['-O1', '-DTARGET=0x90000001'])).report;
    expect(placesOf(odd).slice(0, 2)).toEqual(['nowhere undefined:null', 'main app.c:103']);
  });

  it('survives a stack that was written over, and names the return that went astray', () => {
    const { report } = traced(
      program(
        app(`FUNCTION int fill(volatile uint32_t *from, int count)
{
    while (count-- > 0) *from++ = 0x91919191;
    return count;
}
FUNCTION int smash(int count)
{
    volatile uint32_t small[2];
    return fill(small, count) + small[0];
}
int main(void)
{
    return smash(4) + 1;
}
`),
        ['-O1'],
      ),
    );
    expect(report.r[15]).toBe(0x91919190);
    expect(placesOf(report)).toEqual([
      'nowhere undefined:null',
      'smash app.c:109 branched there',
      'main app.c:112',
      expect.stringMatching(/^Reset_Handler /),
    ]);
  });

  it('of a stack overflow names function, line and chain, and leaves the middle out', () => {
    const made = program(
      app(`FUNCTION int deep(int n)
{
    volatile int room[20];
    room[0] = n;
    return deep(n + 1) + room[0];
}
int main(void) { return deep(0); }
`),
      ['-O1', '-fno-optimize-sibling-calls'],
    );
    const { machine, stop } = measured(made, { stackLimit: 0x2004e000 });
    expect(stop.reason).toBe('stack-overflow');
    const report = faultReport(machine, made.elf, stop);
    const { frames, leftOut } = report?.backtrace ?? { frames: [], leftOut: 0 };
    expect(frames).toHaveLength(64);
    expect(leftOut).toBeGreaterThan(10);
    expect(frames[0]).toMatchObject({ kind: 'fault', function: 'deep', line: 101, pc: report?.r[15] });
    expect(frames[31]).toMatchObject({ kind: 'caller', function: 'deep', line: 104 });
    expect(frames[62]).toMatchObject({ function: 'main', line: 106 });
    expect(frames[63]).toMatchObject({ function: 'Reset_Handler' });
  });

  it('without DWARF has symbols and no lines; stripped, addresses alone', () => {
    const places = placesOf(traced(program(NESTED, ['-O1', '-g0'])).report);
    expect(places.slice(0, 3)).toEqual([
      'load undefined:null',
      'outer undefined:null',
      'main undefined:null',
    ]);
    const stripped = traced(program(NESTED, ['-O1', '-s'])).report.backtrace.frames;
    const whole = traced(program(NESTED, ['-O1'])).report.backtrace.frames;
    expect(stripped.every(({ function: name, line }) => name === null && line === null)).toBe(true);
    expect(stripped.map(({ pc }) => pc)).toEqual(whole.map(({ pc }) => pc));
  });

  it('on a thread ends where the thread begins', () => {
    const { report } = traced(
      program(
        app(`static uint32_t stack[128];
static void thread(void) { outer((int *)0x70000000); }
int main(void)
{
    uint32_t *frame = stack + 120;
    frame[6] = (uint32_t)thread & ~1u;
    frame[7] = 1u << 24;
    use_vectors();
    extern void start(void);
    vectors[11] = (uint32_t)start;
    __asm volatile("msr psp, %0\\n svc 0" : : "r"(frame));
    return 0;
}
__attribute__((naked)) void start(void) { __asm volatile("mvn lr, #2\\n bx lr"); }
`),
        ['-O1'],
      ),
    );
    expect(report).toMatchObject({ stack: 'process', mode: 'thread', excReturn: 0xfffffffd });
    expect(placesOf(report)).toEqual([
      expect.stringMatching(/^load /),
      expect.stringMatching(/^outer /),
      'thread app.c:101',
    ]);
  });
});
