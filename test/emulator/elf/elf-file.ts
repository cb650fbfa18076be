/**
 * Writes small ELF files byte by byte, after the ELF specification and not after our reader, so that tests
 * can break any field. It is no linker.
 */

export interface SegmentSpec {
  readonly physical: number;
  readonly virtual?: number;
  readonly bytes: Uint8Array;
  readonly memorySize?: number;
  /** 4 read, 2 write, 1 execute. */
  readonly flags?: number;
}

export interface SectionSpec {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly size: number;
}

export interface SymbolSpec {
  readonly name: string;
  readonly value: number;
  readonly size?: number;
  /** binding * 16 + type. */
  readonly info: number;
  /** Index in the file: 0 undefined, 1 the first section given, 0xfff1 absolute. */
  readonly section: number;
}

export interface ElfSpec {
  readonly entry?: number;
  readonly segments?: readonly SegmentSpec[];
  readonly sections?: readonly SectionSpec[];
  readonly symbols?: readonly SymbolSpec[];
  /** Leaves the section table out, as `strip --strip-section-headers` does. */
  readonly withoutSections?: boolean;
}

/** Offsets in the ELF header of a 32-bit file. */
export const at = {
  class: 4,
  data: 5,
  type: 16,
  machine: 18,
  entry: 24,
  phoff: 28,
  shoff: 32,
  phentsize: 42,
  phnum: 44,
  shentsize: 46,
  shnum: 48,
  shstrndx: 50,
} as const;

export const sht = { progbits: 1, symtab: 2, strtab: 3, nobits: 8, initArray: 14 } as const;
export const shf = { write: 1, alloc: 2, execute: 4 } as const;
export const stInfo = {
  localFunction: 0x02,
  globalFunction: 0x12,
  weakFunction: 0x22,
  globalObject: 0x11,
  file: 4,
} as const;

class StringTable {
  private text = '\0';

  add(name: string): number {
    const offset = this.text.length;
    this.text += `${name}\0`;
    return offset;
  }

  bytes(): Uint8Array {
    return new TextEncoder().encode(this.text);
  }
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(index * 4, value, true);
  });
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function symbolTable(symbols: readonly SymbolSpec[], names: StringTable): Uint8Array {
  const entries = symbols.map(({ name, value, size = 0, info, section }) =>
    words(names.add(name), value, size, info | (section << 16)),
  );
  return joined([words(0, 0, 0, 0), ...entries]);
}

function sectionTable(
  sections: readonly SectionSpec[],
  symtab: Uint8Array,
  strtab: Uint8Array,
  start: number,
) {
  const names = new StringTable();
  const symtabAt = start;
  const strtabAt = symtabAt + symtab.length;
  const namesAt = strtabAt + strtab.length;
  const count = sections.length;
  const own = sections.map((spec) =>
    words(names.add(spec.name), spec.type, spec.flags, spec.address, 0, spec.size, 0, 0, 4, 0),
  );
  const symtabEntry = words(
    names.add('.symtab'),
    sht.symtab,
    0,
    0,
    symtabAt,
    symtab.length,
    count + 2,
    1,
    4,
    16,
  );
  const strtabEntry = words(names.add('.strtab'), sht.strtab, 0, 0, strtabAt, strtab.length, 0, 0, 1, 0);
  const nameOffset = names.add('.shstrtab');
  const nameBytes = names.bytes();
  const namesEntry = words(nameOffset, sht.strtab, 0, 0, namesAt, nameBytes.length, 0, 0, 1, 0);
  const table = joined([words(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ...own, symtabEntry, strtabEntry, namesEntry]);
  return { data: joined([symtab, strtab, nameBytes]), table, count: count + 4 };
}

/** The default segment: a vector table and two Thumb instructions at 0x08000000. */
export const plainSegment: SegmentSpec = {
  physical: 0x08000000,
  bytes: words(0x20050000, 0x08000009, 0xbf00e7fe),
  flags: 5,
};

export function elfFile(spec: ElfSpec = {}): Uint8Array<ArrayBuffer> {
  const { entry = 0x08000009, segments = [plainSegment], sections = [], symbols = [] } = spec;
  const names = new StringTable();
  const symtab = symbolTable(symbols, names);
  const dataStart = 52 + 32 * segments.length;
  const image = joined(segments.map(({ bytes }) => bytes));
  let offset = dataStart;
  const programs = segments.map(
    ({ physical, virtual = physical, bytes, memorySize = bytes.length, flags = 5 }) => {
      const program = words(1, offset, virtual, physical, bytes.length, memorySize, flags, 4);
      offset += bytes.length;
      return program;
    },
  );
  const rest = sectionTable(sections, symtab, names.bytes(), offset);
  const shoff = spec.withoutSections ? 0 : offset + rest.data.length;
  const count = spec.withoutSections ? 0 : rest.count;
  const ident = words(0x464c457f, 0x00010101, 0, 0);
  const header = joined([
    ident,
    words(2 | (40 << 16), 1, entry, 52, shoff, 0x05000400, 52 | (32 << 16), segments.length | (40 << 16)),
    words(count | ((count === 0 ? 0 : count - 1) << 16)),
  ]);
  return joined([header, ...programs, image, ...(spec.withoutSections ? [] : [rest.data, rest.table])]);
}

/** A copy with one little-endian halfword or word replaced. */
export function patched(
  bytes: Uint8Array,
  offset: number,
  value: number,
  width: 1 | 2 | 4 = 2,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  if (width === 1) view.setUint8(offset, value);
  else if (width === 2) view.setUint16(offset, value, true);
  else view.setUint32(offset, value, true);
  return copy;
}
