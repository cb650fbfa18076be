import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadElf } from '../../../emulator/elf/load-elf.js';
import { UserError } from '../../../emulator/errors.js';
import { at, elfFile, patched, plainSegment, shf, sht, stInfo } from './elf-file.js';

const text = {
  name: '.text',
  type: sht.progbits,
  flags: shf.alloc | shf.execute,
  address: 0x08000008,
  size: 0,
};

function messageOf(bytes: Uint8Array): string {
  try {
    loadElf(bytes, 'fw.elf');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  return 'loaded';
}

describe('loadElf reads', () => {
  it('the entry without its Thumb bit', () => {
    expect(loadElf(elfFile(), 'fw.elf')).toMatchObject({ name: 'fw.elf', entry: 0x08000008 });
  });

  it('segments at their physical address, in rising order, with their bytes', () => {
    const data = {
      physical: 0x08000100,
      virtual: 0x20000000,
      bytes: Uint8Array.of(1, 2, 3),
      memorySize: 64,
      flags: 6,
    };
    const { segments } = loadElf(elfFile({ segments: [data, plainSegment] }), 'fw.elf');
    expect(segments.map(({ physicalAddress }) => physicalAddress)).toEqual([0x08000000, 0x08000100]);
    expect(segments[1]).toMatchObject({ virtualAddress: 0x20000000, memorySize: 64 });
    expect(segments[1]?.flags).toEqual({ read: true, write: true, execute: false });
    expect([...(segments[1]?.fileBytes ?? [])]).toEqual([1, 2, 3]);
  });

  it('no segment without bytes in the file', () => {
    const bss = { physical: 0x20000000, bytes: new Uint8Array(0), memorySize: 512, flags: 6 };
    expect(loadElf(elfFile({ segments: [plainSegment, bss] }), 'fw.elf').segments).toHaveLength(1);
  });

  it('sections with names, types and flags', () => {
    const bss = {
      name: '.bss',
      type: sht.nobits,
      flags: shf.alloc | shf.write,
      address: 0x20000000,
      size: 400,
    };
    const { sections } = loadElf(elfFile({ sections: [bss] }), 'fw.elf');
    expect(sections.map(({ name }) => name)).toEqual(['', '.bss', '.symtab', '.strtab', '.shstrtab']);
    expect(sections[1]).toEqual({
      name: '.bss',
      type: 'nobits',
      flags: { alloc: true, write: true, execute: false },
      address: 0x20000000,
      size: 400,
    });
  });

  it('a file without section table', () => {
    const image = loadElf(elfFile({ withoutSections: true }), 'fw.elf');
    expect(image).toMatchObject({ sections: [], symbols: [] });
    expect(image.segments).toHaveLength(1);
  });
});

describe('loadElf finds symbols', () => {
  const sections = [{ ...text, address: 0x08000100, size: 0x100 }];
  const symbols = [
    { name: 'main.c', value: 0, info: stInfo.file, section: 0xfff1 },
    { name: 'helper', value: 0x08000141, size: 8, info: stInfo.localFunction, section: 1 },
    { name: 'handler', value: 0x08000121, size: 4, info: stInfo.weakFunction, section: 1 },
    { name: 'default_handler', value: 0x08000121, size: 4, info: stInfo.globalFunction, section: 1 },
    { name: 'start', value: 0x08000101, size: 0x10, info: stInfo.globalFunction, section: 1 },
    { name: 'last', value: 0x080001f1, info: stInfo.globalFunction, section: 1 },
    { name: 'table', value: 0x20000001, size: 5, info: stInfo.globalObject, section: 0xfff1 },
    { name: 'helper', value: 0x08000151, size: 8, info: stInfo.globalFunction, section: 1 },
    { name: 'imported', value: 0, info: stInfo.globalFunction, section: 0 },
  ];
  const image = loadElf(elfFile({ sections, symbols }), 'fw.elf');

  it('by name, with the Thumb bit apart for functions only', () => {
    expect(image.symbol('start')).toMatchObject({
      address: 0x08000100,
      thumb: true,
      type: 'function',
      section: 1,
    });
    expect(image.symbol('table')).toMatchObject({ address: 0x20000001, thumb: false, type: 'object' });
    expect(image.symbol('table')?.section).toBeUndefined();
  });

  it('global before local, and neither undefined ones nor file names', () => {
    expect(image.symbol('helper')).toMatchObject({ address: 0x08000150, binding: 'global' });
    expect(image.symbol('imported')).toBeUndefined();
    expect(image.symbol('main.c')).toBeUndefined();
  });

  it('by address: inside a size, in no gap, past an unsized one to the section end', () => {
    const nameAt = (address: number) => image.symbolAt(address)?.name;
    expect(nameAt(0x08000100)).toBe('start');
    expect(nameAt(0x0800010f)).toBe('start');
    expect(nameAt(0x08000110)).toBeUndefined();
    expect(nameAt(0x08000120)).toBe('default_handler');
    expect(nameAt(0x080001ff)).toBe('last');
    expect(nameAt(0x08000200)).toBeUndefined();
    expect(nameAt(0x080000ff)).toBeUndefined();
  });
});

describe('loadElf refuses, naming the field and its value', () => {
  const good = elfFile({
    sections: [text],
    symbols: [{ name: 'f', value: 9, info: stInfo.globalFunction, section: 1 }],
  });
  const view = new DataView(good.buffer);
  const phoff = view.getUint32(at.phoff, true);
  const shoff = view.getUint32(at.shoff, true);
  const symtab = shoff + 2 * 40;
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /fw\.elf: the file is empty/],
    [
      'text',
      new TextEncoder().encode('#include <stdio.h>\n'),
      /e_ident .* is 23 69 6e 63, but must be 7f 45 4c 46/,
    ],
    ['a bare ident', good.slice(0, 16), /the ELF header is bytes 0 to 52 of the file, but .* only 16 bytes/],
    ['64 bits', patched(good, at.class, 2, 1), /e_ident\[EI_CLASS\] is 2 \(64-bit\)/],
    ['big-endian', patched(good, at.data, 2, 1), /e_ident\[EI_DATA\] is 2 \(big-endian\)/],
    ['another machine', patched(good, at.machine, 62), /e_machine is 62 \(x86-64\), but must be 40 \(Arm\)/],
    ['an object file', patched(good, at.type, 1), /e_type is 1 \(relocatable object\), but must be 2/],
    ['an even entry', patched(good, at.entry, 0x08000008, 4), /e_entry is 0x08000008, but must be odd/],
    ['no program headers', patched(good, at.phnum, 0), /e_phnum is 0/],
    ['only empty segments', patched(good, phoff + 16, 0, 4), /segments to load is 0/],
    ['odd program headers', patched(good, at.phentsize, 31), /e_phentsize is 31, but must be 32 bytes/],
    ['program headers outside', patched(good, at.phoff, 0xffff0000, 4), /the program header table is bytes/],
    ['odd section headers', patched(good, at.shentsize, 0), /e_shentsize is 0, but must be 40 bytes/],
    ['sections outside', patched(good, at.shoff, good.length - 1, 4), /the section header table is bytes/],
    ['a wild e_shstrndx', patched(good, at.shstrndx, 99), /e_shstrndx is 99, but must be below e_shnum, 5/],
    ['names that are none', patched(good, at.shstrndx, 1), /e_shstrndx is section 1 of type progbits/],
    [
      'segment data outside',
      patched(good, phoff + 4, 0x7fffffff, 4),
      /program header 0, the segment's data is bytes/,
    ],
    [
      'memory below the file size',
      patched(good, phoff + 20, 1, 4),
      /program header 0, p_memsz is 1, but must be/,
    ],
    [
      'addresses past 32 bits',
      patched(good, phoff + 12, 0xfffffffc, 4),
      /p_paddr is 0xfffffffc with 12 bytes/,
    ],
    [
      'a symbol table outside',
      patched(good, symtab + 16, 0x7ffffff0, 4),
      /section 2, its bytes is bytes 2147483632/,
    ],
    ['half a symbol', patched(good, symtab + 20, 17, 4), /\.symtab, sh_size is 17 in entries of 16/],
    [
      'symbols without names',
      patched(good, symtab + 24, 1, 4),
      /\.symtab, sh_link is 1, but must name a string table/,
    ],
  ];

  it.each(cases)('%s', (_name, bytes, expected) => {
    expect(messageOf(good)).toBe('loaded');
    expect(messageOf(bytes)).toMatch(expected);
  });

  it('overlapping segments, naming both', () => {
    const second = { ...plainSegment, physical: 0x08000008 };
    const message = messageOf(elfFile({ segments: [second, plainSegment] }));
    expect(message).toMatch(
      /p_paddr of a segment is 0x08000008, but must not lie inside .*0x08000000 to 0x0800000c/,
    );
  });

  it("the host's own executable", () => {
    const host = readFileSync('/bin/true');
    expect(messageOf(host)).toMatch(
      /fw\.elf: e_machine is (62 \(x86-64\)|183 \(AArch64\)), but must be 40 \(Arm\)/,
    );
  });

  it('a symbol name without end, even one that every symbol shares', () => {
    const symbols = Array.from({ length: 2000 }, (_, index) => ({
      name: index === 0 ? 'x'.repeat(200_000) : '',
      value: 9,
      info: stInfo.globalFunction,
      section: 0xfff1,
    }));
    expect(messageOf(elfFile({ symbols }))).toMatch(/symbol 1, st_name is 1, but a name must end within/);
  });
});
