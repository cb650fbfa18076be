/**
 * What loadElf reads of the shipped firmware, held against GNU binutils: another reader of the same files.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElf } from '../../../emulator/elf/load-elf.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'firmware', 'prebuilt');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.elf'))
  .map((file) => join(folder, file));

function binutils(tool: string, ...args: string[]): string[] {
  return execFileSync(`arm-none-eabi-${tool}`, args, { encoding: 'utf8' }).trimEnd().split('\n');
}

describe('loadElf and binutils', () => {
  it('have files to compare', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files.map((file) => [basename(file), file]))('agree on the symbols of %s', (_name, file) => {
    const image = loadElf(readFileSync(file), file);
    const listed = binutils('nm', '--defined-only', '--no-sort', '--format=posix', file).map((line) => {
      const [name, , address = '', size = '0'] = line.split(' ');
      return `${name} ${Number.parseInt(address, 16)} ${size === '' ? 0 : Number.parseInt(size, 16)}`;
    });
    const ours = image.symbols
      .filter(({ name, type }) => type !== 'section' && !/^\$[adt](\.|$)/.test(name))
      .map(({ name, address, size }) => `${name} ${address} ${size}`);
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.sort()).toEqual(listed.sort());
  });

  it.each(files.map((file) => [basename(file), file]))('agree on the segments of %s', (_name, file) => {
    const listed = binutils('readelf', '--program-headers', '--wide', file).flatMap((line) => {
      const match = /^ +LOAD +\S+ (\S+) (\S+) (\S+) (\S+) ([R ][W ][E ]) /.exec(line);
      return match === null || Number(match[3]) === 0 ? [] : [match.slice(1).join(' ')];
    });
    const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;
    const ours = loadElf(readFileSync(file), file).segments.map(
      ({ virtualAddress, physicalAddress, fileBytes, memorySize, flags }) => {
        const access = `${flags.read ? 'R' : ' '}${flags.write ? 'W' : ' '}${flags.execute ? 'E' : ' '}`;
        const sizes = `${hex(fileBytes.length, 5)} ${hex(memorySize, 5)}`;
        return `${hex(virtualAddress, 8)} ${hex(physicalAddress, 8)} ${sizes} ${access}`;
      },
    );
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.sort()).toEqual(listed.sort());
  });

  it.each(files.map((file) => [basename(file), file]))('agree on the sections of %s', (_name, file) => {
    const listed = binutils('objdump', '--section-headers', '--wide', file).flatMap((line) => {
      const [index, name, size = '', address = ''] = line.trim().split(/ +/);
      const numbers = [Number.parseInt(address, 16), Number.parseInt(size, 16)];
      return /^\d+$/.test(index ?? '') ? [`${name} ${numbers.join(' ')}`] : [];
    });
    const own = ['null', 'symtab', 'strtab'];
    const ours = loadElf(readFileSync(file), file)
      .sections.filter(({ type }) => !own.includes(type))
      .map(({ name, address, size }) => `${name} ${address} ${size}`);
    expect(ours.length).toBeGreaterThan(3);
    expect(ours).toEqual(listed);
  });
});
