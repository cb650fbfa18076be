/**
 * The DSP extension: halfword and dual multiplies, packing, extend and add, saturating add, sums of
 * differences (DDI 0403, A5.3.12-17).
 */
import { type Insn, insn, shaped } from './insn.js';
import type { Ops, Values } from './ops.js';
import { Add, DecodeImmShift, Shift_C, SignedSatQ, Subtract, UnsignedSatQ } from './pseudocode.js';
import { BAD_REGISTER, isBad, readR, writeR } from './register-access.js';
import { R, shiftSuffix } from './text.js';

/** SInt() of a halfword: the top one when `top` is 1. */
function half<V extends Values>(o: Ops<V>, x: V['i32'], top: number): V['i32'] {
  return o.sar(top === 1 ? x : o.shl(x, o.imm(16)), o.imm(16));
}

/** SInt() of a word, as a doubleword. */
function wide<V extends Values>(o: Ops<V>, x: V['i32']): V['i64'] {
  return o.long(o.sar(x, o.imm(31)), x);
}

function negateLong<V extends Values>(o: Ops<V>, x: V['i64']): V['i64'] {
  return o.addLong(o.long(o.not(o.high(x)), o.not(o.low(x))), o.long(o.imm(0), o.imm(1)));
}

/** The low word of a doubleword; Q when that loses something. */
function narrowWithQ<V extends Values>(o: Ops<V>, x: V['i64']): V['i32'] {
  const low = o.low(x);
  o.setQ(o.negate(o.eq(o.high(x), o.sar(low, o.imm(31)))));
  return low;
}

type Operands = { readonly n: number; readonly m: number; readonly d: number; readonly a?: number };
type Multiply = <V extends Values>(o: Ops<V>, n: V['i32'], m: V['i32'], a: V['i32']) => V['i32'];

/** Letters after the mnemonic: which halves, exchanged, rounded. */
type Letters = (f: { readonly x?: number; readonly y?: number }) => string;
const halves: Letters = ({ x, y }) => `${x === 1 ? 't' : 'b'}${y === 1 ? 't' : 'b'}`;
const bottomOrTop: Letters = ({ x }) => (x === 1 ? 't' : 'b');
const exchanged: Letters = ({ x }) => (x === 1 ? 'x' : '');
const rounded: Letters = ({ x }) => (x === 1 ? 'r' : '');
const noLetters: Letters = () => '';

interface MultiplyFamily {
  readonly name: string;
  readonly mnemonic: string;
  /** Bits 22:20, and 7:4 with x and y. */
  readonly op1: string;
  readonly op2: string;
  readonly letters: Letters;
  readonly operate: (f: { readonly x: number; readonly y: number }) => Multiply;
  readonly example: readonly [number, string];
}

/** With an accumulator; Ra = 1111 is the form without one, a more specific pattern. */
function multiply(family: MultiplyFamily, accumulates: boolean): Insn {
  const { name, mnemonic, op1, op2, letters, operate, example } = family;
  return insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '11111 0110 001 nnnn aaaa dddd 00 x y mmmm',
      `11111 0110 ${op1} nnnn ${accumulates ? 'aaaa' : '1111'} dddd ${op2} mmmm`,
    ),
    asm: (f: Operands & { readonly x?: number; readonly y?: number }, x) => {
      const accumulator = f.a === undefined ? '' : `, ${R(f.a)}`;
      return `${mnemonic}${letters(f)}${x.c} ${R(f.d)}, ${R(f.n)}, ${R(f.m)}${accumulator}`;
    },
    cycles: 'multiply',
    unpredictable: [{ when: ({ n, m, d, a = 0 }) => isBad(n, m, d, a), choice: BAD_REGISTER }],
    example,
    meaning: (o, { n, m, d, a, x = 0, y = 0 }) => {
      const accumulator = accumulates ? readR(o, a) : o.imm(0);
      writeR(o, d, operate({ x, y })(o, readR(o, n), readR(o, m), accumulator));
    },
  });
}

/** n's halves by m's, or by m's exchanged: the low product and the high one, as doublewords. */
function dualProducts<V extends Values>(
  o: Ops<V>,
  n: V['i32'],
  m: V['i32'],
  exchange: number,
): readonly [V['i64'], V['i64']] {
  const operand = exchange === 1 ? o.ror(m, o.imm(16)) : m;
  const product = (top: number): V['i64'] => wide(o, o.mul(half(o, n, top), half(o, operand, top)));
  return [product(0), product(1)];
}

const halfwordMultiply =
  ({ x, y }: { readonly x: number; readonly y: number }): Multiply =>
  (o, n, m, a) => {
    const sum = Add(o, o.mul(half(o, n, x), half(o, m, y)), a);
    o.setQ(sum.overflow);
    return sum.result;
  };

const dualMultiply =
  (subtract: boolean) =>
  ({ x }: { readonly x: number }): Multiply =>
  (o, n, m, a) => {
    const [low, high] = dualProducts(o, n, m, x);
    const both = o.addLong(low, subtract ? negateLong(o, high) : high);
    return narrowWithQ(o, o.addLong(both, wide(o, a)));
  };

/** A word by a halfword, bits 47:16. */
const wordByHalf =
  ({ x }: { readonly x: number }): Multiply =>
  (o, n, m, a) => {
    const product = o.mulLongS(n, half(o, m, x));
    const top = o.or(o.shl(o.high(product), o.imm(16)), o.shr(o.low(product), o.imm(16)));
    const sum = Add(o, top, a);
    o.setQ(sum.overflow);
    return sum.result;
  };

/** The most significant word of a:0 plus or minus n * m, rounded or not. */
const mostSignificant =
  (subtract: boolean) =>
  ({ x }: { readonly x: number }): Multiply =>
  (o, n, m, a) => {
    const product = o.mulLongS(n, m);
    const start = o.long(a, o.imm(x === 1 ? 0x80000000 | 0 : 0));
    return o.high(o.addLong(start, subtract ? negateLong(o, product) : product));
  };

const sumOfDifferences = (): Multiply => (o, n, m, a) => {
  let sum = a;
  for (const shift of [0, 8, 16, 24]) {
    const byte = (x: typeof n): typeof n => o.and(o.shr(x, o.imm(shift)), o.imm(0xff));
    const difference = o.sub(byte(n), byte(m));
    sum = o.add(sum, o.select(o.ltS(difference, o.imm(0)), o.sub(o.imm(0), difference), difference));
  }
  return sum;
};

const MULTIPLIES: readonly [MultiplyFamily, boolean][] = [
  [
    {
      name: 'SMLABB, SMLABT, SMLATB, SMLATT',
      mnemonic: 'smla',
      op1: '001',
      op2: '00 x y',
      letters: halves,
      operate: halfwordMultiply,
      example: [0xfb113002, 'smlabb r0, r1, r2, r3'],
    },
    true,
  ],
  [
    {
      name: 'SMULBB, SMULBT, SMULTB, SMULTT',
      mnemonic: 'smul',
      op1: '001',
      op2: '00 x y',
      letters: halves,
      operate: halfwordMultiply,
      example: [0xfb11f002, 'smulbb r0, r1, r2'],
    },
    false,
  ],
  [
    {
      name: 'SMLAD, SMLADX',
      mnemonic: 'smlad',
      op1: '010',
      op2: '000 x',
      letters: exchanged,
      operate: dualMultiply(false),
      example: [0xfb213002, 'smlad r0, r1, r2, r3'],
    },
    true,
  ],
  [
    {
      name: 'SMUAD, SMUADX',
      mnemonic: 'smuad',
      op1: '010',
      op2: '000 x',
      letters: exchanged,
      operate: dualMultiply(false),
      example: [0xfb21f002, 'smuad r0, r1, r2'],
    },
    false,
  ],
  [
    {
      name: 'SMLAWB, SMLAWT',
      mnemonic: 'smlaw',
      op1: '011',
      op2: '000 x',
      letters: bottomOrTop,
      operate: wordByHalf,
      example: [0xfb313002, 'smlawb r0, r1, r2, r3'],
    },
    true,
  ],
  [
    {
      name: 'SMULWB, SMULWT',
      mnemonic: 'smulw',
      op1: '011',
      op2: '000 x',
      letters: bottomOrTop,
      operate: wordByHalf,
      example: [0xfb31f002, 'smulwb r0, r1, r2'],
    },
    false,
  ],
  [
    {
      name: 'SMLSD, SMLSDX',
      mnemonic: 'smlsd',
      op1: '100',
      op2: '000 x',
      letters: exchanged,
      operate: dualMultiply(true),
      example: [0xfb413002, 'smlsd r0, r1, r2, r3'],
    },
    true,
  ],
  [
    {
      name: 'SMUSD, SMUSDX',
      mnemonic: 'smusd',
      op1: '100',
      op2: '000 x',
      letters: exchanged,
      operate: dualMultiply(true),
      example: [0xfb41f002, 'smusd r0, r1, r2'],
    },
    false,
  ],
  [
    {
      name: 'SMMLA, SMMLAR',
      mnemonic: 'smmla',
      op1: '101',
      op2: '000 x',
      letters: rounded,
      operate: mostSignificant(false),
      example: [0xfb513002, 'smmla r0, r1, r2, r3'],
    },
    true,
  ],
  [
    {
      name: 'SMMUL, SMMULR',
      mnemonic: 'smmul',
      op1: '101',
      op2: '000 x',
      letters: rounded,
      operate: mostSignificant(false),
      example: [0xfb51f002, 'smmul r0, r1, r2'],
    },
    false,
  ],
  [
    {
      name: 'SMMLS, SMMLSR',
      mnemonic: 'smmls',
      op1: '110',
      op2: '000 x',
      letters: rounded,
      operate: mostSignificant(true),
      example: [0xfb613002, 'smmls r0, r1, r2, r3'],
    },
    true,
  ],
  [
    {
      name: 'USADA8',
      mnemonic: 'usada8',
      op1: '111',
      op2: '0000',
      letters: noLetters,
      operate: sumOfDifferences,
      example: [0xfb713002, 'usada8 r0, r1, r2, r3'],
    },
    true,
  ],
  [
    {
      name: 'USAD8',
      mnemonic: 'usad8',
      op1: '111',
      op2: '0000',
      letters: noLetters,
      operate: sumOfDifferences,
      example: [0xfb71f002, 'usad8 r0, r1, r2'],
    },
    false,
  ],
];

type LongMultiply = <V extends Values>(
  o: Ops<V>,
  n: V['i32'],
  m: V['i32'],
  f: { readonly x: number; readonly y: number },
) => V['i64'];

const longMultiply = (
  name: string,
  mnemonic: string,
  op: string,
  letters: Letters,
  product: LongMultiply,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '11111 0111 100 nnnn llll hhhh 10 x y mmmm',
      `11111 0111 ${op.slice(0, 3)} nnnn llll hhhh ${op.slice(4)} mmmm`,
    ),
    asm: ({ n, m, l, h, x: first, y }, x) =>
      `${mnemonic}${letters({ x: first, y })}${x.c} ${R(l)}, ${R(h)}, ${R(n)}, ${R(m)}`,
    cycles: 'multiply',
    unpredictable: [
      { when: ({ n, m, l, h }) => isBad(n, m, l, h), choice: BAD_REGISTER },
      { when: ({ l, h }) => l === h, choice: 'RdHi is written last' },
    ],
    example,
    meaning: (o, { n, m, l, h, x, y = 0 }) => {
      const result = o.addLong(
        product(o, readR(o, n), readR(o, m), { x, y }),
        o.long(readR(o, h), readR(o, l)),
      );
      const high = o.high(result);
      writeR(o, l, o.low(result));
      writeR(o, h, high);
    },
  });

const longDual =
  (subtract: boolean): LongMultiply =>
  (o, n, m, { x }) => {
    const [low, high] = dualProducts(o, n, m, x);
    return o.addLong(low, subtract ? negateLong(o, high) : high);
  };

/** QADD and its kin: Rn is the one that may be doubled. */
const saturatingAdd = (
  name: string,
  op: string,
  subtract: boolean,
  doubles: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '11111 010 1 000 nnnn 1111 dddd 1 0 00 mmmm',
      `11111 010 1 000 nnnn 1111 dddd 1 0 ${op} mmmm`,
    ),
    asm: ({ n, d, m }, x) => `${name.toLowerCase()}${x.c} ${R(d)}, ${R(m)}, ${R(n)}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ n, d, m }) => isBad(n, d, m), choice: BAD_REGISTER }],
    example,
    meaning: (o, { n, d, m }) => {
      const [first, second] = [readR(o, m), readR(o, n)];
      const operand = doubles ? saturatedSum(o, second, second, false) : second;
      writeR(o, d, saturatedSum(o, first, operand, subtract));
    },
  });

/** SignedSat of a 33-bit sum or difference to 32 bits; Q when it saturates. */
function saturatedSum<V extends Values>(o: Ops<V>, x: V['i32'], y: V['i32'], subtract: boolean): V['i32'] {
  const sum = subtract ? Subtract(o, x, y) : Add(o, x, y);
  o.setQ(sum.overflow);
  const limit = o.select(o.ltS(x, o.imm(0)), o.imm(0x80000000 | 0), o.imm(0x7fffffff));
  return o.select(sum.overflow, limit, sum.result);
}

/** Extend, with or (Rn = 1111) without an addend; the 16 forms do two bytes. */
const extendAndAdd = (
  name: string,
  op: string,
  dual: boolean,
  width: 8 | 16,
  signed: boolean,
  adds: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '11111 010 0 000 nnnn 1111 dddd 1 - rr mmmm',
      `11111 010 0 ${op} ${adds ? 'nnnn' : '1111'} 1111 dddd 1 - rr mmmm`,
    ),
    asm: ({ n, d, r, m }, x) => {
      const rotation = r === 0 ? '' : `, ror #${r * 8}`;
      return `${name.toLowerCase()}${x.c} ${R(d)}, ${adds ? `${R(n)}, ` : ''}${R(m)}${rotation}`;
    },
    cycles: 'alu',
    unpredictable: [{ when: ({ n = 0, d, m }) => isBad(d, m) || n === 13, choice: BAD_REGISTER }],
    example,
    meaning: (o, { n = 15, d, r, m }) => {
      const rotated = o.ror(readR(o, m), o.imm(r * 8));
      const addend = adds ? readR(o, n) : o.imm(0);
      const low = o.add(addend, extended(o, rotated, width, signed));
      if (!dual) {
        writeR(o, d, low);
        return;
      }
      const top = o.shr(rotated, o.imm(16));
      const high = o.add(o.shr(addend, o.imm(16)), extended(o, top, width, signed));
      writeR(o, d, o.or(o.and(low, o.imm(0xffff)), o.shl(high, o.imm(16))));
    },
  });

function extended<V extends Values>(o: Ops<V>, x: V['i32'], width: 8 | 16, signed: boolean): V['i32'] {
  const by = o.imm(32 - width);
  return signed ? o.sar(o.shl(x, by), by) : o.shr(o.shl(x, by), by);
}

const saturate16 = (name: string, op: string, signed: boolean, example: readonly [number, string]): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '11110 - 11 00 1 0 nnnn 0 000 dddd 00 - - wwww',
      `11110 - 11 ${op} 1 0 nnnn 0 000 dddd 00 - - wwww`,
    ),
    asm: ({ n, d, w }, x) => `${name.toLowerCase()}${x.c} ${R(d)}, #${w + (signed ? 1 : 0)}, ${R(n)}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ n, d }) => isBad(n, d), choice: BAD_REGISTER }],
    example,
    meaning: (o, { n, d, w }) => {
      const value = readR(o, n);
      const lane = (top: number): typeof value => {
        const operand = half(o, value, top);
        const { result, saturated } = signed ? SignedSatQ(o, operand, w + 1) : UnsignedSatQ(o, operand, w);
        o.setQ(saturated);
        return result;
      };
      writeR(o, d, o.or(o.and(lane(0), o.imm(0xffff)), o.shl(lane(1), o.imm(16))));
    },
  });

const pack = (name: string, top: boolean, example: readonly [number, string]): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '11101 01 0110 0 nnnn - iii dddd ii 0 0 mmmm',
      `11101 01 0110 0 nnnn - iii dddd ii ${top ? 1 : 0} 0 mmmm`,
    ),
    asm: ({ n, i, d, m }, x) => {
      const shift = DecodeImmShift(top ? 2 : 0, i);
      return `${name.toLowerCase()}${x.c} ${R(d)}, ${R(n)}, ${R(m)}${shiftSuffix(shift)}`;
    },
    cycles: 'alu',
    unpredictable: [{ when: ({ n, d, m }) => isBad(n, d, m), choice: BAD_REGISTER }],
    example,
    meaning: (o, { n, i, d, m }) => {
      const { type, amount } = DecodeImmShift(top ? 2 : 0, i);
      const operand = Shift_C(o, readR(o, m), type, amount, () => o.flag('C')).result;
      const [low, high] = top ? [operand, readR(o, n)] : [readR(o, n), operand];
      writeR(o, d, o.or(o.and(low, o.imm(0xffff)), o.and(high, o.imm(0xffff0000 | 0))));
    },
  });

export const dsp: readonly Insn[] = [
  ...MULTIPLIES.map(([family, accumulates]) => multiply(family, accumulates)),
  longMultiply(
    'SMLALBB, SMLALBT, SMLALTB, SMLALTT',
    'smlal',
    '100 10 x y',
    halves,
    (o, n, m, { x, y }) => wide(o, o.mul(half(o, n, x), half(o, m, y))),
    [0xfbc20183, 'smlalbb r0, r1, r2, r3'],
  ),
  longMultiply('SMLALD, SMLALDX', 'smlald', '100 110 x', exchanged, longDual(false), [
    0xfbc201c3,
    'smlald r0, r1, r2, r3',
  ]),
  longMultiply('SMLSLD, SMLSLDX', 'smlsld', '101 110 x', exchanged, longDual(true), [
    0xfbd201c3,
    'smlsld r0, r1, r2, r3',
  ]),
  saturatingAdd('QADD', '00', false, false, [0xfa82f081, 'qadd r0, r1, r2']),
  saturatingAdd('QDADD', '01', false, true, [0xfa82f091, 'qdadd r0, r1, r2']),
  saturatingAdd('QSUB', '10', true, false, [0xfa82f0a1, 'qsub r0, r1, r2']),
  saturatingAdd('QDSUB', '11', true, true, [0xfa82f0b1, 'qdsub r0, r1, r2']),
  extendAndAdd('SXTAH', '000', false, 16, true, true, [0xfa01f082, 'sxtah r0, r1, r2']),
  extendAndAdd('UXTAH', '001', false, 16, false, true, [0xfa11f082, 'uxtah r0, r1, r2']),
  extendAndAdd('SXTAB16', '010', true, 8, true, true, [0xfa21f082, 'sxtab16 r0, r1, r2']),
  extendAndAdd('SXTB16', '010', true, 8, true, false, [0xfa2ff082, 'sxtb16 r0, r2']),
  extendAndAdd('UXTAB16', '011', true, 8, false, true, [0xfa31f082, 'uxtab16 r0, r1, r2']),
  extendAndAdd('UXTB16', '011', true, 8, false, false, [0xfa3ff082, 'uxtb16 r0, r2']),
  extendAndAdd('SXTAB', '100', false, 8, true, true, [0xfa41f082, 'sxtab r0, r1, r2']),
  extendAndAdd('UXTAB', '101', false, 8, false, true, [0xfa51f082, 'uxtab r0, r1, r2']),
  saturate16('SSAT16', '00', true, [0xf3210007, 'ssat16 r0, #8, r1']),
  saturate16('USAT16', '10', false, [0xf3a10007, 'usat16 r0, #7, r1']),
  pack('PKHBT', false, [0xeac10002, 'pkhbt r0, r1, r2']),
  pack('PKHTB', true, [0xeac100a2, 'pkhtb r0, r1, r2, asr #2']),
];
