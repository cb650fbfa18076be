/** Translated code against the interpreter, which is the specification. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElf } from '../../../emulator/index.js';
import { runLockstep } from './lockstep.js';

const prebuilt = join(import.meta.dirname, '../../../firmware/prebuilt');
/** Visits every residue: the machine must stop at every place at some time. */
const varied = (turn: number): number => 1000 + ((turn * 7919) % 60_013);

describe('a program in lockstep', () => {
  it.each([
    ['stm32l496zg', 'train_once'],
    ['stm32l496zg', 'hello'],
    ['stm32l496zg', 'ticks'],
    ['mps2-an386', 'train_once'],
    ['mps2-an386', 'ticks'],
  ])('%s/%s', { timeout: 60_000 }, (mcu, name) => {
    const elf = loadElf(readFileSync(join(prebuilt, mcu, `${name}.elf`)), name);
    const { translated } = runLockstep(elf, mcu, 4_000_000, varied);
    if (translated.instructions > 1_000_000)
      expect(translated.translatedInstructions).toBeGreaterThan(0.8 * translated.instructions);
  });
});
