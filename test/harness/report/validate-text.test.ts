import { describe, expect, it } from 'vitest';
import { plain } from '../../../harness/report/paint.js';
import { validationText } from '../../../harness/report/validate-text.js';
import { aValidation, validatedRun } from './a-validation.js';

const passed = { name: 'parity', state: 'pass', text: '0 ulp over 12 values compared' } as const;
const failed = { name: 'memory', state: 'fail', text: `off${' by a good deal'.repeat(9)}` } as const;
const open = { name: 'cycles a batch', state: 'not checked', text: '30 samples were used to fit' } as const;

describe('the report for people', () => {
  const lines = validationText(aValidation([validatedRun([passed, failed, open], 'fail')], 'fail'), plain);
  const text = lines.join('\n');

  it('fits 100 columns', () => {
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.every((line) => line === line.trimEnd())).toBe(true);
  });

  it('prints figures with what they mean', () => {
    const flat = text.replace(/\s+/g, ' ');
    expect(flat).toContain('1,064 training windows, 48 test windows, loss taken over 256 of these');
    expect(text).toContain('predicted 102,240, measured 102,240 bytes');
    expect(text).toMatch(
      /predicted 66,231,453, measured 66,262,288 a batch of 32, error -0\.05 %\n.*unverified on silicon/,
    );
    expect(text).toMatch(/timing model trm\/1, unverified on silicon/);
    expect(text).toMatch(
      /16\.57 s at 4 MHz \(reset clock\)\n +828\.3 ms at 80 MHz .*4 flash wait states not counted/,
    );
    expect(text).toContain('0.627 before, 0.958 after');
    expect(flat).toContain('fitted at 30, 50, 70, 90 samples on another ELF');
  });

  it('prints every check and the verdict', () => {
    expect(text).toMatch(/^ {2}pass +parity +0 ulp/m);
    expect(text).toMatch(/^ {2}FAIL +memory +off/m);
    expect(text).toMatch(/^ {2}not checked +cycles a batch +30 samples/m);
    expect(lines.at(-1)).toBe('FAIL  failed: memory (full)');
  });

  it('does not call it passed when something was not checked', () => {
    const run = validatedRun([passed, open], 'incomplete');
    const last = validationText(aValidation([run], 'incomplete'), plain).at(-1);
    expect(last).toBe('NOT PASSED  1 of 2 checks passed, but not checked: cycles a batch (full)');
  });

  it('colours words, never numbers', () => {
    const mark = (text: string) => `<${text.trim()}>`;
    const paint = { good: mark, bad: mark, doubtful: mark, strong: mark };
    const painted = validationText(aValidation([validatedRun([passed], 'pass')], 'pass'), paint).join('\n');
    expect(painted.match(/<[^>]*>/g)).toEqual([
      '<Fine-tuning on an emulated stm32l496zg>',
      '<Full training (full), 20x3>',
      '<pass>',
      '<PASS>',
    ]);
  });
});
