/** `m4lab lockstep` as a user has it: what it prints, its exit codes, what it refuses. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lockstepSchema } from '../../../harness/report/lockstep-report.js';
import { guest } from '../../emulator/machine/guest-machine.js';
import { buildElf } from '../../witness/compiler.js';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const folder = mkdtempSync(join(tmpdir(), 'm4lab-lockstep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const prebuilt = (name: string) =>
  join(import.meta.dirname, '../../../firmware/prebuilt', name.includes('/') ? name : `stm32l496zg/${name}`);

function lockstep(elf: string, ...args: string[]) {
  const path = join(folder, 'report.json');
  const { status, stdout, stderr } = runM4lab(['lockstep', elf, '--json', path, ...args]);
  const report = lockstepSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  expect(report.code).toBe(status);
  expect(stderr.startsWith(`m4lab: ${report.text}\n`)).toBe(true);
  return { status, stdout, summary: stderr.trimEnd().split('\n'), report };
}

describe('a program that is the same', () => {
  it('prints its console on stdout and what was compared on stderr', () => {
    const { status, stdout, summary, report } = lockstep(prebuilt('hello.elf'));
    expect([status, stdout]).toEqual([0, 'hello from m4lab\n']);
    expect(summary[0]).toBe('m4lab: the same to the end, which is: exit 0');
    expect(summary.filter((text) => text.length > 110)).toEqual([]);
    expect(report).toMatchObject({ result: 'same', instructions: 30, cycles: 53, difference: null });
    expect(report.console).toBe(stdout);
  });

  it('is so with a status of its own, and with a fault: the exit code is not the program’s', () => {
    const source = 'int main(void) { return 3; }';
    const exits = lockstep(buildElf(source, { language: 'c', mcu: 'stm32l496zg' }));
    expect([exits.status, exits.report.text]).toEqual([0, 'the same to the end, which is: exit 3']);
    const fault = lockstep(guest('main:\n  ldr r0, =0x70000000\n  ldr r0, [r0]\n  b report\n').path);
    expect(fault.status).toBe(0);
    expect(fault.report.text).toMatch(/^the same to the end, which is: fault: BusFault: .*, at 0x08000/);
  });

  it('as far as --until and --max-cycles let it go', () => {
    const until = lockstep(prebuilt('train_once.elf'), '--until', '100_001', '--stretch', '333');
    expect([until.status, until.report.result, until.report.instructions]).toEqual([0, 'same', 100_001]);
    const limit = lockstep(prebuilt('train_once.elf'), '--max-cycles', '50000');
    expect([limit.status, limit.report.result]).toEqual([124, 'limit']);
  });

  it('reads the same input on both, and writes no file of the user', () => {
    const source = `
#include <stdio.h>
int main(int argc, char **argv)
{
    char line[80];
    FILE *out = fopen("out.txt", "a");
    while (fgets(line, sizeof line, stdin)) {
        fputs(line, out);
        printf("%s", line);
    }
    fclose(out);
    FILE *in = fopen("out.txt", "r");
    while (fgets(line, sizeof line, in))
        printf("> %s", line);
    printf("%d %s\\n", argc, argv[1]);
    return 0;
}`;
    const elf = buildElf(source, { language: 'c', mcu: 'stm32l496zg', startup: 'newlib', libc: 'rdimon' });
    const files = mkdtempSync(join(folder, 'files-'));
    writeFileSync(join(files, 'out.txt'), 'old\n');
    const args = ['--semihosting-dir', files, '--stdin', '-', elf, '--', 'word'];
    const { status, stdout, stderr } = runM4lab(['lockstep', ...args], { input: 'one\ntwo\n' });
    expect([status, stdout]).toEqual([0, 'one\ntwo\n> old\n> one\n> two\n2 word\n']);
    expect(stderr).toContain('the same to the end, which is: exit 0');
    expect([readdirSync(files), readFileSync(join(files, 'out.txt'), 'utf8')]).toEqual([
      ['out.txt'],
      'old\n',
    ]);
  });

  it('gives the report alone on stdout for --json -', () => {
    const { stdout } = runM4lab(['lockstep', prebuilt('hello.elf'), '--json', '-']);
    expect(lockstepSchema.parse(JSON.parse(stdout)).console).toBe('hello from m4lab\n');
  });
});

describe('the outside witnesses', () => {
  it.each(['unicorn', 'qemu'])('%s checks what it can and says what not', (witness) => {
    const { status, report, summary } = lockstep(
      prebuilt('mps2-an386/ticks.elf'),
      ...['--mcu', 'mps2-an386', '--against', witness, '--until', '15000'],
    );
    expect([status, report.result, report.against]).toEqual([0, 'same', witness]);
    const given = report.notChecked.reduce((sum, { instructions }) => sum + instructions, 0);
    expect((report.checkedByWitness ?? 0) + given).toBe(report.instructions);
    expect(given).toBeGreaterThan(0);
    expect(given).toBeLessThan(100);
    expect(summary.join('\n')).toMatch(/not compared .*cycles.*\n.*not checked .*BKPT and SVC/s);
  });

  it('are refused where they are not, with what to do', () => {
    const args = ['lockstep', prebuilt('mps2-an386/hello.elf'), '--mcu', 'mps2-an386', '--against', 'qemu'];
    const { status, stderr } = runM4lab(args, { env: { PATH: folder } });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^m4lab: qemu-system-arm is not started \(.*ENOENT\), but must run for .*; .*apt-get install .*\n$/,
    );
  });
});

describe('what it refuses', () => {
  const elf = prebuilt('hello.elf');
  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no ELF', [], /missing required argument 'elf'/],
    ['an ELF that is not there', ['gone.elf'], /the ELF "gone\.elf" cannot be read: it does not exist/],
    [
      'another witness',
      [elf, '--against', 'silicon'],
      /--against is silicon, but must be one of interpreter, /,
    ],
    ['a stretch of nothing', [elf, '--stretch', '0'], /--stretch is 0, but must be an integer from 1/],
    ['no instructions', [elf, '--until', '0'], /--until is 0, but must be an integer of 1 or more/],
    ['QEMU for another MCU', [elf, '--against', 'qemu'], /goes with QEMU's board, mps2-an386; give --mcu/],
    ['a folder that is not there', [elf, '--semihosting-dir', 'gone'], /must be a folder that exists/],
    ['a report that cannot be written', [elf, '--json', '/gone/x.json'], /its folder does not exist/],
  ];

  it.each(mistakes)('%s', (_name, args, expected) => {
    expect(mistakeOf(['lockstep', ...args])).toMatch(expected);
  });
});
