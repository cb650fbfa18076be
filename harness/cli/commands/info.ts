/** `m4lab info <elf>`: what an ELF file holds, and where it goes on an MCU. Nothing is run. */
import type { Command } from 'commander';
import {
  type ElfImage,
  findRegion,
  isMapped,
  type McuProfile,
  mappedRanges,
  staticMemory,
} from '../../../emulator/index.js';
import { exitCodes } from '../exit-codes.js';
import { defaultMcu, readElf, readMcu } from '../read-input.js';

export function registerInfo(program: Command): void {
  program
    .command('info')
    .description('print what an ELF holds and whether it fits an MCU')
    .argument('<elf>', 'path of a linked Cortex-M4 ELF')
    .option('--mcu <name>', 'MCU profile: a name in profiles/mcu or a .json path', defaultMcu)
    .action((path: string, options: { mcu: string }) => {
      const mcu = readMcu(options.mcu);
      const { elf } = readElf(path);
      const problems = misfits(elf, mcu);
      process.stdout.write(`${describe(elf, mcu, problems).join('\n')}\n`);
      if (problems.length > 0) process.exitCode = exitCodes.checkFailed;
    });
}

function describe(elf: ElfImage, mcu: McuProfile, problems: readonly string[]): string[] {
  const memory = staticMemory(elf);
  const entry = elf.symbolAt(elf.entry);
  const functions = elf.symbols.filter((symbol) => symbol.type === 'function').length;
  return [
    elf.name,
    `  entry     ${hex(elf.entry)}${entry === undefined ? '' : ` ${entry.name}`}`,
    `  symbols   ${elf.symbols.length}, ${functions} of them functions`,
    `  flash     ${memory.flashBytes} bytes`,
    `  static    ${memory.staticBytes} bytes (data ${memory.dataBytes}, bss ${memory.bssBytes})`,
    `  reserved  ${memory.reservedBytes} bytes (sections for stack and heap)`,
    '',
    'Segments',
    ...segmentLines(elf),
    '',
    'Sections in memory',
    ...sectionLines(elf),
    '',
    `On ${mcu.name} (${mcu.description})`,
    ...regionLines(elf, mcu),
    ...(problems.length === 0 ? ['  fits'] : problems.map((problem) => `  does not fit: ${problem}`)),
  ];
}

function segmentLines(elf: ElfImage): string[] {
  return elf.segments.map(({ physicalAddress, virtualAddress, fileBytes, memorySize, flags }) => {
    const access = `${flags.read ? 'r' : '-'}${flags.write ? 'w' : '-'}${flags.execute ? 'x' : '-'}`;
    const moved = virtualAddress === physicalAddress ? '' : `, runs at ${hex(virtualAddress)}`;
    const placed = `  ${hex(physicalAddress)}  ${column(fileBytes.length)}  ${access}`;
    return `${placed}  in memory ${memorySize}${moved}`;
  });
}

function sectionLines(elf: ElfImage): string[] {
  return elf.sections
    .filter((section) => section.flags.alloc && section.size > 0)
    .map(({ name, address, size, type }) => `  ${hex(address)}  ${column(size)}  ${name} (${type})`);
}

/** For each region, the bytes that the ELF puts there: programmed images and run-time sections. */
function regionLines(elf: ElfImage, mcu: McuProfile): string[] {
  return mcu.memory.map((region) => {
    const ranges = mappedRanges(mcu).filter((range) => range.region === region);
    const overlap = ([address, size]: Span) =>
      ranges.reduce((sum, { start, end }) => {
        return sum + Math.max(0, Math.min(address + size, end) - Math.max(address, start));
      }, 0);
    const used = occupiedSpans(elf).reduce((sum, span) => sum + overlap(span), 0);
    const share = ((100 * used) / region.size).toFixed(1);
    return `  ${hex(region.base)}  ${column(region.size)}  ${region.name}: ${used} bytes used, ${share} %`;
  });
}

type Span = readonly [address: number, bytes: number];

/** What takes room, each byte once: images where they are programmed, and the RAM they run in. */
function occupiedSpans(elf: ElfImage): Span[] {
  const images = elf.segments.map(
    ({ physicalAddress, fileBytes }): Span => [physicalAddress, fileBytes.length],
  );
  const inImage = (address: number) =>
    images.some(([start, size]) => address >= start && address < start + size);
  const runTime = elf.sections
    .filter((section) => section.flags.alloc && section.size > 0 && !inImage(section.address))
    .map(({ address, size }): Span => [address, size]);
  return [...images, ...runTime];
}

function misfits(elf: ElfImage, mcu: McuProfile): string[] {
  const outside = occupiedSpans(elf)
    .filter(([address, size]) => !isMapped(mcu, address, size))
    .map(([address, size]) => `${size} bytes at ${hex(address)} lie outside its memory`);
  const unwritable = elf.sections
    .filter(({ type, flags, address, size }) => {
      const variables = flags.alloc && flags.write && (type === 'progbits' || type === 'nobits');
      return variables && size > 0 && findRegion(mcu, address)?.kind === 'flash';
    })
    .map(({ name, address }) => `${name} at ${hex(address)} holds variables, but a store to flash faults`);
  return [...outside, ...unwritable];
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

function column(bytes: number): string {
  return String(bytes).padStart(8);
}
