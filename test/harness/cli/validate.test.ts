import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadElf } from '../../../emulator/index.js';
import { packagePath } from '../../../harness/data/package-root.js';
import { type ValidateJson, validateSchema } from '../../../harness/report/validate-json.js';
import { make } from '../../firmware/toolchain.js';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const folder = mkdtempSync(join(tmpdir(), 'm4lab-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const recordings = join(folder, 'recordings');
mkdirSync(recordings);
writeFileSync(join(recordings, 'user_19.csv'), 'user,activity,trial,x,y,z\n19,walking,1,0,zero,9.8\n');

/** Few windows: enough to see every kind of value. */
const SHORT = ['--windows', '24', '--epochs', '1'];

function reportOf(stdout: string): ValidateJson {
  return validateSchema.parse(JSON.parse(stdout));
}

describe('m4lab validate', () => {
  it('is green with the shipped firmware and nothing said', () => {
    const file = join(folder, 'report.json');
    const { status, stdout, stderr } = runM4lab(['validate', '--json', file]);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^PASS {2}all 13 checks passed/);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^m4lab: tl: evaluating before training$/m);
    expect(stderr).toMatch(/^m4lab: full: training, epoch 3 of 3$/m);
    const report = reportOf(readFileSync(file, 'utf8'));
    expect(report.verdict).toBe('pass');
    expect(report.runs.map(({ mode, input }) => `${mode} ${input}`)).toEqual(['tl 20x3', 'full 20x3']);
    for (const { parity, memory, cycles, f1 } of report.runs) {
      expect(parity).toMatchObject({ maxUlp: 0, differing: 0 });
      expect(parity.compared).toBeGreaterThan(6 * 10_084);
      expect(memory.measured).toBe(memory.predicted);
      expect(Math.abs((cycles.predicted ?? 0) / (cycles.measured ?? 1) - 1)).toBeLessThan(0.01);
      expect(f1.after ?? 0).toBeGreaterThan(f1.before ?? 1);
    }
    expect(report.calibration).toMatchObject({ sameElf: true });
  });

  it('is red with one constant of exp flipped, and names the first value that differs', () => {
    const build = join(folder, 'build');
    const elf = join(build, 'stm32l496zg', 'trainer.elf');
    const built = make(`BUILD=${build}`, 'EXTRA_CFLAGS=-DELEMENTARY_EXP_C2=0.50000006f', elf);
    expect(built).toMatchObject({ status: 0 });
    const { status, stdout } = runM4lab(['validate', '--elf', elf, '--mode', 'tl', ...SHORT, '--json', '-']);
    expect(status).toBe(1);
    const report = reportOf(stdout);
    expect(report.verdict).toBe('fail');
    expect(report.calibration).toMatchObject({ sameElf: false });
    const [run] = report.runs;
    expect(run?.checks.filter(({ state }) => state === 'fail').map(({ name }) => name)).toEqual(['parity']);
    expect(run?.parity.differing).toBeGreaterThan(0);
    expect(run?.parity.first?.where).toMatch(/before training/);
  });

  it('does not pass at a size that the calibration was fitted at, and says so', () => {
    const { status, stdout } = runM4lab(['validate', '--mode', 'tl', '--input', '30x3', ...SHORT]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/not checked +cycles a batch +30 samples were used to fit/);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^NOT PASSED {2}6 of 7 checks passed/);
  });

  it('predicts the largest size as well, which is beyond the fit', () => {
    const args = ['--mode', 'full', '--input', '100x3', '--windows', '4', '--batch', '4', '--epochs', '1'];
    const report = reportOf(runM4lab(['validate', ...args, '--json', '-']).stdout);
    const [run] = report.runs;
    expect(run?.checks.find(({ name }) => name === 'cycles a batch')?.state).toBe('pass');
    expect(Math.abs((run?.cycles.predicted ?? 0) / (run?.cycles.measured ?? 1) - 1)).toBeLessThan(0.01);
  });

  it('refuses a user whom the model has seen, unless told otherwise', () => {
    expect(mistakeOf(['validate', '--user', '5'])).toMatch(
      /--user is 5: general-synthetic was trained on this user/,
    );
    const args = ['validate', '--user', '5', '--allow-seen', '--mode', 'tl', ...SHORT, '--json', '-'];
    expect(reportOf(runM4lab(args).stdout).model.sawUser).toBe(true);
  });

  it('ends with 124 and one sentence when the firmware takes too long', () => {
    const { status, stdout, stderr } = runM4lab(['validate', '--max-cycles', '1000', '--json', '-']);
    expect({ status, stdout }).toEqual({ status: 124, stdout: '' });
    expect(stderr).toBe('m4lab: the firmware did not come back to the link within 1,000 cycles\n');
  });

  it('ends with 125 and what the guest said when the firmware faults', () => {
    const bytes = new Uint8Array(readFileSync(packagePath('firmware/prebuilt/stm32l496zg/trainer.elf')));
    const elf = loadElf(bytes, 'trainer.elf');
    const target = elf.symbol('conv1d_forward')?.address ?? 0;
    const segment = elf.segments.find(({ physicalAddress: from, fileBytes }) => {
      return target >= from && target < from + fileBytes.length;
    });
    // UDF #0 (DDI 0403, A7.7.194), which is little-endian 0xDE00.
    segment?.fileBytes.set([0x00, 0xde], target - segment.physicalAddress);
    const broken = join(folder, 'broken.elf');
    writeFileSync(broken, bytes);
    const { status, stdout, stderr } = runM4lab(['validate', '--elf', broken, '--json', '-']);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    const lines = stderr.split('\n');
    expect(lines[0]).toBe('m4lab: the firmware ended with status 70; it wrote "unhandled exception 3"');
    expect(lines[1]).toMatch(/^ {2}fault +UsageFault: undefined instruction de00 at 0x0800/);
    const calls = lines.flatMap((line) => /^ {2}#\d+ .*, (\w+)\+0x/.exec(line)?.[1] ?? []);
    expect(calls.slice(0, 3)).toEqual(['conv1d_forward', 'network_forward', 'evaluate_batch']);
    expect(calls.at(-1)).toBe('reset_handler');
  });

  const mistakes: readonly [string, string[], RegExp][] = [
    [
      'a size with other channels',
      ['--input', '20x4'],
      /--input is 20x4, but must be samples x chan.*, 10 to 128 x 3/,
    ],
    ['a size too short', ['--input', '9x3'], /--input is 9x3, but must be/],
    ['no epoch', ['--epochs', '0'], /--epochs is 0, but must be an integer from 1/],
    ['no window', ['--windows', 'x'], /--windows is x, but must be an integer/],
    ['a mode', ['--mode', 'fast'], /--mode is fast, but must be one of tl, full, both/],
    ['a rate', ['--lr', '-1'], /--lr is -1, but must be a finite number above 0/],
    ['a user that nobody has', ['--data', recordings, '--user', '18'], /user 18/i],
    ['a broken recording', ['--data', recordings, '--user', '19'], /user_19\.csv/],
    ['an absent folder', ['--data', 'gone'], /the data folder gone does not exist/],
    ['an absent ELF', ['--elf', 'gone.elf'], /the ELF "gone\.elf" cannot be read: it does not exist/],
    [
      'an ELF without the link',
      ['--elf', 'firmware/prebuilt/stm32l496zg/hello.elf'],
      /symbol m4lab_link_wait is missing/,
    ],
    ['a model that is none', ['--model', 'package.json'], /package\.json: schema does not fit a model file/],
    ['a calibration that is none', ['--calibration', 'package.json'], /does not fit m4lab\.calibration\/1/],
    ['an unknown MCU', ['--mcu', 'z80'], /--mcu is z80, but must be one of/],
    [
      'a report in no folder',
      ['--json', '/gone/x.json'],
      /--json: "\/gone\/x\.json" cannot be written: its folder/,
    ],
    ['a report on a folder', ['--json', '.'], /--json: "\." cannot be written: it is a folder/],
  ];

  it.each(mistakes)('answers %s in one sentence', (_name, args, expected) => {
    const answer = mistakeOf(['validate', ...args]);
    expect(answer).toMatch(/^m4lab: /);
    expect(answer).toMatch(expected);
  });

  it('says what the firmware refused', () => {
    expect(mistakeOf(['validate', '--batch', '900', '--input', '100x3'])).toMatch(
      /trainer\.elf refused configure with ARENA_TOO_SMALL: arenaBytes 1197200 is what this .* needs/,
    );
  });
});
