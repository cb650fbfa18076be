/**
 * Damaged ELF files: every truncation and thousands of mutations load or end in a UserError, and soon.
 * M4LAB_ELF_FILES sets how many mutations of the shipped firmware are loaded into a machine (3,000 when
 * absent).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElf } from '../../../emulator/elf/load-elf.js';
import { staticMemory } from '../../../emulator/elf/static-memory.js';
import { UserError } from '../../../emulator/errors.js';
import { Machine } from '../../../emulator/index.js';
import { noteFigure } from '../../conformance/figures.js';
import { makeRandom } from '../decode/random-words.js';
import { profileOf } from '../machine/guest-machine.js';
import { elfFile, plainSegment, shf, sht, stInfo } from './elf-file.js';
import { damaged } from './mutations.js';

const file = elfFile({
  segments: [
    plainSegment,
    { physical: 0x08000100, virtual: 0x20000000, bytes: Uint8Array.of(1, 2, 3, 4), flags: 6 },
  ],
  sections: [
    { name: '.text', type: sht.progbits, flags: shf.alloc | shf.execute, address: 0x08000008, size: 4 },
    { name: '.bss', type: sht.nobits, flags: shf.alloc | shf.write, address: 0x20000000, size: 400 },
  ],
  symbols: [
    { name: 'main', value: 0x08000009, size: 4, info: stInfo.globalFunction, section: 1 },
    { name: 'buffer', value: 0x20000000, size: 400, info: stInfo.globalObject, section: 2 },
  ],
});

/** Loads and asks everything there is to ask. Anything but a UserError leaves this function as it is. */
function use(bytes: Uint8Array): 'loaded' | 'refused' {
  try {
    const image = loadElf(bytes, 'damaged.elf');
    staticMemory(image);
    for (const symbol of image.symbols) image.symbolAt(symbol.address);
    image.symbol('main');
    return 'loaded';
  } catch (error) {
    if (error instanceof UserError) return 'refused';
    throw error;
  }
}

/** xorshift32: the same mutations in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const extremes = [0, 1, 0x7f, 0x80, 0xff];

function mutated(random: (below: number) => number): Uint8Array {
  const copy = new Uint8Array(file);
  const changes = 1 + random(8);
  for (let change = 0; change < changes; change++) {
    const offset = random(copy.length);
    const length = random(4) === 0 ? 4 : 1;
    const value = random(2) === 0 ? random(256) : (extremes[random(extremes.length)] ?? 0);
    copy.fill(value, offset, offset + length);
  }
  return copy;
}

describe('a damaged ELF', () => {
  it('is refused at every length but its own', () => {
    for (let length = 0; length < file.length; length++) {
      expect(use(file.slice(0, length)), `${length} bytes`).toBe('refused');
    }
    expect(use(file)).toBe('loaded');
  });

  it('never ends in anything but a UserError over 5,000 mutations', { timeout: 20_000 }, () => {
    const random = generator(0x6d346c61);
    const outcomes = { loaded: 0, refused: 0 };
    for (let round = 0; round < 5000; round++) outcomes[use(mutated(random))]++;
    expect(outcomes.loaded).toBeGreaterThan(500);
    expect(outcomes.refused).toBeGreaterThan(500);
  });

  it('never ends in anything but a UserError with any header byte at its extremes', () => {
    for (let offset = 0; offset < 52 + 64; offset++) {
      for (const value of extremes) {
        const copy = new Uint8Array(file);
        copy[offset] = value;
        expect(['loaded', 'refused']).toContain(use(copy));
      }
    }
  });
});

const SHIPPED = Number(process.env.M4LAB_ELF_FILES ?? 3000);
/** Enough to leave the vector table and run into what was damaged. */
const FIRST_INSTRUCTIONS = 50;
/** Of the host; the slowest undamaged one takes a few. */
const MOST_MILLISECONDS = 2000;

/** Loads into the machine and runs a little, unless something refuses it by a UserError. */
function start(machine: Machine, bytes: Uint8Array): 'refused' | 'unloadable' | 'loaded' {
  let outcome: 'refused' | 'unloadable' = 'refused';
  try {
    const image = loadElf(bytes, 'damaged.elf');
    staticMemory(image);
    outcome = 'unloadable';
    machine.load(image);
  } catch (error) {
    if (error instanceof UserError) return outcome;
    throw error;
  }
  machine.run({ maxInstructions: FIRST_INSTRUCTIONS });
  return 'loaded';
}

describe('damaged firmware', () => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'firmware', 'prebuilt');
  const mcus = ['stm32l496zg', 'mps2-an386'] as const;
  const timeout = 60_000 + 20 * SHIPPED;

  it(`is loaded or refused by name over ${SHIPPED} mutations`, { timeout }, () => {
    const random = makeRandom(71);
    const outcomes = { refused: 0, unloadable: 0, loaded: 0 };
    let slowest = 0;
    for (const mcu of mcus) {
      const machine = new Machine(profileOf(mcu));
      const names = readdirSync(join(folder, mcu)).filter((name) => name.endsWith('.elf'));
      const files = names.sort().map((name) => readFileSync(join(folder, mcu, name)));
      const rounds = SHIPPED / (mcus.length * files.length);
      for (const shipped of files) {
        expect(start(machine, shipped)).toBe('loaded');
        for (let round = 0; round < rounds; round++) {
          const began = performance.now();
          outcomes[start(machine, damaged(shipped, random))]++;
          slowest = Math.max(slowest, performance.now() - began);
        }
      }
    }
    noteFigure('refused by the loader', outcomes.refused);
    noteFigure('refused by the machine', outcomes.unloadable);
    noteFigure('loaded and started', outcomes.loaded);
    noteFigure('the slowest file, milliseconds', Math.ceil(slowest));
    expect(outcomes.refused).toBeGreaterThan(SHIPPED / 10);
    expect(outcomes.unloadable).toBeGreaterThan(0);
    expect(outcomes.loaded).toBeGreaterThan(SHIPPED / 10);
    expect(slowest).toBeLessThan(MOST_MILLISECONDS);
  });
});
