import { describe, expect, it } from 'vitest';
import { InternalError, UserError } from '../../../emulator/index.js';
import { choiceOption, integerOption, numberOption } from '../../../harness/cli/option-values.js';
import { reportError } from '../../../harness/cli/report-error.js';

function messageOf(parse: () => unknown): string {
  try {
    return `accepted ${String(parse())}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('reportError', () => {
  it('says what the user can mend in one line, exit code 2', () => {
    const fields = { code: 'x', what: 'option --n', got: '3', expected: 'must be 4', fix: 'give 4' };
    expect(reportError(new UserError(fields), '1.2.3')).toEqual({
      text: 'm4lab: option --n is 3, but must be 4; give 4\n',
      exitCode: 2,
    });
  });

  it('shows a bug whole, with versions, exit code 1', () => {
    for (const bug of [new InternalError('lost the pc'), new TypeError('x is undefined')]) {
      const { text, exitCode } = reportError(bug, '1.2.3');
      expect(exitCode).toBe(1);
      expect(text).toContain('m4lab: this is a bug in m4lab');
      expect(text).toContain(`m4lab 1.2.3, Node ${process.version}`);
      expect(text).toContain(bug.message);
      expect(text).toMatch(/report-error\.test/);
    }
    expect(reportError('a thrown string', '1').text).toContain('a thrown string');
  });
});

describe('option values', () => {
  const cycles = integerOption('--max-cycles', { min: 1, max: 5000 });

  it.each([
    ['1', 1],
    ['0x10', 16],
    ['5_000', 5000],
  ])('integers: %s', (text, value) => {
    expect(cycles(text)).toBe(value);
  });

  it.each(['', '0', '5001', '1.5', '1e3', 'ten', '0x', ' 1', '-1', '99999999999999999999'])(
    'no integers: %j',
    (text) => {
      const shown = text === '' ? 'empty' : text;
      expect(messageOf(() => cycles(text))).toBe(
        `option --max-cycles is ${shown}, but must be an integer from 1 to 5000; ` +
          'give for example --max-cycles 1',
      );
    },
  );

  it('numbers above a bound', () => {
    const rate = numberOption('--learning-rate', { above: 0 });
    expect([rate('0.05'), rate('1e-3'), rate('.5')]).toEqual([0.05, 0.001, 0.5]);
    for (const text of ['0', '-1', 'NaN', 'Infinity', '1e999', '', '0.1x']) {
      expect(messageOf(() => rate(text))).toMatch(/must be a finite number above 0/);
    }
  });

  it('one of a few words', () => {
    const mode = choiceOption('--mode', ['tl', 'full', 'both']);
    expect(mode('full')).toBe('full');
    expect(messageOf(() => mode('TL'))).toBe(
      'option --mode is TL, but must be one of tl, full, both; give for example --mode tl',
    );
  });
});
