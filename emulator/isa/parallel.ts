/**
 * Parallel addition and subtraction, and SEL, which chooses by the GE flags they set (DDI 0403, A5.3.13-14).
 */
import { type Insn, insn, shaped } from './insn.js';
import type { Ops, Values } from './ops.js';
import { SignedSatQ, UnsignedSatQ } from './pseudocode.js';
import { BAD_REGISTER, isBad, readR, writeR } from './register-access.js';
import { R } from './text.js';

/** One lane of the result: which lanes of Rn and Rm, and whether they are subtracted. */
interface Lane {
  readonly n: number;
  readonly m: number;
  readonly subtract: boolean;
}

interface Operation {
  readonly suffix: string;
  /** Bits 22:20. */
  readonly op1: string;
  readonly width: 8 | 16;
  readonly lanes: readonly Lane[];
}

const same = (count: number, subtract: boolean): Lane[] =>
  Array.from({ length: count }, (_, k) => ({ n: k, m: k, subtract }));
const crossed = (lowSubtracts: boolean): Lane[] => [
  { n: 0, m: 1, subtract: lowSubtracts },
  { n: 1, m: 0, subtract: !lowSubtracts },
];

const OPERATIONS: readonly Operation[] = [
  { suffix: 'ADD16', op1: '001', width: 16, lanes: same(2, false) },
  { suffix: 'ASX', op1: '010', width: 16, lanes: crossed(true) },
  { suffix: 'SAX', op1: '110', width: 16, lanes: crossed(false) },
  { suffix: 'SUB16', op1: '101', width: 16, lanes: same(2, true) },
  { suffix: 'ADD8', op1: '000', width: 8, lanes: same(4, false) },
  { suffix: 'SUB8', op1: '100', width: 8, lanes: same(4, true) },
];

/** Plain (sets GE), saturating, halving. */
type Kind = 'plain' | 'saturating' | 'halving';

interface Variant {
  readonly prefix: string;
  readonly signed: boolean;
  readonly kind: Kind;
  /** Bits 6:4. */
  readonly op2: string;
}

const VARIANTS: readonly Variant[] = [
  { prefix: 'S', signed: true, kind: 'plain', op2: '000' },
  { prefix: 'Q', signed: true, kind: 'saturating', op2: '001' },
  { prefix: 'SH', signed: true, kind: 'halving', op2: '010' },
  { prefix: 'U', signed: false, kind: 'plain', op2: '100' },
  { prefix: 'UQ', signed: false, kind: 'saturating', op2: '101' },
  { prefix: 'UH', signed: false, kind: 'halving', op2: '110' },
];

function lane<V extends Values>(o: Ops<V>, x: V['i32'], k: number, width: number, signed: boolean): V['i32'] {
  const up = o.shl(x, o.imm(32 - width * (k + 1)));
  return signed ? o.sar(up, o.imm(32 - width)) : o.shr(up, o.imm(32 - width));
}

function finish<V extends Values>(o: Ops<V>, value: V['i32'], width: number, variant: Variant): V['i32'] {
  if (variant.kind === 'halving') return o.sar(value, o.imm(1));
  if (variant.kind === 'plain') return value;
  return (variant.signed ? SignedSatQ(o, value, width) : UnsignedSatQ(o, value, width)).result;
}

/**
 * GE of a lane: a signed result of at least 0, an unsigned sum that carries, an unsigned difference that does
 * not borrow.
 */
function greaterOrEqual<V extends Values>(
  o: Ops<V>,
  value: V['i32'],
  width: number,
  signed: boolean,
  subtract: boolean,
): V['bool'] {
  const limit = signed || subtract ? 0 : 2 ** width;
  return o.negate(o.ltS(value, o.imm(limit)));
}

function operate<V extends Values>(
  o: Ops<V>,
  n: V['i32'],
  m: V['i32'],
  operation: Operation,
  variant: Variant,
): V['i32'] {
  const { width, lanes } = operation;
  const mask = 2 ** width - 1;
  let result = o.imm(0);
  let ge = o.imm(0);
  lanes.forEach(({ n: kn, m: km, subtract }, k) => {
    const x = lane(o, n, kn, width, variant.signed);
    const y = lane(o, m, km, width, variant.signed);
    const value = subtract ? o.sub(x, y) : o.add(x, y);
    const part = o.and(finish(o, value, width, variant), o.imm(mask));
    result = o.or(result, o.shl(part, o.imm(width * k)));
    const bits = width === 16 ? 3 << (2 * k) : 1 << k;
    ge = o.or(ge, o.select(greaterOrEqual(o, value, width, variant.signed, subtract), o.imm(bits), o.imm(0)));
  });
  if (variant.kind === 'plain') o.setGE(ge);
  return result;
}

const record = (operation: Operation, variant: Variant): Insn => {
  const name = `${variant.prefix}${operation.suffix}`;
  const word =
    0xfa81f002 | (Number.parseInt(operation.op1, 2) << 20) | (Number.parseInt(variant.op2, 2) << 4);
  return insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '11111 010 1 001 nnnn 1111 dddd 0 000 mmmm',
      `11111 010 1 ${operation.op1} nnnn 1111 dddd 0 ${variant.op2} mmmm`,
    ),
    asm: ({ n, d, m }, x) => `${name.toLowerCase()}${x.c} ${R(d)}, ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ n, d, m }) => isBad(n, d, m), choice: BAD_REGISTER }],
    example: [word >>> 0, `${name.toLowerCase()} r0, r1, r2`],
    meaning: (o, { n, d, m }) => writeR(o, d, operate(o, readR(o, n), readR(o, m), operation, variant)),
  });
};

export const parallel: readonly Insn[] = [
  ...OPERATIONS.flatMap((operation) => VARIANTS.map((variant) => record(operation, variant))),
  insn({
    name: 'SEL',
    encoding: 'T1',
    bits: '11111 010 1 010 nnnn 1111 dddd 1 000 mmmm',
    asm: ({ n, d, m }, x) => `sel${x.c} ${R(d)}, ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ n, d, m }) => isBad(n, d, m), choice: BAD_REGISTER }],
    example: [0xfaa1f082, 'sel r0, r1, r2'],
    meaning: (o, { n, d, m }) => {
      const ge = o.GE();
      let mask = o.imm(0);
      for (const k of [0, 1, 2, 3]) {
        const chosen = o.negate(o.eq(o.and(ge, o.imm(1 << k)), o.imm(0)));
        mask = o.or(mask, o.select(chosen, o.imm(0xff << (8 * k)), o.imm(0)));
      }
      writeR(o, d, o.or(o.and(readR(o, n), mask), o.and(readR(o, m), o.not(mask))));
    },
  }),
];
