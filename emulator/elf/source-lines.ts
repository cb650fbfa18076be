/**
 * Source file and line of code addresses, out of .debug_line: all of it is run through at each question, and
 * nothing of it kept. Functions that the compiler put into others are in .debug_info, which is
 * not read: a line may be that of such a function.
 */
import { Damaged, DwarfBytes } from './dwarf-bytes.js';
import type { ElfImage } from './elf-image.js';
import { filePath, type LineSections, nextUnit, readHeader } from './line-header.js';
import { LineProgram } from './line-program.js';
import { type FoundLine, LineSearch } from './line-search.js';

/** A place in a source file. */
export interface SourceLine {
  /** As the compiler was given it: relative to the folder it ran in, or absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/**
 * The lines of instructions at these addresses; one that no table covers, or whose part of the tables is
 * damaged, is absent. Never throws.
 */
export function sourceLines(elf: ElfImage, addresses: Iterable<number>): Map<number, SourceLine> {
  const section = (name: string): Uint8Array => elf.sectionBytes(name) ?? new Uint8Array();
  const sections: LineSections = {
    line: section('.debug_line'),
    lineStrings: section('.debug_line_str'),
    strings: section('.debug_str'),
  };
  const search = new LineSearch(addresses);
  undamaged(() => {
    for (const reader = new DwarfBytes(sections.line); !reader.done; ) {
      const { unit, wide } = nextUnit(reader);
      undamaged(() => searchUnit(unit, wide, sections, search));
    }
  });
  return named(search.found, sections);
}

function searchUnit(reader: DwarfBytes, wide: boolean, { line }: LineSections, search: LineSearch): void {
  const unit = readHeader(reader, wide);
  if (unit === undefined) return;
  search.begin(unit);
  new LineProgram(unit, line, search).run();
}

function named(found: ReadonlyMap<number, FoundLine>, sections: LineSections): Map<number, SourceLine> {
  const paths = new Map<string, string | undefined>();
  const lines = new Map<number, SourceLine>();
  for (const [address, { unit, file, line }] of found) {
    const key = `${unit.tables} ${file}`;
    if (!paths.has(key))
      paths.set(
        key,
        undamaged(() => filePath(unit, sections, file)),
      );
    const path = paths.get(key);
    if (path !== undefined && line > 0) lines.set(address, { file: path, line });
  }
  return lines;
}

/** What `read` gives; undefined where the section is damaged. */
function undamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Damaged) return undefined;
    throw error;
  }
}
