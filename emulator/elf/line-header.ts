/**
 * One unit of .debug_line: its header and its tables of folders and files, versions 2 to 5 (DWARF 5, 6.2.4).
 * Its program is read elsewhere.
 */
import { Damaged, DwarfBytes } from './dwarf-bytes.js';

/** The sections that a line table refers to; a missing one is empty. */
export interface LineSections {
  readonly line: Uint8Array;
  readonly lineStrings: Uint8Array;
  readonly strings: Uint8Array;
}

export interface LineUnit {
  readonly version: number;
  /** 64-bit DWARF: offsets take 8 bytes. */
  readonly wide: boolean;
  readonly minimumInstruction: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of standard opcode n, LEB128 each, at n - 1. */
  readonly operands: readonly number[];
  /** The tables of names start here. */
  readonly tables: number;
  /** The program: from here to the unit's end. */
  readonly program: number;
  readonly end: number;
}

/** DW_LNCT_* and DW_FORM_* (DWARF 5, 7.22 and 7.5.6). */
const LNCT_PATH = 1;
const LNCT_DIRECTORY = 2;
const FORM = {
  ...{ data2: 0x05, data4: 0x06, data8: 0x07, string: 0x08, block: 0x09, data1: 0x0b },
  ...{ strp: 0x0e, udata: 0x0f, data16: 0x1e, lineStrp: 0x1f },
} as const;

/** @param reader at a unit, and left behind it. @returns a reader of that unit. @throws Damaged */
export function nextUnit(reader: DwarfBytes): { readonly unit: DwarfBytes; readonly wide: boolean } {
  const first = reader.u32();
  const wide = first === 0xffffffff;
  const length = wide ? reader.offset(true) : first;
  const start = reader.skip(length);
  return { unit: reader.part(start, start + length), wide };
}

/** Undefined: of a version that is not known. @throws Damaged */
export function readHeader(reader: DwarfBytes, wide: boolean): LineUnit | undefined {
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  // Address and segment selector size.
  if (version === 5) reader.skip(2);
  const headerLength = reader.offset(wide);
  const program = reader.at + headerLength;
  const minimumInstruction = reader.u8();
  if (version >= 4 && reader.u8() !== 1) throw new Damaged();
  // default_is_stmt: rows that are no good place for a breakpoint count here too.
  reader.skip(1);
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || program > reader.end) throw new Damaged();
  const operands = Array.from({ length: Math.max(opcodeBase - 1, 0) }, () => reader.u8());
  const { at: tables, end } = reader;
  const steps = { minimumInstruction, lineBase, lineRange, opcodeBase, operands };
  return { version, wide, ...steps, tables, program, end };
}

/** The path of a file, relative to the folder the compiler ran in unless it is absolute. @throws Damaged */
export function filePath(unit: LineUnit, sections: LineSections, file: number): string | undefined {
  const reader = new DwarfBytes(sections.line, unit.tables, unit.program);
  return unit.version < 5 ? oldPath(reader, file) : newPath(reader, unit, sections, file);
}

/** Versions 2 to 4: both tables count from 1; folder 0 is the one the compiler ran in. */
function oldPath(reader: DwarfBytes, file: number): string | undefined {
  const folders = [''];
  for (let folder = reader.name(); folder !== ''; folder = reader.name()) folders.push(folder);
  for (let index = 1; ; index++) {
    const name = reader.name();
    if (name === '') return undefined;
    const folder = reader.uleb();
    // Time and size of the file.
    reader.uleb();
    reader.uleb();
    if (index === file) return joined(folders[folder], name);
  }
}

interface Entry {
  readonly path: string;
  readonly folder: number;
}

/** Version 5: entries say what they hold; folder 0 is the one the compiler ran in. */
function newPath(
  reader: DwarfBytes,
  unit: LineUnit,
  sections: LineSections,
  file: number,
): string | undefined {
  const { at: folders, end } = reader;
  readEntry(reader, unit, sections, NONE);
  const entry = readEntry(reader, unit, sections, file);
  if (entry === undefined) return undefined;
  if (entry.folder === 0) return joined('', entry.path);
  const again = new DwarfBytes(sections.line, folders, end);
  return joined(readEntry(again, unit, sections, entry.folder)?.path, entry.path);
}

const NONE = -1;

/** Reads past a table of entries. @returns the one at an index: no other one's path is made */
function readEntry(
  reader: DwarfBytes,
  unit: LineUnit,
  sections: LineSections,
  wanted: number,
): Entry | undefined {
  const formats = Array.from({ length: reader.u8() }, () => [reader.uleb(), reader.uleb()] as const);
  const count = reader.uleb();
  // Each entry takes a byte at least: more of them than bytes would read nothing, for long.
  if (count > 0 && (formats.length === 0 || count > reader.end - reader.at)) throw new Damaged();
  let found: Entry | undefined;
  for (let index = 0; index < count; index++) {
    let path = '';
    let folder = 0;
    for (const [content, form] of formats) {
      const value = readForm(reader, form, unit.wide, index === wanted ? sections : undefined);
      if (content === LNCT_PATH) path = String(value);
      if (content === LNCT_DIRECTORY) folder = Number(value);
    }
    if (index === wanted) found = { path, folder };
  }
  return found;
}

/** @param sections undefined: a string of another section is passed over */
function readForm(
  reader: DwarfBytes,
  form: number,
  wide: boolean,
  sections: LineSections | undefined,
): string | number {
  const stringAt = (section: Uint8Array | undefined): string => {
    const offset = reader.offset(wide);
    return section === undefined ? '' : new DwarfBytes(section, offset).name();
  };
  switch (form) {
    case FORM.string:
      return reader.name();
    case FORM.lineStrp:
      return stringAt(sections?.lineStrings);
    case FORM.strp:
      return stringAt(sections?.strings);
    case FORM.udata:
      return reader.uleb();
    case FORM.data1:
      return reader.u8();
    case FORM.data2:
      return reader.u16();
    case FORM.data4:
      return reader.u32();
    case FORM.data8:
      return reader.skip(8);
    case FORM.data16:
      return reader.skip(16);
    case FORM.block:
      return reader.skip(reader.uleb());
    default:
      throw new Damaged();
  }
}

function joined(folder: string | undefined, name: string): string | undefined {
  if (folder === undefined || name === '') return undefined;
  const absolute = name.startsWith('/') || /^[A-Za-z]:[\\/]/.test(name);
  return folder === '' || absolute ? name : `${folder.replace(/[\\/]$/, '')}/${name}`;
}
