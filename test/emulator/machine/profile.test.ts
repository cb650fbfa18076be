import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../emulator/errors.js';
import {
  findRegion,
  isMapped,
  mappedRanges,
  mcuJsonSchema,
  parseMcuProfile,
} from '../../../emulator/machine/profile.js';

type Json = { [key: string]: Json } & Record<string, never>;

const folder = join(import.meta.dirname, '..', '..', '..', 'profiles', 'mcu');
const files = readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'mcu.schema.json');

function raw(file: string): Json {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;
}

function shipped(file: string) {
  return parseMcuProfile(raw(file), file);
}

/** The shipped STM32 profile with one field replaced (or removed, by undefined). */
function messageWith(path: readonly (string | number)[], value: unknown): string {
  const json = raw('stm32l496zg.json');
  let parent: Record<string | number, unknown> = json;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  try {
    parseMcuProfile(json, 'p.json');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  return 'parsed';
}

/** Paths of every number and hexadecimal string. */
function figures(value: unknown, path: string): string[] {
  if (typeof value === 'number' || (typeof value === 'string' && value.startsWith('0x'))) return [path];
  if (typeof value !== 'object' || value === null) return [];
  const join = (key: string) => (path === '' ? key : `${path}.${key}`);
  return Object.entries(value).flatMap(([key, entry]) => figures(entry, join(key)));
}

describe('the shipped profiles', () => {
  it('are there', () => {
    expect(files.sort()).toEqual([
      'mps2-an386.json',
      'stm32f407vg.json',
      'stm32l496zg.json',
      'stm32l4r5zi.json',
    ]);
  });

  it.each(files)('%s parses, is named like its file, and points editors to the schema', (file) => {
    expect(`${shipped(file).name}.json`).toBe(file);
    expect(raw(file).$schema).toBe('./mcu.schema.json');
  });

  it.each(files)('%s gives a source for every figure, and no source for nothing', (file) => {
    const { sources, ...rest } = raw(file);
    const keys = Object.keys(sources ?? {});
    const covered = (path: string) => keys.find((key) => path === key || path.startsWith(`${key}.`));
    const paths = figures(rest, '');
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => covered(path) === undefined)).toEqual([]);
    const used = new Set([...paths.map(covered), 'core.fpu', 'timing']);
    expect(keys.filter((key) => !used.has(key))).toEqual([]);
  });

  it('mcu.schema.json is what the code generates (npm run schema writes it)', async () => {
    const text = `${JSON.stringify(mcuJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(folder, 'mcu.schema.json'));
  });
});

describe('the STM32L496ZG', () => {
  const mcu = shipped('stm32l496zg.json');

  it('has 1 MB of flash and 256 + 64 KB of SRAM, as numbers', () => {
    const sizes = mcu.memory.map(({ name, size }) => [name, size]);
    expect(sizes).toEqual([
      ['flash', 1024 * 1024],
      ['sram1', 256 * 1024],
      ['sram2', 64 * 1024],
    ]);
  });

  it('boots from flash at 0 and shows SRAM2 twice, next to SRAM1', () => {
    expect(findRegion(mcu, 0)?.name).toBe('flash');
    expect(findRegion(mcu, 0x10000000)?.name).toBe('sram2');
    expect(findRegion(mcu, 0x2004ffff)?.name).toBe('sram2');
    expect(findRegion(mcu, 0x20050000)).toBeUndefined();
    expect(mappedRanges(mcu).map(({ start }) => start)).toEqual([
      0, 0x08000000, 0x10000000, 0x20000000, 0x20040000,
    ]);
  });

  it('tells what lies wholly in one region', () => {
    expect(findRegion(mcu, 0x080ffffc, 4)?.name).toBe('flash');
    expect(findRegion(mcu, 0x080ffffc, 5)).toBeUndefined();
  });

  it('tells what is memory throughout: SRAM1 and SRAM2 are one block of 320 KB', () => {
    expect(isMapped(mcu, 0x20000000, 320 * 1024)).toBe(true);
    expect(isMapped(mcu, 0x20000000, 320 * 1024 + 1)).toBe(false);
    expect(isMapped(mcu, 0x1ffffffc, 8)).toBe(false);
    expect(isMapped(mcu, 0x40000000, 1)).toBe(false);
    expect(findRegion(mcu, 0x2003fffc, 8)).toBeUndefined();
  });
});

describe('parseMcuProfile refuses, naming the field', () => {
  const cases: readonly [string, (string | number)[], unknown, RegExp][] = [
    ['another schema', ['schema'], 'm4lab.mcu/2', /p\.json: schema must be "m4lab\.mcu\/1"; /],
    ['a missing field', ['clocks', 'maxHz'], undefined, /clocks\.maxHz must be number, and is missing;/],
    ['another kind of value', ['clocks'], [], /clocks must be object, not array;/],
    ['an unknown field', ['core', 'speed'], 1, /core .*speed/],
    ['a number for an address', ['memory', 0, 'base'], 134217728, /memory\[0\]\.base /],
    ['a bare hexadecimal', ['memory', 1, 'size'], '40000', /memory\[1\]\.size must be a string of the form/],
    ['an empty region', ['memory', 1, 'size'], '0x0', /memory\[1\]\.size must be more than 0/],
    ['two regions of a name', ['memory', 2, 'name'], 'sram1', /memory\[2\]\.name must differ/],
    ['an overlapping alias', ['memory', 2, 'aliases'], ['0x2003FFFF'], /"sram2" must not overlap "sram1"/],
    ['a region past 32 bits', ['memory', 2, 'aliases'], ['0xFFFFFFFF'], /"sram2" must end within 32-bit/],
    ['a wild vector table', ['vectorTable'], '0x40000000', /vectorTable must lie in a memory region/],
    ['a reset clock too high', ['clocks', 'resetHz'], 90000000, /clocks\.resetHz must not be above maxHz/],
    [
      'wait states out of order',
      ['flash', 'waitStates', 1, 'upToHz'],
      5,
      /waitStates\[1\]\.upToHz must be above/,
    ],
    [
      'wait states that end early',
      ['flash', 'waitStates'],
      [{ upToHz: 5, waitStates: 0 }],
      /must reach clocks\.maxHz/,
    ],
    ['a text parameter', ['timing', 'parameters'], { refill: '1' }, /timing\.parameters\.refill /],
  ];

  it.each(cases)('%s', (_name, path, value, expected) => {
    expect(messageWith(['name'], 'stm32l496zg')).toBe('parsed');
    expect(messageWith(path, value)).toMatch(expected);
  });

  it('no object at all', () => {
    expect(() => parseMcuProfile(null, 'p.json')).toThrow(/p\.json: the file/);
  });
});
