/** `m4lab run` as its users meet it: the built program, its streams, its exit codes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runSchema } from '../../../harness/report/run-report.js';
import { guest } from '../../emulator/machine/guest-machine.js';
import { buildElf } from '../../witness/compiler.js';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const root = join(import.meta.dirname, '..', '..', '..');
const main = join(root, 'dist', 'harness', 'cli', 'main.js');
const shipped = (name: string, mcu = 'stm32l496zg') => join(root, 'firmware', 'prebuilt', mcu, `${name}.elf`);
const hello = shipped('hello');

const folder = mkdtempSync(join(tmpdir(), 'm4lab-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A C program on the STM32 whose `main` this is. */
function program(body: string): string {
  const print = `
#include <stdint.h>
static void print(const char *text)
{
    register int r0 __asm("r0") = 4;
    register const char *r1 __asm("r1") = text;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}
int main(void)
{
    print("begin\\n");
    ${body}
}`;
  return buildElf(print, { language: 'c', mcu: 'stm32l496zg' });
}

const jsonOf = (args: readonly string[]) => {
  const { status, stdout, stderr } = runM4lab(['run', ...args, '--json', '-', '--quiet']);
  return { status, stderr, report: runSchema.parse(JSON.parse(stdout)) };
};

describe('m4lab run', () => {
  it('puts the console on stdout and one summary on stderr', () => {
    const { status, stdout, stderr } = runM4lab(['run', hello]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello from m4lab\n' });
    const labels = stderr.trimEnd().split('\n');
    expect(labels[0]).toBe('m4lab: the program ended with status 0');
    expect(stderr).toMatch(/\n {2}cycles +\d+, timing model trm\/1, unverified on silicon\n/);
    expect(stderr).toMatch(/\n {2}stack peak +main 16 bytes\n {4}main +reset_handler > main( > \w+)*\n$/);
    expect(labels).toHaveLength(9);
  });

  it('says nothing on stderr when told --quiet', () => {
    expect(runM4lab(['run', hello, '--quiet'])).toEqual({
      status: 0,
      stdout: 'hello from m4lab\n',
      stderr: '',
    });
  });

  it('gives the report alone on stdout with --json -, the console inside', () => {
    const { status, stderr, report } = jsonOf([hello]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(Object.keys(report)).toEqual([
      ...['schema', 'elf', 'mcu', 'timingModel', 'exit', 'fault', 'instructions', 'cycles', 'clockHz'],
      ...['finalClockHz', 'seconds', 'energy', 'memory', 'functions', 'unmodelled', 'notices', 'console'],
    ]);
    expect(report).toMatchObject({
      elf: { path: hello, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      mcu: 'stm32l496zg',
      exit: { reason: 'exit', code: 0, status: 0, pc: null },
      fault: null,
      clockHz: 4_000_000,
      seconds: report.cycles / 4_000_000,
      memory: {
        staticBytes: 0,
        stacks: [{ name: 'main', peakBytes: 16, writtenBytes: 16 }],
        heapPeakBytes: null,
      },
      console: 'hello from m4lab\n',
    });
  });

  it('writes the report to a file, the console still on stdout', () => {
    const path = join(folder, 'report.json');
    expect(runM4lab(['run', hello, '--json', path, '--quiet']).stdout).toBe('hello from m4lab\n');
    expect(runSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).console).toBe('hello from m4lab\n');
  });

  it('runs on the MCU that is asked for, at its clock', () => {
    const { report } = jsonOf([shipped('ticks', 'mps2-an386'), '--mcu', 'mps2-an386']);
    expect(report).toMatchObject({ mcu: 'mps2-an386', clockHz: 25_000_000, exit: { code: 0 } });
    expect(report.console).toMatch(/ticks: 5\n/);
  });

  it('passes the status on, masked to 8 bits', () => {
    expect(runM4lab(['run', program('return 42;'), '--quiet']).status).toBe(42);
    const large = jsonOf([program('return 300;')]);
    expect(large).toMatchObject({ status: 44, report: { exit: { reason: 'exit', code: 44, status: 300 } } });
    const negative = jsonOf([program('return -1;')]);
    expect(negative).toMatchObject({ status: 255, report: { exit: { code: 255, status: -1 } } });
    const text = runM4lab(['run', program('return 300;')]).stderr;
    expect(text).toMatch(/^m4lab: the program ended with status 300, 44 as an exit code\n/);
  });

  it('passes every byte of the console through, and reads it as UTF-8 for JSON', () => {
    const elf = program('print("\\xc3\\xa9 \\xff\\n"); return 0;');
    const child = runM4lab(['run', elf, '--quiet']);
    expect(child.stdout).toBe(`begin\n\u00e9 \ufffd\n`);
    expect(jsonOf([elf]).report.console).toBe('begin\n\u00e9 \ufffd\n');
  });
});

describe('a run that does not end by itself', () => {
  const endless = () => program('for (volatile int i = 0;; i++) { }');

  it('124: the limit, where it stood', () => {
    const { status, report } = jsonOf([endless(), '--max-cycles', '10_000']);
    expect(status).toBe(124);
    expect(report.exit).toMatchObject({ reason: 'limit', code: 124, status: null });
    expect(report.exit.function).toMatch(/^main\+0x/);
    expect(report.cycles).toBeGreaterThanOrEqual(10_000);
    expect(report.cycles).toBeLessThan(10_010);
    expect(runM4lab(['run', endless(), '--max-cycles', '10000']).stderr).toMatch(
      /^m4lab: the limit of --max-cycles was reached\n {2}at +0x0800[0-9a-f]{4}, main\+0x/,
    );
  });

  it('gives the same figures for a limit beyond a slice of the host', () => {
    const elf = endless();
    const [first, second] = [1, 2].map(() => jsonOf([elf, '--max-cycles', '20000000']).report);
    expect(first).toEqual(second);
    expect(first?.cycles).toBeLessThan(20_000_010);
  });

  it('124: asleep for ever', () => {
    const { status, report } = jsonOf([program('__asm volatile("wfi"); return 0;')]);
    expect(status).toBe(124);
    expect(report.exit).toMatchObject({
      reason: 'idle',
      text: 'idle: the core sleeps and nothing can wake it',
    });
  });

  it('124: the limit of --timeout, in seconds of the host', () => {
    const { status, report } = jsonOf([endless(), '--timeout', '0.3']);
    expect(status).toBe(124);
    expect(report.exit).toMatchObject({ reason: 'limit', code: 124, status: null });
    expect(report.exit.text).toBe('0.3 seconds of host time were over, the limit of --timeout');
    expect(mistakeOf(['run', hello, '--timeout', '0'])).toMatch(/option --timeout is 0, but must be/);
  });

  it('125: a fault, named, with pc and function', () => {
    const { status, stdout, stderr } = runM4lab([
      'run',
      program('*(volatile int *)0x70000000 = 1; return 0;'),
    ]);
    expect({ status, stdout }).toEqual({ status: 125, stdout: 'begin\n' });
    expect(stderr).toMatch(
      /^m4lab: fault: BusFault: write of .* 0x70000000, by (0x\w{8}), .*\(imprecise\)\n {2}at +\1, main/,
    );
  });

  it('says what the registers were, what the fault registers mean, and who called whom', () => {
    const elf = program('return *(volatile int *)0x70000000;');
    const { report } = jsonOf([elf]);
    const { fault, exit } = report;
    expect(fault).toMatchObject({
      mode: 'thread',
      stack: 'main',
      bfar: 0x70000000,
      mmfar: null,
      earlier: [],
    });
    expect(fault?.r[15]).toBe(exit.pc);
    const [culprit, caller] = fault?.backtrace.frames ?? [];
    expect(culprit).toMatchObject({ pc: exit.pc, function: 'main', line: 12 });
    expect(caller).toMatchObject({ function: 'Reset_Handler', file: expect.stringMatching(/startup\.s$/) });
    const { stderr } = runM4lab(['run', elf]);
    expect(stderr).toMatch(/\n {4}PRECISERR +a load or store that the bus refused\n/);
    expect(stderr).toMatch(
      /\n {2}#0 +0x[0-9a-f]{8}, main\+0x[0-9a-f]+, .*\.c:12\n {2}#1 +0x[0-9a-f]{8}, Reset_H/,
    );
    expect(Math.max(...stderr.split('\n').map((text) => text.length))).toBeLessThanOrEqual(110);
  });

  it('125: lockup', () => {
    const { status, report } = jsonOf([program('__asm volatile("cpsid f\\n\\tudf 0"); return 0;')]);
    expect(status).toBe(125);
    expect(report.exit).toMatchObject({ reason: 'lockup', function: expect.stringMatching(/^main\+/) });
    expect(report.exit.text).toMatch(/^lockup: undefined instruction de00 at 0x/);
    expect(report.console).toBe('begin\n');
  });

  it('125: a register that is not modelled and that is polled for ever', () => {
    const { status, report } = jsonOf([program('while (*(volatile int *)0x40013000 == 0) { } return 0;')]);
    expect(status).toBe(125);
    expect(report.exit).toMatchObject({ reason: 'unmodelled', function: expect.stringMatching(/^main\+/) });
    expect(report.exit.text).toMatch(/^unmodelled: 0x40013000 is polled for ever at 0x080/);
  });
});

describe('the console', () => {
  it('comes while the program runs', async () => {
    const elf = program('for (volatile int i = 0;; i++) { }');
    const child = spawn(process.execPath, [main, 'run', elf], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('begin\n');
    expect(child.exitCode).toBeNull();
    child.kill();
    await once(child, 'close');
  });

  it('shows a line before its end, too', async () => {
    const elf = program('print("prompt> "); for (volatile int i = 0;; i++) { }');
    const child = spawn(process.execPath, [main, 'run', elf], { stdio: ['ignore', 'pipe', 'pipe'] });
    let seen = '';
    for await (const chunk of child.stdout) {
      seen += String(chunk);
      if (seen.endsWith('prompt> ')) break;
    }
    expect(seen).toBe('begin\nprompt> ');
    child.kill();
  });

  it('is whole however long it is and however slowly it is read', async () => {
    const lines = 40_000;
    const text = 'a line of sixty-four bytes, so that many of them fill any buffer';
    const elf = program(`for (int i = 0; i < ${lines}; i++) { print("${text}\\n"); }\n    return 3;`);
    const child = spawn(process.execPath, [main, 'run', elf, '--quiet'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let bytes = 0;
    child.stdout.pause();
    setTimeout(() => child.stdout.resume(), 500);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, bytes }).toEqual({ code: 3, bytes: 'begin\n'.length + lines * (text.length + 1) });
  });

  it('of a reader that leaves ends the run quietly', async () => {
    const elf = program('for (;;) { print("more\\n"); }');
    const child = spawn(process.execPath, [main, 'run', elf], { stdio: ['ignore', 'pipe', 'pipe'] });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await once(child, 'close');
    expect(stderr).toBe('');
  });
});

describe('m4lab run answers in one sentence', () => {
  const truncated = join(folder, 'truncated.elf');
  writeFileSync(truncated, readFileSync(hello).subarray(0, 2000));
  const readOnly = join(folder, 'is-a-folder');
  mkdirSync(readOnly);

  const mistakes: readonly [string, string[], RegExp][] = [
    ['a missing file', ['gone.elf'], /^m4lab: the ELF "gone\.elf" cannot be read: it does not exist/],
    ['a device', ['/dev/zero'], /^m4lab: the ELF "\/dev\/zero" cannot be read: it is a device, not a file/],
    ['a missing argument', [], /^m4lab: missing required argument 'elf'/],
    [
      'a wrong option',
      [hello, '--max-cycle', '3'],
      /unknown option '--max-cycle'; did you mean --max-cycles\?$/,
    ],
    [
      'a limit that is no number',
      [hello, '--max-cycles', 'many'],
      /--max-cycles is many, but must be an integer of 1 or/,
    ],
    [
      'a limit that no number here can hold',
      [hello, '--max-cycles', '99999999999999999999'],
      /--max-cycles is 9{20}, but must be an integer from 1 to 9007199254740991; give for example/,
    ],
    ['a limit of 0', [hello, '--max-cycles', '0'], /--max-cycles is 0, but must be/],
    ['a truncated ELF', [truncated], /truncated\.elf: /],
    [
      'an x86 ELF',
      ['/bin/true'],
      /\/bin\/true: e_machine is (62 \(x86-64\)|183 \(AArch64\)), but must be 40/,
    ],
    [
      'an unknown MCU',
      [hello, '--mcu', 'stm32'],
      /option --mcu is stm32, but must be one of mps2-an386, stm32f407vg, stm32l496zg, stm32l4r5zi/,
    ],
    [
      'an ELF for another MCU',
      [hello, '--mcu', 'mps2-an386'],
      /hello\.elf: the segment at 0x08000000, .* of mps2-an386; /,
    ],
    [
      'a report into no folder',
      [hello, '--json', '/no/such/r.json'],
      /--json: "\/no\/such\/r\.json" cannot be written: /,
    ],
    ['a report onto a folder', [hello, '--json', readOnly], /--json: .* cannot be written: it is a folder/],
  ];

  it.each(mistakes)('%s', (_name, args, expected) => {
    expect(mistakeOf(['run', ...args])).toMatch(expected);
  });

  it('a timing parameter that does not exist', () => {
    const profile = JSON.parse(readFileSync(join(root, 'profiles', 'mcu', 'stm32l496zg.json'), 'utf8'));
    const path = join(folder, 'mine.json');
    writeFileSync(path, JSON.stringify({ ...profile, timing: { model: 'trm', parameters: { refil: 1 } } }));
    expect(mistakeOf(['run', hello, '--mcu', path])).toMatch(
      /^m4lab: timing\.parameters\.refil is 1, but is no param/,
    );
  });
});

describe('the same program in the library and by the command', () => {
  it('gives the same figures', () => {
    const { machine, path } = guest('\nmain:\n  movs r4, #200\n1: subs r4, #1\n  bne 1b\n  b report\n');
    const copy = join(folder, 'copy.elf');
    copyFileSync(path, copy);
    machine.run();
    const { report } = jsonOf([copy]);
    expect(report).toMatchObject({ cycles: machine.cycles, instructions: machine.instructions });
    expect(report.memory.stacks).toMatchObject(machine.stacks());
  });
});

describe('m4lab run measures', () => {
  const allocating = program(`
    extern void *malloc(unsigned); extern void free(void *);
    void *volatile a = malloc(100); void *volatile b = malloc(20);
    free(a);
    return b == 0;`);

  it('stacks with the chain at the peak, and the heap', () => {
    const { report } = jsonOf([allocating]);
    expect(report.memory.stacks).toMatchObject([{ name: 'main' }]);
    expect(report.memory.stacks[0]?.chain.slice(0, 3)).toEqual(['Reset_Handler', 'main', '_malloc_r']);
    expect(report.memory).toMatchObject({ heapPeakBytes: 120, heap: { liveBytes: 20, errors: [] } });
    expect(report.functions).toBeNull();
    const { stderr } = runM4lab(['run', allocating]);
    expect(stderr).toMatch(/\n {2}heap peak +120 bytes, [\d,]+ from the system, 20 live at the end\n$/);
  });

  it('functions when told --functions, all cycles of the run among them', () => {
    const { report } = jsonOf([allocating, '--functions']);
    const sum = report.functions?.reduce((total, use) => total + use.exclusiveCycles, 0);
    expect(sum).toBe(report.cycles);
    expect(report.functions?.find(({ name }) => name === 'main')).toMatchObject({
      calls: 1,
      interrupt: false,
    });
    expect(runM4lab(['run', allocating, '--functions']).stderr).toMatch(/\n {2} *own cycles .* function\n/);
  });

  it('ends with 125 at the instruction that takes the stack below --stack-limit', () => {
    const { status, report } = jsonOf([allocating, '--stack-limit', '0x2004ffe0']);
    expect(status).toBe(125);
    expect(report.exit).toMatchObject({ reason: 'stack-overflow', code: 125, status: null });
    expect(report.exit.text).toMatch(
      /^stack-overflow: the stack main reached 0x2004ff.., \d+ bytes below its limit/,
    );
    expect(report.exit.function).toMatch(/^\w+\+0x/);
  });

  it('allocators by name, and refuses what is no pair of symbols', () => {
    const { report } = jsonOf([allocating, '--allocator', 'main:print', '--allocator', 'none:nothing']);
    expect(report.memory.heapPeakBytes).not.toBe(120);
    expect(mistakeOf(['run', allocating, '--allocator', 'malloc'])).toMatch(
      /--allocator is malloc, but must be two/,
    );
  });
});
