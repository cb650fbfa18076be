/** `m4lab run --trace` as its users meet it: the lines, their bounds, and files that cannot be written. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const prebuilt = join(import.meta.dirname, '..', '..', '..', 'firmware', 'prebuilt', 'stm32l496zg');
const hello = join(prebuilt, 'hello.elf');

const folder = mkdtempSync(join(tmpdir(), 'm4lab-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('m4lab run --trace', () => {
  const plain = runM4lab(['run', hello]);
  const trace = join(folder, 'trace.txt');
  const linesOf = (text: string) => text.trimEnd().split('\n');

  it('writes a line an instruction, which add up to the cycles, and changes nothing else', () => {
    expect(runM4lab(['run', hello, '--trace', trace])).toEqual(plain);
    const all = linesOf(readFileSync(trace, 'utf8'));
    const lines = all.filter((line) => !line.startsWith('#'));
    const [, instructions] = /instructions +(\d+)/.exec(plain.stderr) ?? [];
    const [, cycles] = /cycles +(\d+),/.exec(plain.stderr) ?? [];
    expect(lines).toHaveLength(Number(instructions));
    const spent = lines.map((line) => Number(/^ *\d+ +\+(\d+) {2}/.exec(line)?.[1]));
    expect(spent.reduce((sum, part) => sum + part, 0)).toBe(Number(cycles));
    expect(all[0]).toBe(`# m4lab.trace/1 ${hello} on stm32l496zg, trm/1`);
    expect(all.at(-1)).toBe(`# cycle ${cycles}: the program ended with status 0`);
  });

  it('leaves stdout to the trace with -, and the console to stderr', () => {
    const { status, stdout, stderr } = runM4lab(['run', hello, '--quiet', '--trace', '-']);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: readFileSync(trace, 'utf8'),
      stderr: 'hello from m4lab\n',
    });
  });

  it('begins at a symbol, an address or a cycle, and ends after so many lines', () => {
    const of = (...args: string[]) => {
      runM4lab(['run', hello, '--quiet', '--trace', trace, ...args]);
      return linesOf(readFileSync(trace, 'utf8')).slice(2);
    };
    const whole = of();
    const main = whole.findIndex((line) => line.includes(' main+0x0 '));
    const [, cycle = '', address = ''] = /^ *(\d+) +\+\d+ {2}(\w+)/.exec(whole[main] ?? '') ?? [];
    for (const start of ['main', `0x${address}`, cycle]) {
      const lines = of('--trace-start', start, '--trace-lines', '3');
      expect(lines.slice(0, 3)).toEqual(whole.slice(main, main + 3));
      expect(lines.slice(3)).toEqual([
        '# 3 lines, the limit of --trace-lines; the program ran on',
        whole.at(-1),
      ]);
    }
  });

  it('says so when it never began', () => {
    const { status, stderr } = runM4lab(['run', hello, '--trace', trace, '--trace-start', '0x08000001']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/\nm4lab: the trace is empty: --trace-start was never reached\n$/);
  });

  it('ends with one sentence when the disk is full', () => {
    const { status, stderr } = runM4lab(['run', join(prebuilt, 'ticks.elf'), '--trace', '/dev/full']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^m4lab: option --trace: "\/dev\/full" cannot be written: the disk is full/);
  });

  it.each([
    [['--trace', '/nowhere/t'], /--trace: "\/nowhere\/t" cannot be written: its folder does not exist/],
    [['--trace', folder], /cannot be written: it is a folder/],
    [['--trace', '-', '--json', '-'], /^m4lab: --trace and --json must not both go to -/],
    [['--trace-lines', '5'], /^m4lab: --trace-lines without --trace has nothing to narrow/],
    [['--trace', trace, '--trace-start', 'nothing'], /^m4lab: option --trace-start .*nothing/],
    [['--trace', trace, '--trace-lines', '0'], /--trace-lines/],
  ])('refuses %j in one sentence', (args, message) => {
    expect(mistakeOf(['run', hello, ...args])).toMatch(message);
  });
});
