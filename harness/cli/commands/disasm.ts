/**
 * `m4lab disasm <elf>`: the code of an ELF as GNU objdump writes it, from m4lab's own instruction records.
 */
import type { Command } from 'commander';
import {
  type ElfImage,
  type ElfSymbol,
  type ListingLine,
  listing,
  UserError,
} from '../../../emulator/index.js';
import { readElf } from '../read-input.js';

export function registerDisasm(program: Command): void {
  program
    .command('disasm')
    .description('print the code of an ELF, function by function')
    .argument('<elf>', 'path of a linked Cortex-M4 ELF')
    .option('--function <name>', 'one function by its symbol; default: all of them')
    .action((path: string, options: { function?: string }) => {
      const { elf } = readElf(path);
      const functions = chosenFunctions(elf, options.function);
      process.stdout.write(functions.map((symbol) => functionText(elf, symbol)).join('\n'));
    });
}

function chosenFunctions(elf: ElfImage, name: string | undefined): ElfSymbol[] {
  const all = elf.symbols.filter((symbol) => symbol.type === 'function' && symbol.size > 0);
  if (name === undefined) return all.sort((a, b) => a.address - b.address);
  const found = all.filter((symbol) => symbol.name === name);
  if (found.length > 0) return found;
  throw new UserError({
    code: 'no-such-function',
    what: `--function ${name}`,
    expected: `must name a function of ${elf.name} that has a size`,
    fix: `\`m4lab disasm ${elf.name}\` without --function lists them all`,
  });
}

function functionText(elf: ElfImage, symbol: ElfSymbol): string {
  const bytes = bytesOf(elf, symbol);
  const lines = listing(bytes, symbol.address, dataMap(elf)).map(lineText);
  return `${hex(symbol.address, 8)} <${symbol.name}>:\n${lines.join('\n')}\n`;
}

/** The code as the program finds it when it runs. */
function bytesOf(elf: ElfImage, { address, size }: ElfSymbol): Uint8Array {
  for (const { virtualAddress, fileBytes } of elf.segments) {
    const at = address - virtualAddress;
    if (at >= 0 && at + size <= fileBytes.length) return fileBytes.subarray(at, at + size);
  }
  return new Uint8Array(0);
}

/** By the mapping symbols (AAELF32, 5.5.5): what follows a $d is data, what follows a $t is code. */
function dataMap(elf: ElfImage): (address: number) => boolean {
  const marks = elf.symbols
    .filter(({ name }) => /^\$[td](\.|$)/.test(name))
    .map(({ name, address }) => ({ address, data: name.startsWith('$d') }))
    .sort((a, b) => a.address - b.address);
  return (address) => marks.findLast((mark) => mark.address <= address)?.data ?? false;
}

function lineText({ address, halfwords, text }: ListingLine): string {
  const bytes = halfwords.map((halfword) => hex(halfword, 4)).join(' ');
  const [mnemonic = '', ...operands] = text.split(' ');
  return `${hex(address, 8)}:  ${bytes.padEnd(10)} ${mnemonic.padEnd(10)} ${operands.join(' ')}`.trimEnd();
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
