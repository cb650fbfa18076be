/** What `m4lab info` reports, read off a profile and an ELF. Nothing is run. */
import {
  architectureOf,
  architectureProblems,
  type ElfImage,
  type ElfSymbol,
  findRegion,
  isMapped,
  type McuProfile,
  mappedRanges,
  staticMemory,
} from '../../emulator/index.js';
import { energyFigure } from './energy.js';
import { hex } from './hex.js';
import type { ElfInfo, McuInfo } from './info-report.js';

export function mcuInfo(mcu: McuProfile): McuInfo {
  const { core, clocks, timing } = mcu;
  const peripherals = (mcu.peripherals ?? []).map(({ name, type, base, size, interrupts = [] }) => {
    return { name, type, base, size, interrupts };
  });
  return {
    name: mcu.name,
    description: mcu.description,
    core: {
      cpuid: core.cpuid,
      fpu: core.fpu,
      mpuRegions: core.mpuRegions,
      priorityBits: core.interruptPriorityBits,
      interruptCount: core.interruptCount,
    },
    memory: mcu.memory,
    clocks: { resetHz: clocks.resetHz, maxHz: clocks.maxHz },
    flashWaitStates: mcu.flash?.waitStates ?? null,
    interrupts: (mcu.interruptNames ?? []).flatMap((name, number) => (name === '' ? [] : { number, name })),
    peripherals: peripherals.sort((a, b) => a.base - b.base),
    energy: energyFigure(mcu),
    timing: { model: timing.model, parameters: timing.parameters, source: mcu.sources.timing ?? null },
  };
}

export interface ElfFile {
  readonly elf: ElfImage;
  readonly path: string;
  readonly sha256: string;
}

/** @param most symbols of each kind */
export function elfInfo({ elf, path, sha256 }: ElfFile, mcu: McuProfile, most: number): ElfInfo {
  const { attributes } = elf;
  return {
    ...{ path, sha256, entry: elf.entry },
    entrySymbol: elf.symbolAt(elf.entry)?.name ?? null,
    symbolCount: elf.symbols.length,
    functionCount: elf.symbols.filter(({ type }) => type === 'function').length,
    architecture:
      attributes === undefined ? null : { cpuName: attributes.cpuName, ...architectureOf(attributes) },
    memory: staticMemory(elf),
    segments: elf.segments.map(({ physicalAddress, virtualAddress, fileBytes, memorySize, flags }) => {
      const access = `${flags.read ? 'r' : '-'}${flags.write ? 'w' : '-'}${flags.execute ? 'x' : '-'}`;
      return {
        physicalAddress,
        virtualAddress,
        fileBytes: fileBytes.length,
        memoryBytes: memorySize,
        access,
      };
    }),
    sections: elf.sections
      .filter((section) => section.flags.alloc && section.size > 0)
      .map(({ name, type, address, size }) => ({ name, type, address, size })),
    regions: regionUse(elf, mcu),
    largest: largestSymbols(elf, mcu, most),
    problems: problemsOf(elf, mcu),
  };
}

type SymbolKind = keyof ElfInfo['largest'];

/** By its section: where the linker put it, whatever that is called. */
function kindOf(elf: ElfImage, symbol: ElfSymbol): SymbolKind | undefined {
  const section = symbol.section === undefined ? undefined : elf.sections[symbol.section];
  if (section === undefined || !section.flags.alloc || symbol.size === 0) return undefined;
  if (symbol.type === 'function') return '.text';
  if (symbol.type !== 'object') return undefined;
  if (section.type === 'nobits') return '.bss';
  return section.flags.write ? '.data' : '.rodata';
}

function largestSymbols(elf: ElfImage, mcu: McuProfile, most: number): ElfInfo['largest'] {
  const seen = new Set<string>();
  const all = elf.symbols.flatMap((symbol) => {
    const { name, address, size } = symbol;
    const kind = kindOf(elf, symbol);
    const place = `${kind} ${address} ${size}`;
    // Of aliases the first one.
    if (kind === undefined || seen.has(place)) return [];
    seen.add(place);
    return { kind, symbol: { name, address, size, region: findRegion(mcu, address)?.name ?? null } };
  });
  all.sort((a, b) => b.symbol.size - a.symbol.size || a.symbol.address - b.symbol.address);
  const of = (kind: SymbolKind) =>
    all
      .filter((entry) => entry.kind === kind)
      .slice(0, most)
      .map(({ symbol }) => symbol);
  return { '.text': of('.text'), '.rodata': of('.rodata'), '.data': of('.data'), '.bss': of('.bss') };
}

/** For each region, the bytes that the ELF puts there: programmed images and run-time sections. */
function regionUse(elf: ElfImage, mcu: McuProfile): ElfInfo['regions'] {
  return mcu.memory.map((region) => {
    const ranges = mappedRanges(mcu).filter((range) => range.region === region);
    const overlap = ([address, size]: Span) =>
      ranges.reduce((sum, { start, end }) => {
        return sum + Math.max(0, Math.min(address + size, end) - Math.max(address, start));
      }, 0);
    const used = occupiedSpans(elf).reduce((sum, span) => sum + overlap(span), 0);
    return { name: region.name, base: region.base, size: region.size, used };
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

function problemsOf(elf: ElfImage, mcu: McuProfile): string[] {
  const outside = occupiedSpans(elf)
    .filter(([address, size]) => !isMapped(mcu, address, size))
    .map(([address, size]) => `${size} bytes at ${hex(address)} lie outside its memory`);
  const unwritable = elf.sections
    .filter(({ type, flags, address, size }) => {
      const variables = flags.alloc && flags.write && (type === 'progbits' || type === 'nobits');
      return variables && size > 0 && findRegion(mcu, address)?.kind === 'flash';
    })
    .map(({ name, address }) => `${name} at ${hex(address)} holds variables, but a store to flash faults`);
  const { attributes } = elf;
  const wrongCore = attributes === undefined ? [] : architectureProblems(attributes, mcu.core);
  return [...wrongCore.map((problem) => `the program ${problem}`), ...outside, ...unwritable];
}
