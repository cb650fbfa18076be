/**
 * What the machine, the command line and the harness know of an ELF file: types only. `loadElf` makes one.
 * Addresses are 32-bit unsigned numbers; sizes are bytes.
 */
import type { BuildAttributes } from './build-attributes.js';

/** One PT_LOAD entry with bytes in the file, as a programmer writes it to memory. */
export interface ElfSegment {
  /** p_paddr: where the bytes are programmed (the load address; flash for .data). */
  readonly physicalAddress: number;
  /** p_vaddr: where the program expects them while it runs. */
  readonly virtualAddress: number;
  /** Exactly p_filesz bytes, a view of the file. */
  readonly fileBytes: Uint8Array;
  /** p_memsz, at least fileBytes.length; the rest is the program's own to clear. */
  readonly memorySize: number;
  readonly flags: { readonly read: boolean; readonly write: boolean; readonly execute: boolean };
}

/** A section header. */
export interface ElfSection {
  readonly name: string;
  /** Lower case, without SHT_: `progbits`, `nobits`, `init_array`; a decimal number where it has no name. */
  readonly type: string;
  readonly flags: { readonly alloc: boolean; readonly write: boolean; readonly execute: boolean };
  /** The address at run time. */
  readonly address: number;
  readonly size: number;
}

export type ElfSymbolType = 'none' | 'object' | 'function' | 'section' | 'file' | 'common' | 'tls' | 'other';
export type ElfSymbolBinding = 'local' | 'global' | 'weak' | 'other';

/** A defined symbol. */
export interface ElfSymbol {
  readonly name: string;
  /** The Thumb bit of a function is removed; see `thumb`. */
  readonly address: number;
  /** True for a function whose st_value has bit 0 set. */
  readonly thumb: boolean;
  /** st_size; 0 where the assembler gave none. */
  readonly size: number;
  readonly type: ElfSymbolType;
  readonly binding: ElfSymbolBinding;
  /** Index of its section in `ElfImage.sections`; undefined for an absolute symbol. */
  readonly section: number | undefined;
}

/** A linked Cortex-M program: what of its file concerns the machine. */
export interface ElfImage {
  /** The file's name, for messages. */
  readonly name: string;
  /** e_entry without its Thumb bit. A reset does not use it: the core reads the vector table. */
  readonly entry: number;
  /** In rising physical address; they do not overlap. */
  readonly segments: readonly ElfSegment[];
  /** In the file's order, the null section included, so that an index means what it means in the file. */
  readonly sections: readonly ElfSection[];
  /** Defined symbols in the table's order: no imports, no file names; mapping symbols ($t, $d) included. */
  readonly symbols: readonly ElfSymbol[];
  /** What it was built for; undefined where the file does not say. */
  readonly attributes: BuildAttributes | undefined;
  /** The file's bytes of the first section with this name, a view; undefined where it has none. */
  sectionBytes(name: string): Uint8Array | undefined;
  /** By name; where several share it, a global comes before a weak one, a weak before a local. */
  symbol(name: string): ElfSymbol | undefined;
  /**
   * The function at an address: the one whose size covers it, or, where the nearest one below has no size,
   * that one, as long as both lie in one section. Undefined outside every function.
   */
  symbolAt(address: number): ElfSymbol | undefined;
}
