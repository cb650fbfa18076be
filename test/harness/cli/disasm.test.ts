import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const ELF = join(import.meta.dirname, '../../../firmware/prebuilt/stm32l496zg/trainer.elf');

/** Address to text, data left out: objdump's text has its comments and symbols taken off. */
function instructions(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([0-9a-f]+):\s+(?:[0-9a-f]{4} ?){1,2}\s+(\S+)\s*(.*)$/.exec(line);
    if (match === null) continue;
    const [, address = '', mnemonic = '', rest = ''] = match;
    if (mnemonic.startsWith('.')) continue;
    const operands = rest
      .replace(/\s*[@;].*$/, '')
      .replace(/\s*<.*>$/, '')
      .replace(/\b0x/g, '')
      .trim();
    found.set(Number.parseInt(address, 16).toString(16), `${mnemonic} ${operands}`.trim());
  }
  return found;
}

describe('m4lab disasm', () => {
  it('prints objdump’s text for every instruction of the trainer', () => {
    const ours = instructions(runM4lab(['disasm', ELF]).stdout);
    const theirs = instructions(execFileSync('arm-none-eabi-objdump', ['-d', ELF], { encoding: 'utf8' }));
    expect(ours.size).toBeGreaterThan(1200);
    const different = [...ours].filter(([address, text]) => theirs.get(address) !== text);
    expect(different.map(([address, text]) => `${address}: ${text} | ${theirs.get(address)}`)).toEqual([]);
  });

  it('prints one function, its literal pool as data', () => {
    const { stdout } = runM4lab(['disasm', ELF, '--function', 'elementary_exp']);
    expect(stdout).toMatch(/^[0-9a-f]{8} <elementary_exp>:\n/);
    expect(stdout).toMatch(/\.word +0x/);
    expect(stdout.match(/>:\n/g)).toHaveLength(1);
  });

  it('names a function that is not there', () => {
    expect(mistakeOf(['disasm', ELF, '--function', 'nothing'])).toMatch(/--function nothing must name/);
  });
});
