import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packagePath } from '../../../harness/data/package-root.js';
import { parseCalibration } from '../../../harness/estimator/calibration.js';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const folder = mkdtempSync(join(tmpdir(), 'm4lab-calibrate-'));
mkdirSync(join(folder, 'profiles', 'calibration'), { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

describe('m4lab calibrate', () => {
  // A change of firmware or timing model makes a shipped calibration stale; its own command makes it anew.
  it.each(['stm32l496zg', 'mps2-an386'])('makes the shipped file of %s again, byte for byte', (mcu) => {
    const file = `profiles/calibration/${mcu}.json`;
    const shipped = readFileSync(packagePath(file), 'utf8');
    const calibration = parseCalibration(JSON.parse(shipped), file);
    const { status, stdout } = runM4lab(calibration.command.split(' ').slice(1), { cwd: folder });
    expect(status).toBe(0);
    expect(readFileSync(join(folder, file), 'utf8')).toBe(shipped);
    expect(calibration.greatestErrorPercent).toBeLessThan(1);
    expect(stdout).toMatch(/greatest error [\d.]+ %; .*unverified on silicon\n$/);
  });

  it.each([
    [
      'ELF without the link',
      ['--elf', 'firmware/prebuilt/stm32l496zg/hello.elf'],
      /symbol train_batch is missing, but cycles are measured by it/,
    ],
    ['MCU', ['--mcu', 'z80'], /--mcu is z80, but must be one of/],
  ])('answers a wrong %s in one sentence', (_name, args, expected) => {
    const answer = mistakeOf(['calibrate', ...args, '--out', join(folder, 'x.json')]);
    expect(answer).toMatch(/^m4lab: /);
    expect(answer).toMatch(expected);
  });
});
