/**
 * The ELF header's own checks, made before elfy reads a byte: elfy asserts or throws raw errors on input that
 * breaks them. ELF specification 1.2, figure 1-3; the field names are its own.
 */
import type { ElfBytes } from './elf-bytes.js';
import { checkRange, elfError } from './elf-error.js';

const HEADER_SIZE = 52;
const PROGRAM_ENTRY_SIZE = 32;
const SECTION_ENTRY_SIZE = 40;
const EM_ARM = 40;

const machineNames: Readonly<Record<number, string>> = {
  0: 'none',
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  40: 'Arm',
  62: 'x86-64',
  83: 'AVR',
  94: 'Xtensa',
  183: 'AArch64',
  243: 'RISC-V',
};

const typeNames: Readonly<Record<number, string>> = {
  0: 'none',
  1: 'relocatable object',
  2: 'executable',
  3: 'shared object',
  4: 'core dump',
};

const crossCompile = 'build it with arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb';

function named(value: number, names: Readonly<Record<number, string>>): string {
  return `${value} (${names[value] ?? 'unknown'})`;
}

/** Throws a UserError unless the header describes a 32-bit little-endian Arm executable within the file. */
export function checkHeader(bytes: ElfBytes, file: string): void {
  checkIdent(bytes, file);
  checkKind(bytes, file);
  checkTables(bytes, file);
}

function checkIdent(bytes: ElfBytes, file: string): void {
  if (bytes.length === 0) {
    throw elfError(file, { code: 'elf-empty', field: 'the file', got: 'empty', expected: 'must be an ELF' });
  }
  const magic = bytes.subarray(0, 4);
  const found = Array.from(magic, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (found !== '7f 45 4c 46') {
    throw elfError(file, {
      code: 'elf-magic',
      field: 'e_ident (the first bytes)',
      got: found,
      expected: 'must be 7f 45 4c 46 (an ELF)',
      fix: 'give the linked .elf, not a .bin, .hex or source file',
    });
  }
  checkRange(file, 'the ELF header', 0, HEADER_SIZE, bytes.length);
  const data = bytes[5] ?? 0;
  if (data !== 1) {
    const got = data === 2 ? '2 (big-endian)' : `${data} (unknown)`;
    const field = 'e_ident[EI_DATA]';
    throw elfError(file, {
      code: 'elf-endian',
      field,
      got,
      expected: 'must be 1 (little-endian)',
      fix: crossCompile,
    });
  }
}

function checkKind(bytes: ElfBytes, file: string): void {
  const machine = bytes.readUInt16LE(18);
  if (machine !== EM_ARM) {
    const got = named(machine, machineNames);
    throw elfError(file, {
      code: 'elf-machine',
      field: 'e_machine',
      got,
      expected: 'must be 40 (Arm)',
      fix: crossCompile,
    });
  }
  const fileClass = bytes[4] ?? 0;
  if (fileClass !== 1) {
    const got = fileClass === 2 ? '2 (64-bit)' : `${fileClass} (unknown)`;
    const field = 'e_ident[EI_CLASS]';
    throw elfError(file, {
      code: 'elf-class',
      field,
      got,
      expected: 'must be 1 (32-bit)',
      fix: crossCompile,
    });
  }
  const type = bytes.readUInt16LE(16);
  if (type !== 2) {
    const got = named(type, typeNames);
    const fix = 'link it with a linker script for the target';
    throw elfError(file, { code: 'elf-type', field: 'e_type', got, expected: 'must be 2 (executable)', fix });
  }
  const entry = bytes.readUInt32LE(24);
  if ((entry & 1) === 0) {
    throw elfError(file, {
      code: 'elf-entry',
      field: 'e_entry',
      got: `0x${entry.toString(16).padStart(8, '0')}`,
      expected: 'must be odd: a Cortex-M runs Thumb code only',
      fix: 'name the reset handler with ENTRY(...) in the linker script and build with -mthumb',
    });
  }
}

function checkTables(bytes: ElfBytes, file: string): void {
  const programs = {
    offset: bytes.readUInt32LE(28),
    size: bytes.readUInt16LE(42),
    count: bytes.readUInt16LE(44),
  };
  const sections = {
    offset: bytes.readUInt32LE(32),
    size: bytes.readUInt16LE(46),
    count: bytes.readUInt16LE(48),
  };
  if (programs.offset === 0 || programs.count === 0) {
    throw noSegments(file, 'e_phnum', String(programs.count));
  }
  checkEntrySize(file, 'e_phentsize', programs.size, PROGRAM_ENTRY_SIZE);
  checkRange(file, 'the program header table', programs.offset, programs.count * programs.size, bytes.length);
  if (sections.offset === 0 || sections.count === 0) return;
  checkEntrySize(file, 'e_shentsize', sections.size, SECTION_ENTRY_SIZE);
  checkRange(file, 'the section header table', sections.offset, sections.count * sections.size, bytes.length);
  const names = bytes.readUInt16LE(50);
  if (names >= sections.count) {
    const expected = `must be below e_shnum, ${sections.count}`;
    throw elfError(file, { code: 'elf-section', field: 'e_shstrndx', got: String(names), expected });
  }
}

function checkEntrySize(file: string, field: string, size: number, rule: number): void {
  if (size === rule) return;
  throw elfError(file, {
    code: 'elf-entry-size',
    field,
    got: String(size),
    expected: `must be ${rule} bytes`,
  });
}

/** A file from which nothing can be loaded. */
export function noSegments(file: string, field: string, got: string) {
  return elfError(file, {
    code: 'elf-no-segments',
    field,
    got,
    expected: 'there must be a PT_LOAD segment with bytes in the file',
    fix: 'link it with a linker script for the target',
  });
}
