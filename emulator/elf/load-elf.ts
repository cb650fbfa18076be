/**
 * An ELF file becomes an ElfImage: elfy reads headers and section entries, everything else is checked and
 * read here and in its neighbours. Nothing is placed in memory, and no MCU is known: the machine does that.
 */
import elfy, { type Program, type Section } from 'elfy';
import { readBuildAttributes } from './build-attributes.js';
import { checkHeader, noSegments } from './check-header.js';
import { ElfBytes } from './elf-bytes.js';
import { checkRange, elfError, hex } from './elf-error.js';
import type { ElfImage, ElfSection, ElfSegment } from './elf-image.js';
import { readName } from './read-name.js';
import { SymbolIndex } from './symbol-index.js';
import { readSymbols } from './symbols.js';

/**
 * ELF for the Arm Architecture, table "Processor specific section types": elfy names the generic ones only.
 */
const armTypes: Readonly<Record<string | number, string>> = {
  1879048193: 'arm_exidx', // 0x70000001
  1879048195: 'arm_attributes', // 0x70000003
};

/**
 * Reads a 32-bit little-endian Arm executable.
 *
 * @param bytes the whole file; the image keeps views of it
 * @param name the file's name, for messages
 * @throws UserError naming the field and its value, for every file that is not such an executable
 */
export function loadElf(bytes: Uint8Array, name: string): ElfImage {
  const file = ElfBytes.over(bytes);
  checkHeader(file, name);
  const parser = new elfy.Parser();
  const header = parser.parseHeader(file);
  const segments = readSegments(parser.parsePrograms(file, header), file.length, name);
  const entries = parser.parseSections(file, header);
  checkSections(entries, file.length, name);
  const sections = readSections(entries, header.shstrndx, name);
  const symbols = readSymbols(entries, sections, name);
  const attributes = entries[sections.findIndex(({ type }) => type === 'arm_attributes')];
  const index = new SymbolIndex(symbols, sections);
  return {
    name,
    entry: (header.entry & ~1) >>> 0,
    segments,
    sections,
    symbols,
    attributes: readBuildAttributes(attributes?.data, name),
    symbol: (symbolName) => index.byName(symbolName),
    symbolAt: (address) => index.functionAt(address),
  };
}

function readSegments(programs: readonly Program[], length: number, file: string): ElfSegment[] {
  const segments: ElfSegment[] = [];
  programs.forEach((program, index) => {
    if (program.type !== 'load') return;
    checkProgram(program, `program header ${index}`, length, file);
    if (program.filesz > 0) segments.push(readSegment(program));
  });
  if (segments.length === 0) throw noSegments(file, 'the number of segments to load', '0');
  segments.sort((a, b) => a.physicalAddress - b.physicalAddress);
  checkOverlap(segments, file);
  return segments;
}

function readSegment(program: Program): ElfSegment {
  return {
    physicalAddress: program.paddr,
    virtualAddress: program.vaddr,
    fileBytes: program.data,
    memorySize: program.memsz,
    flags: { read: !!program.flags.r, write: !!program.flags.w, execute: !!program.flags.x },
  };
}

function checkProgram(program: Program, where: string, length: number, file: string): void {
  checkRange(file, `${where}, the segment's data`, program.offset, program.filesz, length);
  if (program.memsz < program.filesz) {
    const expected = `must be at least p_filesz, ${program.filesz}`;
    throw elfError(file, {
      code: 'elf-segment',
      field: `${where}, p_memsz`,
      got: String(program.memsz),
      expected,
    });
  }
  const spans = [
    ['p_paddr', program.paddr, program.filesz],
    ['p_vaddr', program.vaddr, program.memsz],
  ] as const;
  for (const [field, address, size] of spans) {
    if (address + size <= 2 ** 32) continue;
    const got = `${hex(address)} with ${size} bytes`;
    const expected = 'must end within 32-bit addresses';
    throw elfError(file, { code: 'elf-segment', field: `${where}, ${field}`, got, expected });
  }
}

function checkOverlap(segments: readonly ElfSegment[], file: string): void {
  let previous: ElfSegment | undefined;
  for (const segment of segments) {
    const end = previous === undefined ? 0 : previous.physicalAddress + previous.fileBytes.length;
    if (segment.physicalAddress < end) {
      throw elfError(file, {
        code: 'elf-overlap',
        field: 'p_paddr of a segment',
        got: hex(segment.physicalAddress),
        expected: `must not lie inside the segment ${hex(previous?.physicalAddress ?? 0)} to ${hex(end)}`,
        fix: 'correct the load addresses in the linker script',
      });
    }
    previous = segment;
  }
}

function checkSections(entries: readonly Section[], length: number, file: string): void {
  entries.forEach((entry, index) => {
    if (entry.type === 'nobits' || entry.type === 'null') return;
    checkRange(file, `section ${index}, its bytes`, entry.off, entry.size, length);
  });
}

function readSections(entries: readonly Section[], nameIndex: number, file: string): ElfSection[] {
  const names = entries[nameIndex];
  if (names === undefined) return [];
  if (names.type !== 'strtab') {
    const got = `section ${nameIndex} of type ${names.type}`;
    throw elfError(file, {
      code: 'elf-section',
      field: 'e_shstrndx',
      got,
      expected: 'must be a string table',
    });
  }
  return entries.map((entry, index) => ({
    name: readName(names.data, entry.name, `section ${index}, sh_name`, file),
    type: armTypes[entry.type] ?? String(entry.type),
    flags: { alloc: !!entry.flags.alloc, write: !!entry.flags.write, execute: !!entry.flags.execinstr },
    address: entry.addr,
    size: entry.size,
  }));
}
