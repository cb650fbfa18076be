/**
 * What a program's author is shown: console, summary and JSON of one run, for printf, an interrupt that uses
 * the FPU, each class of fault and a stack that overflows.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type RunReport, runSchema } from '../../../harness/report/run-report.js';
import { type BuildOptions, buildElf } from '../../witness/compiler.js';
import { runM4lab } from './run-m4lab.js';

const folder = mkdtempSync(join(tmpdir(), 'm4lab-shows-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One run: its console from stdout, its summary from stderr, its JSON from a file. */
function shown(elf: string, ...args: string[]) {
  const path = join(folder, 'report.json');
  const { status, stdout, stderr } = runM4lab(['run', elf, '--json', path, ...args]);
  const report = runSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  expect(report.console).toBe(stdout);
  expect(stderr.startsWith(`m4lab: ${report.exit.text}\n`)).toBe(true);
  expect(report.exit.code).toBe(status);
  return { status, console: stdout, summary: stderr.trimEnd().split('\n'), report };
}

/** Vectors in RAM, so that a program can have handlers of its own. */
const PRELUDE = `
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(address))
static uint32_t vectors[16] __attribute__((aligned(128)));
static void handle(int number, void (*handler)(void))
{
    for (int k = 0; k < 16; k++) {
        vectors[k] = vectors[k] ? vectors[k] : REG(0x08000000 + 4 * k);
    }
    vectors[number] = (uint32_t)handler;
    REG(0xe000ed08) = (uint32_t)vectors;
    __asm volatile("dsb");
}
`;

const newlib: Partial<BuildOptions> = { startup: 'newlib', libc: 'rdimon' };

const program = (source: string, options: Partial<BuildOptions> = {}) =>
  buildElf(PRELUDE + source, { language: 'c', mcu: 'stm32l496zg', ...options });

describe('a program that works', () => {
  it("prints with newlib's printf", () => {
    const source = `
#include <stdio.h>
int main(void)
{
    printf("%.4f %s|%5d|%-6x|%llu %c %e\\n", 3.14159265, "text", -42, 0xbeef, 1ull << 40, 'z', 1e-7);
    return 3;
}`;
    const { status, console, summary, report } = shown(program(source, newlib));
    expect(console).toBe('3.1416 text|  -42|beef  |1099511627776 z 1.000000e-07\n');
    expect(status).toBe(3);
    expect(summary[0]).toBe('m4lab: the program ended with status 3');
    expect(summary.filter((text) => text.length > 100)).toEqual([]);
    expect(report).toMatchObject({ exit: { reason: 'exit', status: 3 }, fault: null, unmodelled: [] });
    expect(report.memory.stacks[0]?.chain).toContain('printf');
    expect(report.memory.heap).toMatchObject({ errors: [], failures: 0 });
  });

  it('uses the FPU in an interrupt, whose frame is stacked lazily', () => {
    const source = `
#include <stdio.h>
static volatile uint32_t ticks, pending, done;
static void tick(void)
{
    uint32_t before = REG(0xe000ef34) & 1;
    __asm volatile("vmov s0, %0\\n vmov s7, %0\\n vmov s15, %0\\n vmsr fpscr, %0" ::"r"(0xffffffff)
                   : "s0", "s7", "s15");
    pending += before;
    done += (REG(0xe000ef34) & 1) == 0;
    ticks++;
}
int main(void)
{
    float a = 0.0f, b = 1.0f;
    handle(15, tick);
    REG(0xe000e014) = 331, REG(0xe000e018) = 0, REG(0xe000e010) = 7;
    for (int k = 0; k < 4000; k++) {
        a += 0.5f;
        b = a - b;
    }
    REG(0xe000e010) = 0;
    printf("%f %f %d %d\\n", a, b, ticks > 50, ticks == pending && ticks == done);
    return 0;
}`;
    const { console, summary, report } = shown(program(source, newlib), '--functions');
    expect(console).toBe('2000.000000 1001.000000 1 1\n');
    const tick = report.functions?.find(({ name }) => name === 'tick');
    expect(tick?.interrupt).toBe(true);
    expect(tick?.calls).toBeGreaterThan(50);
    expect(summary.some((text) => text.endsWith('  tick (interrupt)'))).toBe(true);
    expect(report).toMatchObject({ exit: { reason: 'exit', status: 0 }, fault: null });
  });
});

/** A program that says "begin" and then does this. */
const faulty = (body: string) =>
  program(`
static void print(const char *text)
{
    register int r0 __asm("r0") = 4;
    register const char *r1 __asm("r1") = text;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}
static uint32_t guarded[64] __attribute__((aligned(256), used));
/* A region of 256 bytes at guarded, with the default map elsewhere; RASR's AP and XN as given. */
static void protect(uint32_t attributes)
{
    REG(0xe000ed9c) = (uint32_t)guarded | 0x10;
    REG(0xe000eda0) = attributes | 0x0f;
    REG(0xe000ed94) = 5;
    __asm volatile("dsb\\n isb");
}
static void call(uint32_t address) { ((void (*)(void))address)(); }
static void return_oddly(void) { __asm volatile("ldr r0, =0xfffffff5\\n bx r0"); }
static void lose_stack(void) { __asm volatile("ldr sp, =0x60000000\\n bx lr"); }
static void fault_again(void) { __asm volatile("udf 2"); }
int main(void)
{
    (void)protect, (void)call, (void)handle, (void)return_oddly, (void)fault_again, (void)lose_stack;
    print("begin\\n");
    ${body}
    return 0;
}`);

interface Case {
  readonly body: string;
  readonly text: RegExp;
  /** Of CFSR, HFSR and DFSR, in that order. */
  readonly bits: readonly string[];
  /** The function it happened in; main when absent, null where there is none. */
  readonly culprit?: string | null;
  readonly reason?: 'fault' | 'lockup';
}

const OWN_HANDLERS = 'REG(0xe000ed24) |= 7 << 16;';
const svcOn = (stack: string) => `__asm volatile("mov sp, %0\\n svc 0" ::"r"(${stack}));`;

const memManage: Readonly<Record<string, Case>> = {
  'load that the MPU forbids': {
    body: 'protect(0); return *(volatile int *)guarded;',
    text: /^MemManage: the MPU forbids the read of 4 bytes at 0x2000/,
    bits: ['DACCVIOL', 'MMARVALID', 'FORCED'],
  },
  'store that the MPU forbids, to its own handler': {
    body: `${OWN_HANDLERS} protect(6 << 24); *(volatile char *)guarded = 1;`,
    text: /^MemManage: the MPU forbids the write of 1 byte at 0x2000/,
    bits: ['DACCVIOL', 'MMARVALID'],
  },
  'fetch where the MPU says execute never': {
    body: 'protect(1 << 28 | 3 << 24); call((uint32_t)guarded | 1);',
    text: /^MemManage: no code may run at 0x2000/,
    bits: ['IACCVIOL', 'FORCED'],
    culprit: null,
  },
  'fetch from devices, which never execute': {
    body: 'call(0x40000001);',
    text: /^MemManage: no code may run at 0x40000000/,
    bits: ['IACCVIOL', 'FORCED'],
    culprit: null,
  },
  'frame that the MPU forbids': {
    body: `protect(0); ${svcOn('guarded + 32')}`,
    text: /^MemManage: the frame of SVCall cannot be pushed/,
    bits: ['MSTKERR', 'FORCED'],
  },
};

const busFault: Readonly<Record<string, Case>> = {
  'load, precise': {
    body: 'return *(volatile int *)0x70000000;',
    text: /^BusFault: read of 4 bytes at 0x70000000/,
    bits: ['PRECISERR', 'BFARVALID', 'FORCED'],
  },
  'store, imprecise, to its own handler': {
    body: `${OWN_HANDLERS} *(volatile short *)0x70000000 = 1;`,
    text: /^BusFault: write of 2 bytes at 0x70000000, by 0x\w{8}, noticed after it \(imprecise\)/,
    bits: ['IMPRECISERR'],
  },
  'frame that has no memory': {
    body: svcOn('0x60000100'),
    text: /^BusFault: the frame of SVCall cannot be pushed/,
    bits: ['STKERR', 'FORCED'],
  },
  'frame that is gone at the return': {
    body: 'handle(11, lose_stack); __asm volatile("svc 0");',
    text: /^BusFault: .*0x60000000/,
    bits: ['UNSTKERR', 'FORCED'],
    culprit: 'lose_stack',
  },
  'fetch from nowhere': {
    body: 'call(0x90000001);',
    text: /^BusFault: .*0x90000000/,
    bits: ['IBUSERR', 'FORCED'],
    culprit: null,
  },
};

const usageFault: Readonly<Record<string, Case>> = {
  'undefined instruction': {
    body: '__asm volatile("udf 1");',
    text: /^UsageFault: undefined instruction de01/,
    bits: ['UNDEFINSTR', 'FORCED'],
  },
  'function pointer without bit 0': {
    body: 'call(0x20004000);',
    text: /^UsageFault: branch to 0x20004000, whose bit 0 is not set/,
    bits: ['INVSTATE', 'FORCED'],
    culprit: null,
  },
  'return that does not fit': {
    body: 'handle(11, return_oddly); __asm volatile("svc 0");',
    text: /^UsageFault: .*0xfffffff5/,
    bits: ['INVPC', 'FORCED'],
    culprit: 'return_oddly',
  },
  'FPU that is off': {
    body: 'REG(0xe000ed88) = 0; __asm volatile("dsb\\n isb\\n vmov s0, r0");',
    text: /^UsageFault: FP instruction at 0x\w{8} with the FPU off/,
    bits: ['NOCP', 'FORCED'],
  },
  'unaligned load under UNALIGN_TRP': {
    body: 'REG(0xe000ed14) |= 8; return *(volatile int *)((char *)guarded + 1);',
    text: /^UsageFault: unaligned read of 4 bytes at 0x2000/,
    bits: ['UNALIGNED', 'FORCED'],
  },
  'division by 0 under DIV_0_TRP, to its own handler': {
    body: `${OWN_HANDLERS} REG(0xe000ed14) |= 16; volatile int zero = 0; return 100 / zero;`,
    text: /^UsageFault: divide by zero at 0x/,
    bits: ['DIVBYZERO'],
  },
};

const hardFault: Readonly<Record<string, Case>> = {
  'SVC under PRIMASK': {
    body: '__asm volatile("cpsid i\\n svc 0");',
    text: /^SVCall: SVC at a priority that cannot take it/,
    bits: ['FORCED'],
  },
  'BKPT without a debugger': {
    body: '__asm volatile("bkpt 1");',
    text: /^HardFault: BKPT 1 at 0x\w{8} without a debugger/,
    bits: ['DEBUGEVT', 'BKPT'],
  },
  'vector table in no memory': {
    body: 'REG(0xe000ed08) = 0x60000000; __asm volatile("dsb\\n svc 0");',
    text: /^the vector of HardFault cannot be read/,
    bits: ['VECTTBL'],
    reason: 'lockup',
  },
  'fault in its handler: lockup': {
    body: 'handle(3, fault_again); __asm volatile("udf 1");',
    text: /^undefined instruction de02/,
    bits: ['UNDEFINSTR', 'FORCED'],
    culprit: 'fault_again',
    reason: 'lockup',
  },
  'fault under FAULTMASK: lockup': {
    body: '__asm volatile("cpsid f\\n ldr r0, [%0]" ::"r"(0x70000000) : "r0");',
    text: /^read of 4 bytes at 0x70000000, by 0x\w{8} while FAULTMASK was set/,
    bits: ['PRECISERR', 'BFARVALID'],
    reason: 'lockup',
  },
};

/** The fault's address in the JSON, in the summary and in the first line; nowhere where it is not valid. */
function expectAddress(
  { exit, fault }: RunReport,
  summary: string[],
  name: 'MMFAR' | 'BFAR',
  valid: boolean,
) {
  const value = name === 'MMFAR' ? fault?.mmfar : fault?.bfar;
  const lines = summary.filter((each) => each.startsWith(`  ${name} `));
  if (!valid) {
    expect({ value, lines }).toEqual({ value: null, lines: [] });
    return;
  }
  const address = `0x${value?.toString(16).padStart(8, '0')}`;
  expect(lines).toEqual([`  ${name.padEnd(13)} ${address}`]);
  expect(exit.text).toContain(` at ${address}`);
}

function expectShown({ body, text, bits, culprit = 'main', reason = 'fault' }: Case): void {
  const { status, console, summary, report } = shown(faulty(body));
  const { exit, fault } = report;
  expect({ status, console, reason: exit.reason }).toEqual({ status: 125, console: 'begin\n', reason });
  expect(exit.text).toMatch(/^(fault|lockup): /);
  expect(exit.text.replace(/^\w+: /, '')).toMatch(text);
  const found = fault?.status.flatMap((register) => register.bits) ?? [];
  expect(found.map(({ name }) => name)).toEqual(bits);
  for (const { name, meaning } of found.filter((bit) => !bit.name.endsWith('VALID')))
    expect(summary).toContain(`    ${name.padEnd(11)} ${meaning}`);
  expectAddress(report, summary, 'MMFAR', bits.includes('MMARVALID'));
  expectAddress(report, summary, 'BFAR', bits.includes('BFARVALID'));
  const frames = fault?.backtrace.frames ?? [];
  expect(frames[0]?.function).toBe(culprit);
  expect(frames.map((frame) => frame.function)).toContain('main');
  expect(summary.find((each) => each.startsWith('  #0 '))).toContain(culprit ?? '0x');
  expect(summary.filter((each) => each.length > 100)).toEqual([]);
}

describe('a MemManage fault', () => {
  it.each(Object.entries(memManage))('%s', (_name, each) => expectShown(each));
});
describe('a BusFault', () => {
  it.each(Object.entries(busFault))('%s', (_name, each) => expectShown(each));
});
describe('a UsageFault', () => {
  it.each(Object.entries(usageFault))('%s', (_name, each) => expectShown(each));
});
describe('a HardFault', () => {
  it.each(Object.entries(hardFault))('%s', (_name, each) => expectShown(each));
});

describe('a stack that overflows', () => {
  const recursion = program(`
__attribute__((noinline)) int deeper(int n)
{
    volatile int kept[6] = {n};
    return deeper(n + 1) + kept[0];
}
int main(void) { return deeper(0); }`);

  it('at its limit', () => {
    const { status, summary, report } = shown(recursion, '--stack-limit', '0x2004f000');
    expect({ status, reason: report.exit.reason }).toEqual({ status: 125, reason: 'stack-overflow' });
    expect(summary[0]).toMatch(/^m4lab: stack-overflow: the stack main reached 0x2004ef/);
    expect(report.exit.function).toMatch(/^deeper\+/);
    expect(report.memory.stacks[0]?.peakBytes).toBeGreaterThan(0x1000);
    expect(report.memory.stacks[0]?.chain.slice(0, 3)).toEqual(['Reset_Handler', 'deeper', 'deeper']);
    const chain = summary.find((each) => each.startsWith('    main '));
    expect(chain).toMatch(/Reset_Handler > deeper \(\d+ times\) > \(\d+ more\) > deeper \(\d+ times\)$/);
  });

  it('out of memory, without a limit', () => {
    const { status, summary, report } = shown(recursion);
    expect({ status, reason: report.exit.reason }).toEqual({ status: 125, reason: 'fault' });
    expect(summary[0]).toMatch(/^m4lab: fault: BusFault: the frame of HardFault cannot be pushed: .* 0x1fff/);
    expect(report.fault?.earlier).toEqual([expect.stringMatching(/^BusFault: write of 4 bytes at 0x1fff/)]);
    expect(report.fault?.r[13]).toBe(0x20000000);
    expect(report.fault?.backtrace.leftOut).toBeGreaterThan(10_000);
    expect(report.memory.stacks[0]?.peakBytes).toBeGreaterThan(320 * 1024);
    expect(summary.filter((each) => each.length > 100)).toEqual([]);
    expect(summary.length).toBeLessThan(70);
  });
});
