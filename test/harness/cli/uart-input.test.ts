/** --uart-input and --uart-pause on the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runSchema } from '../../../harness/report/run-report.js';
import { buildElf } from '../../witness/compiler.js';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const root = join(import.meta.dirname, '..', '..', '..');
const hello = join(root, 'firmware', 'prebuilt', 'stm32l496zg', 'hello.elf');
const folder = mkdtempSync(join(tmpdir(), 'm4lab-uart-'));
afterAll(() => rmSync(folder, { recursive: true }));
const keys = join(folder, 'keys.txt');

/** Three characters come back by LPUART1. */
const source = `
#define REG(a) (*(volatile unsigned *)(a))
int main(void)
{
    REG(0x4002105C) |= 1; REG(0x4000800C) = 8889; REG(0x40008000) = 0xD;
    for (int k = 0; k < 3; k++) {
        while (!(REG(0x4000801C) & (1 << 5))) { }
        REG(0x40008028) = REG(0x40008024);
    }
    return 0;
}`;

const jsonOf = (args: readonly string[]) => {
  const { status, stdout } = runM4lab(['run', ...args, '--json', '-', '--quiet']);
  return { status, report: runSchema.parse(JSON.parse(stdout)) };
};

describe('what a UART receives', () => {
  it('comes from a file, and what is left of it is told', () => {
    const echo = buildElf(source, { language: 'c', mcu: 'stm32l496zg' });
    writeFileSync(keys, 'abcd');
    const { status, report } = jsonOf([echo, '--uart-input', `LPUART1=${keys}`]);
    expect([status, report.console]).toEqual([0, 'abc']);
    const text = `LPUART1 was still to receive 1 bytes of ${keys} when the program ended`;
    expect(report.notices).toEqual([{ code: 'uart-input-left', text, count: 1 }]);
    const slow = jsonOf([echo, '--uart-input', `LPUART1=${keys}`, '--uart-pause', '9']);
    expect(slow.report.cycles).toBeGreaterThan(9 * report.cycles);
  });

  it.each([
    [['LPUART1'], 'option --uart-input is LPUART1, but must be a UART of the MCU, "=" and a path'],
    [['LPUART9=package.json'], 'a UART of stm32l496zg is LPUART9, but must be one of USART1, '],
    [['LPUART1=none.txt'], 'the input of LPUART1 "none.txt" cannot be read: it does not exist'],
    [
      ['USART1=a', '--uart-input', 'USART1=b'],
      'option --uart-input is USART1=b, but must name each UART once',
    ],
    [
      ['USART1=package.json', '--uart-pause', '-1'],
      'option --uart-pause is -1, but must be an integer from 0',
    ],
  ])('2: --uart-input %s', (values, mistake) => {
    expect(mistakeOf(['run', hello, '--uart-input', ...values])).toContain(`m4lab: ${mistake}`);
  });

  it('2: --uart-pause alone', () => {
    expect(mistakeOf(['run', hello, '--uart-pause', '1'])).toContain('goes with --uart-input');
  });
});
