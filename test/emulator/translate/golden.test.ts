/** What the translator makes of a few small functions: each `.s` in `golden/` beside its `.wat`. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import wabt from 'wabt';
import { FPSCR } from '../../../emulator/core/floating-point.js';
import { X } from '../../../emulator/core/state.js';
import { loadElf, Machine } from '../../../emulator/index.js';
import { translatorOf } from '../../../emulator/machine/translation.js';
import { buildElf } from '../../witness/compiler.js';
import { profileOf } from '../machine/guest-machine.js';

const folder = join(import.meta.dirname, 'golden');
const names = readdirSync(folder).filter((name) => name.endsWith('.s'));

/** The function in a program whose `main` calls it. */
function program(source: string): string {
  const head = '.syntax unified\n.thumb\n.global main\n.thumb_func\nmain:\n  push {lr}\n  bl f\n  pop {pc}\n';
  return `${head}.thumb_func\n.type f, %function\n.global f\n${source}\n  .size f, . - f\n`;
}

/** The module made of `f`. */
function translated(source: string): Uint8Array {
  const path = buildElf(program(source), { language: 's', mcu: 'stm32l496zg' });
  const elf = loadElf(readFileSync(path), basename(path));
  const machine = new Machine(profileOf('stm32l496zg'), { translate: false });
  machine.load(elf);
  machine.core.state.x[X.FPSCR] = FPSCR.IXC;
  const module = vi.spyOn(WebAssembly, 'Module');
  translatorOf(machine.core, 'fast', {
    functionAt: (address) => elf.symbolAt(address),
    isStop: () => false,
    reachOf: () => 'ram',
    calledFrom: () => [],
    isRestless: () => false,
    isWarm: () => false,
  }).translate([elf.symbol('f')?.address ?? 0]);
  const bytes = module.mock.calls[0]?.[0];
  module.mockRestore();
  return bytes as Uint8Array;
}

describe('WebAssembly of', () => {
  it.each(names)('%s', async (name) => {
    const { readWasm } = await wabt();
    const source = readFileSync(join(folder, name), 'utf8');
    const module = readWasm(translated(source), { readDebugNames: false });
    module.validate();
    const text = module.toText({ foldExprs: true, inlineExport: false });
    module.destroy();
    await expect(text).toMatchFileSnapshot(join(folder, name.replace(/\.s$/, '.wat')));
  });
});
