/** The part of elfy 1.0.0 that we call; the package ships no types. */
declare module 'elfy' {
  export interface Header {
    readonly type: string | undefined;
    readonly machine: string | undefined;
    readonly entry: number;
    readonly phoff: number;
    readonly shoff: number;
    readonly flags: number;
    readonly phnum: number;
    readonly shnum: number;
    readonly shstrndx: number;
  }

  export interface Program {
    /** `load`, `note`, ...; undefined where elfy has no name for it. */
    readonly type: string | undefined;
    readonly offset: number;
    readonly vaddr: number;
    readonly paddr: number;
    readonly filesz: number;
    readonly memsz: number;
    readonly flags: Readonly<Record<string, boolean>>;
    readonly data: Uint8Array;
  }

  export interface Section {
    /** Offset of the name in the section name table. */
    readonly name: number;
    readonly type: string | number;
    readonly flags: Readonly<Record<string, boolean>>;
    readonly addr: number;
    readonly off: number;
    readonly size: number;
    readonly link: number;
    readonly entsize: number;
    readonly data: Uint8Array;
  }

  export class Parser {
    parseHeader(bytes: Uint8Array): Header;
    parsePrograms(bytes: Uint8Array, header: Header): Program[];
    parseSections(bytes: Uint8Array, header: Header): Section[];
  }

  const elfy: { readonly Parser: typeof Parser };
  export default elfy;
}
