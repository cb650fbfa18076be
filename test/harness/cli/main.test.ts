import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const main = join(import.meta.dirname, '..', '..', '..', 'dist', 'harness', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'm4lab-main-'));
const brokenJson = join(folder, 'broken.json');
writeFileSync(brokenJson, '{ "schema": ');
afterAll(() => rmSync(folder, { recursive: true }));

describe('m4lab', () => {
  it('prints its version and, for --help and help, its commands and exit codes', () => {
    expect(runM4lab(['--version'])).toMatchObject({ status: 0, stdout: '0.1.0\n', stderr: '' });
    for (const args of [['--help'], ['help', 'info'], ['info', '--help']]) {
      const { status, stdout, stderr } = runM4lab(args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/Usage: m4lab/);
      expect(stdout).toMatch(/124 +a limit was reached/);
    }
  });

  it('prints help on stderr and exits 2 without a command', () => {
    const { status, stdout, stderr } = runM4lab([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/Usage: m4lab/);
  });

  it('is built as few files, of which a command takes its own', () => {
    const specifiers = (file: string) =>
      Array.from(
        readFileSync(file, 'utf8').matchAll(/(?:from|import\()"(\.[^"]+)"/g),
        ([, path = '']) => path,
      );
    const [program = ''] = specifiers(main);
    const commands = specifiers(join(dirname(main), program)).filter((path) => !/chunk-/.test(path));
    expect(commands.map((path) => /^\.\/(\w+)-\w+\.js$/.exec(path)?.[1])).toEqual([
      'run',
      'info',
      'gdb',
      'disasm',
      'lockstep',
      'validate',
      'pretrain',
      'calibrate',
    ]);
  });

  it('finds its files from any folder', () => {
    const { stderr } = runM4lab(['info', 'gone.elf'], { cwd: tmpdir() });
    expect(stderr).toMatch(/^m4lab: the ELF "gone\.elf" cannot be read: it does not exist/);
  });

  const mistakes: readonly [string, string[], RegExp][] = [
    ['an unknown command', ['inf'], /^m4lab: unknown command 'inf'; did you mean info\?$/],
    ['an unknown option', ['info', 'x', '--bogus'], /^m4lab: unknown option '--bogus'; `m4lab --help` lists/],
    [
      'a mistyped option',
      ['info', 'x', '--mcuu', 'y'],
      /^m4lab: unknown option '--mcuu'; did you mean --mcu\?$/,
    ],
    ['a missing argument', ['disasm'], /^m4lab: missing required argument 'elf'; /],
    ['a missing value', ['info', 'x', '--mcu'], /^m4lab: option '--mcu <name>' argument missing; /],
    [
      'an argument too many',
      ['info', 'a', 'b'],
      /too many arguments for 'info': expected 1 argument but got 2; /,
    ],
    [
      'an unknown MCU',
      ['info', 'x', '--mcu', 'foo'],
      /option --mcu is foo, but must be one of mps2-an386, stm32f407vg, stm32l496zg, stm32l4r5zi/,
    ],
    [
      'a missing profile',
      ['info', 'x', '--mcu', 'foo.json'],
      /the MCU profile "foo\.json" cannot be read: it does not/,
    ],
    ['JSON that is no profile', ['info', 'x', '--mcu', 'biome.json'], /^m4lab: biome\.json: schema /],
    ['broken JSON', ['info', 'x', '--mcu', brokenJson], /the MCU profile ".*broken\.json" must be JSON: /],
    ['a folder', ['info', '.'], /the ELF "\." cannot be read: it is a folder, not a file; check the path$/],
    ['text for an ELF', ['info', 'LICENSE'], /LICENSE: e_ident .* is 4d 49 54 20, but must be 7f 45 4c 46/],
    [
      'an x86 ELF',
      ['info', '/bin/true'],
      /\/bin\/true: e_machine is (62 \(x86-64\)|183 \(AArch64\)), but must be 40/,
    ],
  ];

  it.each(mistakes)('answers %s in one sentence', (_name, args, expected) => {
    expect(mistakeOf(args)).toMatch(expected);
  });

  it('is not upset by a reader that leaves', async () => {
    const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await once(child, 'close');
    expect(stderr).toBe('');
  });
});
