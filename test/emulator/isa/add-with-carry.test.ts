/**
 * Sums, carries, overflows, products and quotients on a grid of boundary values, against integers without
 * limits (BigInt) and the Arm ARM's definition of AddWithCarry (DDI 0403, A2.2.1). Its oracle shares nothing
 * with the records.
 */
import { describe, expect, it } from 'vitest';
import { PATTERNS } from '../../../emulator/decode/decoder.js';
import { encode } from '../../../emulator/decode/encoder.js';
import { ArmState } from '../../witness/arm-state.js';
import { halfwordsOf } from '../decode/random-words.js';
import { HOME, SingleStep } from '../interpret/single-step.js';

const GRID = [0, 1, 2, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];
const WORD = 1n << 32n;
const [D, N, M, H] = [0, 1, 2, 3];

const u = (word: number): bigint => BigInt(word >>> 0);
const s = (word: number): bigint => BigInt(word | 0);
const not = (word: number): number => ~word >>> 0;
const unsigned = (value: bigint): number => Number(((value % WORD) + WORD) % WORD);

interface Sum {
  readonly result: number;
  /** NZCV */
  readonly flags: number;
}

/** AddWithCarry() by the sums of unbounded integers. */
function sumOf(x: number, y: number, carry: number): Sum {
  const unsignedSum = u(x) + u(y) + BigInt(carry);
  const signedSum = s(x) + s(y) + BigInt(carry);
  const result = unsigned(unsignedSum);
  const n = result >= 2 ** 31 ? 8 : 0;
  const z = result === 0 ? 4 : 0;
  const c = unsignedSum >= WORD ? 2 : 0;
  const v = signedSum !== s(result) ? 1 : 0;
  return { result, flags: n | z | c | v };
}

const core = new SingleStep();
const before = new ArmState();
const after = new ArmState();
before.r[15] = HOME;

type Fields = Readonly<Record<string, number>>;

/** Runs one instruction from these registers and NZCV, into `after`. */
function run(record: string, fields: Fields, registers: Readonly<Record<number, number>>, flags = 0): void {
  const pattern = PATTERNS.find(({ insn }) => `${insn.name} ${insn.encoding}` === record);
  if (pattern === undefined) throw new Error(`no record is called ${record}`);
  for (const [n, value] of Object.entries(registers)) before.r[Number(n)] = value;
  before.xpsr = ((flags << 28) | (1 << 24)) >>> 0;
  const signal = core.step(halfwordsOf(encode(pattern, fields), pattern.size), before, after);
  expect(signal).toBe('none');
}

interface SumCase {
  readonly record: string;
  readonly fields: Fields;
  /** Where the operands lie: the destructive forms have Rdn. */
  readonly first: number;
  readonly second: number;
  readonly oracle: (first: number, second: number, carry: number) => Sum;
  /** Compares write no register. */
  readonly writes?: number;
}

const ADD: SumCase['oracle'] = (a, b) => sumOf(a, b, 0);
const ADC: SumCase['oracle'] = (a, b, c) => sumOf(a, b, c);
const SUB: SumCase['oracle'] = (a, b) => sumOf(a, not(b), 1);
const SBC: SumCase['oracle'] = (a, b, c) => sumOf(a, not(b), c);
const RSB: SumCase['oracle'] = (a, b) => sumOf(not(a), b, 1);

const three = { n: N, m: M, d: D, s: 1 };
const SUMS: readonly SumCase[] = [
  { record: 'ADD (register) T1', fields: three, first: N, second: M, writes: D, oracle: ADD },
  { record: 'ADD (register) T3', fields: three, first: N, second: M, writes: D, oracle: ADD },
  { record: 'SUB (register) T1', fields: three, first: N, second: M, writes: D, oracle: SUB },
  { record: 'SUB (register) T2', fields: three, first: N, second: M, writes: D, oracle: SUB },
  { record: 'ADC (register) T1', fields: { d: D, m: M }, first: D, second: M, writes: D, oracle: ADC },
  { record: 'ADC (register) T2', fields: three, first: N, second: M, writes: D, oracle: ADC },
  { record: 'SBC (register) T1', fields: { d: D, m: M }, first: D, second: M, writes: D, oracle: SBC },
  { record: 'SBC (register) T2', fields: three, first: N, second: M, writes: D, oracle: SBC },
  { record: 'RSB (register) T1', fields: three, first: N, second: M, writes: D, oracle: RSB },
  { record: 'CMP (register) T1', fields: { n: N, m: M }, first: N, second: M, oracle: SUB },
  { record: 'CMP (register) T2', fields: { n: 8, m: M }, first: 8, second: M, oracle: SUB },
  { record: 'CMP (register) T3', fields: { n: N, m: M }, first: N, second: M, oracle: SUB },
  { record: 'CMN (register) T1', fields: { n: N, m: M }, first: N, second: M, oracle: ADD },
  { record: 'CMN (register) T2', fields: { n: N, m: M }, first: N, second: M, oracle: ADD },
];

const pairs = GRID.flatMap((a) => GRID.map((b) => [a, b] as const));

/** i:imm3:imm8 with the value that ThumbExpandImm gives it: as much of the grid as there is. */
const IMMEDIATES: readonly (readonly [field: number, value: number])[] = [
  [0x000, 0],
  [0x001, 1],
  [0x002, 2],
  [0x3ff, 0xffffffff],
  [0x400, 0x80000000],
  [0x17f, 0x007f007f],
];

const IMMEDIATE_SUMS = [
  ['ADD (immediate) T3', ADD],
  ['ADC (immediate) T1', ADC],
  ['SUB (immediate) T3', SUB],
  ['SBC (immediate) T1', SBC],
  ['RSB (immediate) T2', RSB],
  ['CMP (immediate) T2', SUB],
  ['CMN (immediate) T1', ADD],
] as const;

describe('sums', () => {
  it.each(SUMS)(
    '$record on the grid, with and without carry',
    ({ record, fields, first, second, oracle, writes }) => {
      for (const [a, b] of pairs) {
        for (const carry of [0, 1]) {
          run(record, fields, { [first]: a, [second]: b }, carry << 1);
          const { result, flags } = oracle(a, b, carry);
          const got = { result: writes === undefined ? result : after.r[writes], flags: after.xpsr >>> 28 };
          expect(got, `${record} of ${a}, ${b}, C = ${carry}`).toEqual({ result, flags });
          if (writes === undefined) expect(after.r[first]).toBe(a);
        }
      }
    },
  );

  it.each(IMMEDIATE_SUMS)('%s on the grid, with and without carry', (record, oracle) => {
    const writes = !record.startsWith('CM');
    for (const a of GRID) {
      for (const [i, value] of IMMEDIATES) {
        for (const carry of [0, 1]) {
          run(record, { n: N, d: D, i, s: 1 }, { [N]: a }, carry << 1);
          const { result, flags } = oracle(a, value, carry);
          const got = { result: writes ? after.r[D] : result, flags: after.xpsr >>> 28 };
          expect(got, `${record} of ${a}, ${value}, C = ${carry}`).toEqual({ result, flags });
        }
      }
    }
  });

  it('16-bit immediates: ADDS, SUBS, CMP and RSBS #0', () => {
    for (const a of GRID) {
      for (const i of [0, 1, 2, 255]) {
        run('ADD (immediate) T2', { d: D, i }, { [D]: a });
        expect({ result: after.r[D], flags: after.xpsr >>> 28 }).toEqual(ADD(a, i, 0));
        run('SUB (immediate) T2', { d: D, i }, { [D]: a });
        expect({ result: after.r[D], flags: after.xpsr >>> 28 }).toEqual(SUB(a, i, 0));
        run('CMP (immediate) T1', { n: D, i }, { [D]: a });
        expect(after.xpsr >>> 28).toBe(SUB(a, i, 0).flags);
      }
      run('RSB (immediate) T1', { n: N, d: D }, { [N]: a });
      expect({ result: after.r[D], flags: after.xpsr >>> 28 }).toEqual(RSB(a, 0, 0));
    }
  });
});

type Long = (n: number, m: number, accumulator: readonly [low: number, high: number]) => bigint;
const wide = (sign: (word: number) => bigint, [low, high]: readonly [number, number]): bigint =>
  (sign(high) << 32n) + u(low);

const LONGS: readonly (readonly [record: string, oracle: Long])[] = [
  ['UMULL T1', (n, m) => u(n) * u(m)],
  ['SMULL T1', (n, m) => s(n) * s(m)],
  ['UMLAL T1', (n, m, a) => u(n) * u(m) + wide(u, a)],
  ['SMLAL T1', (n, m, a) => s(n) * s(m) + wide(s, a)],
  ['UMAAL T1', (n, m, a) => u(n) * u(m) + u(a[0]) + u(a[1])],
];

describe('products and quotients', () => {
  it.each(LONGS)('%s on the grid', (record, oracle) => {
    for (const [n, m] of pairs) {
      for (const accumulator of pairs) {
        run(record, { n: N, m: M, l: D, h: H }, { [N]: n, [M]: m, [D]: accumulator[0], [H]: accumulator[1] });
        const product = BigInt.asUintN(64, oracle(n, m, accumulator));
        const got = [after.r[D], after.r[H]];
        expect(got, `${record} of ${n}, ${m}`).toEqual([unsigned(product), unsigned(product >> 32n)]);
      }
    }
  });

  it('MUL in both forms, MLA and MLS', () => {
    for (const [n, m] of pairs) {
      const product = u(n) * u(m);
      run('MUL T1', { n: N, d: D }, { [N]: n, [D]: m });
      expect(after.r[D]).toBe(unsigned(product));
      expect(after.xpsr >>> 30).toBe(
        (unsigned(product) >= 2 ** 31 ? 2 : 0) | (unsigned(product) === 0 ? 1 : 0),
      );
      run('MUL T2', { n: N, m: M, d: D }, { [N]: n, [M]: m });
      expect(after.r[D]).toBe(unsigned(product));
      for (const a of GRID) {
        run('MLA T1', { n: N, m: M, a: H, d: D }, { [N]: n, [M]: m, [H]: a });
        expect(after.r[D]).toBe(unsigned(product + u(a)));
        run('MLS T1', { n: N, m: M, a: H, d: D }, { [N]: n, [M]: m, [H]: a });
        expect(after.r[D]).toBe(unsigned(u(a) - product));
      }
    }
  });

  it('SDIV and UDIV truncate, give 0 for a zero divisor, and -2^31 for -2^31 / -1', () => {
    for (const [n, m] of pairs) {
      run('SDIV T1', { n: N, m: M, d: D }, { [N]: n, [M]: m });
      expect(after.r[D], `SDIV ${n}, ${m}`).toBe(m === 0 ? 0 : unsigned(s(n) / s(m)));
      run('UDIV T1', { n: N, m: M, d: D }, { [N]: n, [M]: m });
      expect(after.r[D], `UDIV ${n}, ${m}`).toBe(m === 0 ? 0 : unsigned(u(n) / u(m)));
    }
    run('SDIV T1', { n: N, m: M, d: D }, { [N]: 0x80000000, [M]: 0xffffffff });
    expect(after.r[D]).toBe(0x80000000);
  });
});
