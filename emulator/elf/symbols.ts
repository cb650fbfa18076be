/**
 * The symbol table, .symtab (ELF specification 1.2, "Symbol Table"; ELF for the Arm Architecture, 5.5.3 for
 * the Thumb bit). Undefined symbols and file names are left out; mapping symbols stay.
 */
import type { Section } from 'elfy';
import { ElfBytes } from './elf-bytes.js';
import { elfError } from './elf-error.js';
import type { ElfSection, ElfSymbol, ElfSymbolBinding, ElfSymbolType } from './elf-image.js';
import { readName } from './read-name.js';

const ENTRY_SIZE = 16;
const SHN_UNDEF = 0;
const SHN_LORESERVE = 0xff00;

const types: readonly ElfSymbolType[] = ['none', 'object', 'function', 'section', 'file', 'common', 'tls'];
const bindings: readonly ElfSymbolBinding[] = ['local', 'global', 'weak'];

/** @returns an empty list for a stripped file */
export function readSymbols(
  entries: readonly Section[],
  sections: readonly ElfSection[],
  file: string,
): ElfSymbol[] {
  const table = entries.find((entry) => entry.type === 'symtab');
  if (table === undefined) return [];
  const strings = checkTable(table, entries, file);
  const bytes = ElfBytes.over(table.data);
  const symbols: ElfSymbol[] = [];
  for (let offset = ENTRY_SIZE; offset < bytes.length; offset += ENTRY_SIZE) {
    const symbol = readSymbol(bytes, offset, strings, sections, file);
    if (symbol !== undefined) symbols.push(symbol);
  }
  return symbols;
}

/** Returns the table's string table. */
function checkTable(table: Section, entries: readonly Section[], file: string): Uint8Array {
  if (table.entsize !== ENTRY_SIZE || table.size % ENTRY_SIZE !== 0) {
    throw elfError(file, {
      code: 'elf-symbols',
      field: '.symtab, sh_size',
      got: `${table.size} in entries of ${table.entsize}`,
      expected: `must be a whole number of entries of ${ENTRY_SIZE} bytes`,
    });
  }
  const strings = entries[table.link];
  if (strings?.type !== 'strtab') {
    const got = String(table.link);
    throw elfError(file, {
      code: 'elf-symbols',
      field: '.symtab, sh_link',
      got,
      expected: 'must name a string table',
    });
  }
  return strings.data;
}

function readSymbol(
  bytes: ElfBytes,
  offset: number,
  strings: Uint8Array,
  sections: readonly ElfSection[],
  file: string,
): ElfSymbol | undefined {
  const info = bytes[offset + 12] ?? 0;
  const type = types[info & 0xf] ?? 'other';
  const index = bytes.readUInt16LE(offset + 14);
  if (index === SHN_UNDEF || type === 'file') return undefined;
  const named = `symbol ${offset / ENTRY_SIZE}`;
  if (index < SHN_LORESERVE && index >= sections.length) {
    const expected = `must be below e_shnum, ${sections.length}`;
    throw elfError(file, { code: 'elf-symbols', field: `${named}, st_shndx`, got: String(index), expected });
  }
  const value = bytes.readUInt32LE(offset + 4);
  const thumb = type === 'function' && (value & 1) === 1;
  return {
    name: readName(strings, bytes.readUInt32LE(offset), `${named}, st_name`, file),
    address: thumb ? value - 1 : value,
    thumb,
    size: bytes.readUInt32LE(offset + 8),
    type,
    binding: bindings[info >> 4] ?? 'other',
    section: index < SHN_LORESERVE ? index : undefined,
  };
}
