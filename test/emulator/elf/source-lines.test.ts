/** Source lines against GNU addr2line: every halfword of code, every version of DWARF, C and assembly. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ElfImage } from '../../../emulator/elf/elf-image.js';
import { loadElf } from '../../../emulator/elf/load-elf.js';
import { type SourceLine, sourceLines } from '../../../emulator/elf/source-lines.js';
import { addressLines } from '../../witness/addr2line.js';
import { buildElf } from '../../witness/compiler.js';
import { makeRandom } from '../decode/random-words.js';
import { damaged } from './mutations.js';

const SOURCE = `
#include <stdint.h>
#ifndef PRINT
#include <stdio.h>
#define PRINT printf
#endif
static inline int square(int n) { return n * n; }
static volatile int sink;
__attribute__((noinline)) int sum(const int *values, int count)
{
    int total = 0;
    for (int i = 0; i < count; i++) {
        if (values[i] > 3)
            total += square(values[i]);
        else
            total -= values[i];
    }
    return total;
}
int never_called(int n) { return n + sink; }
#line 700 "elsewhere/generated.c"
__attribute__((noinline)) float mean(const float *values, int count)
{
    float total = 0;
    while (count-- > 0) total += *values++;
    return total / 8;
}
#line 30 "back.c"
int main(void)
{
    int values[] = {1, 2, 5, 7};
    sink = sum(values, 4);
    switch (sink) { case 1: sink = 0; break; case 2: sink++; break; case 99: sink = square(sink); }
    PRINT("%d\\n", (int)mean((float[]){1, 2, 3}, 3));
    return 0;
}
`;

const load = (path: string): ElfImage => loadElf(readFileSync(path), 'lines.elf');

/** Every halfword of executable sections. */
function codeAddresses(elf: ElfImage): number[] {
  const code = elf.sections.filter(({ flags, type }) => flags.execute && type === 'progbits');
  return code.flatMap(({ address, size }) => Array.from({ length: size >> 1 }, (_, k) => address + 2 * k));
}

/** addr2line puts the folder that the compiler ran in before a path; ours may start with some `../` of it. */
function isSame(ours: SourceLine | undefined, theirs: string | undefined): boolean {
  if (ours === undefined || theirs === undefined) return ours === theirs;
  const place = `${posix.normalize(ours.file).replace(/^(\.\.\/)+/, '')}:${ours.line}`;
  const whole = posix.normalize(theirs);
  return posix.isAbsolute(place) ? whole === place : whole.endsWith(`/${place}`);
}

/**
 * Where ours and addr2line's differ, and how many lines we know. Asked for many addresses in one run,
 * addr2line 2.40 does not know a few that it knows when they are asked for alone.
 */
function compared(path: string, from = 0) {
  const elf = load(path);
  const addresses = codeAddresses(elf).filter((address) => address >= from);
  const ours = sourceLines(elf, addresses);
  const theirs = addressLines(path, addresses);
  const differences = addresses.flatMap((address, k) => {
    const line = ours.get(address);
    if (isSame(line, theirs[k]) || isSame(line, addressLines(path, [address])[0])) return [];
    return [`0x${address.toString(16)}: ${line?.file}:${line?.line}, addr2line ${theirs[k]}`];
  });
  return { known: ours.size, differences };
}

const versions = [2, 3, 4, 5];
const levels = ['-O0', '-O2'];
const cases = versions.flatMap((version) => levels.map((level) => [`-gdwarf-${version}`, level]));

const ASSEMBLY = `
  .syntax unified
  .section .vectors, "a"
  .word 0x20001000, Reset_Handler
  .text
  .global Reset_Handler
  .type Reset_Handler, %function
Reset_Handler:
  movs r0, #1
  ldr.w r1, =0x20000000
  b 1f
  .word 12345
1: str r0, [r1]
  .section .text.other, "ax"
  nop
  b .
`;

describe('sourceLines and addr2line agree', () => {
  it.each(cases)('on C built %s %s', (version, level) => {
    const path = buildElf(SOURCE, { language: 'c', mcu: 'stm32l496zg', flags: [version, level] });
    const { known, differences } = compared(path);
    expect(differences).toEqual([]);
    expect(known).toBeGreaterThan(4000);
  });

  it.each(versions)('on assembly with -gdwarf-%s', (version) => {
    const options = { language: 's', mcu: 'mps2-an386', startup: 'own' } as const;
    const { known, differences } = compared(
      buildElf(ASSEMBLY, { ...options, flags: [`-gdwarf-${version}`] }),
    );
    expect(differences).toEqual([]);
    expect(known).toBe(9);
  });

  it('where functions were dropped by the linker, in memory that starts at 0', () => {
    const flags = ['-ffunction-sections', '-Wl,--gc-sections', '-Wl,-u,main', '-O0'];
    const path = buildElf(SOURCE, { language: 'c', mcu: 'mps2-an386', flags });
    // addr2line takes the vector table for the functions that were dropped; we do not.
    const { known, differences } = compared(path, 0x40);
    expect(differences).toEqual([]);
    expect(known).toBeGreaterThan(4000);
    expect(sourceLines(load(path), [0, 4, 0x20]).size).toBe(0);
  });
});

describe('sourceLines of an ELF', () => {
  it('without DWARF, or stripped, knows nothing', () => {
    const options = { language: 'c', mcu: 'stm32l496zg' } as const;
    for (const flags of [['-g0'], ['-s'], ['-Wl,--strip-debug']]) {
      const elf = load(buildElf('int main(void) { return 0; }', { ...options, flags }));
      expect(sourceLines(elf, codeAddresses(elf)).size).toBe(0);
    }
  });

  it('with compressed sections knows nothing of them', () => {
    const flags = ['-gz=zlib'];
    const elf = load(buildElf('int main(void) { return 0; }', { language: 'c', mcu: 'stm32l496zg', flags }));
    expect(sourceLines(elf, codeAddresses(elf)).size).toBe(0);
  });
});

/** As many as there are mutations of whole files; see damage.test.ts. */
const MUTATIONS = Number(process.env.M4LAB_ELF_FILES ?? 3000);
/** Of the host; an undamaged table takes one or two. */
const MOST_MILLISECONDS = 500;

describe('damaged DWARF', () => {
  const names = ['.debug_line', '.debug_line_str', '.debug_str'];

  it.each([3, 5])(
    'version %s never throws, and soon ends',
    { timeout: 60_000 + 5 * MUTATIONS },
    (version) => {
      const flags = [`-gdwarf-${version}`];
      const elf = load(buildElf(SOURCE, { language: 'c', mcu: 'stm32l496zg', flags }));
      const whole = new Map(names.map((name) => [name, elf.sectionBytes(name) ?? new Uint8Array()]));
      const addresses = codeAddresses(elf).filter((_, k) => k % 16 === 0);
      const undamaged = sourceLines(elf, addresses).size;
      const random = makeRandom(72 + version);
      const outcomes = { same: 0, fewer: 0 };
      let slowest = 0;
      for (let round = 0; round < MUTATIONS / 2; round++) {
        const sections = new Map([...whole].map(([name, bytes]) => [name, damaged(bytes, random)]));
        const began = performance.now();
        const lines = sourceLines({ ...elf, sectionBytes: (name) => sections.get(name) }, addresses);
        slowest = Math.max(slowest, performance.now() - began);
        expect([...lines.values()].every(({ file, line }) => file !== '' && line > 0)).toBe(true);
        outcomes[lines.size < undamaged ? 'fewer' : 'same']++;
      }
      expect(outcomes.same).toBeGreaterThan(MUTATIONS / 100);
      expect(outcomes.fewer).toBeGreaterThan(MUTATIONS / 100);
      expect(slowest).toBeLessThan(MOST_MILLISECONDS);
    },
  );

  it('at every length is read as far as it goes', () => {
    const elf = load(buildElf(ASSEMBLY, { language: 's', mcu: 'mps2-an386', startup: 'own' }));
    const addresses = codeAddresses(elf);
    const line = elf.sectionBytes('.debug_line') ?? new Uint8Array();
    for (let length = 0; length <= line.length; length++) {
      const sectionBytes = (name: string) =>
        name === '.debug_line' ? line.subarray(0, length) : elf.sectionBytes(name);
      expect(sourceLines({ ...elf, sectionBytes }, addresses).size).toBe(length < line.length ? 0 : 9);
    }
  });
});
