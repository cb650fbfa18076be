/**
 * Multiply, multiply accumulate, long multiply and divide (DDI 0403, A5.3.16-17). The DSP extension's kin
 * stand elsewhere.
 */
import { type CycleClass, type Insn, insn } from './insn.js';
import type { Ops, Values } from './ops.js';
import { BAD_REGISTER, isBad, readR, writeR } from './register-access.js';
import { R } from './text.js';

type Product = <V extends Values>(
  o: Ops<V>,
  n: V['i32'],
  m: V['i32'],
  accumulator: () => V['i64'],
) => V['i64'];

const long = (
  name: string,
  mnemonic: string,
  bits: string,
  product: Product,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as '11111 0111 000 nnnn llll hhhh 0000 mmmm',
    asm: ({ n, l, h, m }, x) => `${mnemonic}${x.c} ${R(l)}, ${R(h)}, ${R(n)}, ${R(m)}`,
    cycles: 'multiply',
    unpredictable: [
      { when: ({ n, l, h, m }) => isBad(n, l, h, m), choice: BAD_REGISTER },
      { when: ({ l, h }) => l === h, choice: 'RdHi is written last' },
    ],
    example,
    meaning: (o, { n, l, h, m }) => {
      const result = product(o, readR(o, n), readR(o, m), () => o.long(readR(o, h), readR(o, l)));
      const high = o.high(result);
      writeR(o, l, o.low(result));
      writeR(o, h, high);
    },
  });

const divide = (
  name: string,
  mnemonic: string,
  bits: string,
  signed: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as '11111 0111 001 nnnn ++++ dddd 1111 mmmm',
    asm: ({ n, d, m }, x) => `${mnemonic}${x.c} ${R(d)}, ${R(n)}, ${R(m)}`,
    cycles: 'divide' satisfies CycleClass,
    unpredictable: [{ when: ({ n, d, m }) => isBad(n, d, m), choice: BAD_REGISTER }],
    example,
    meaning: (o, { n, d, m }) => {
      const [dividend, divisor] = [readR(o, n), readR(o, m)];
      writeR(o, d, signed ? o.divS(dividend, divisor) : o.divU(dividend, divisor));
    },
  });

export const multiply: readonly Insn[] = [
  insn({
    name: 'MUL',
    encoding: 'T2',
    bits: '11111 0110 000 nnnn 1111 dddd 0000 mmmm',
    asm: ({ n, d, m }, x) => `mul${x.c}.w ${R(d)}, ${R(n)}, ${R(m)}`,
    cycles: 'multiply',
    unpredictable: [{ when: ({ n, d, m }) => isBad(n, d, m), choice: BAD_REGISTER }],
    example: [0xfb01f002, 'mul.w r0, r1, r2'],
    meaning: (o, { n, d, m }) => writeR(o, d, o.mul(readR(o, n), readR(o, m))),
  }),
  insn({
    name: 'MLA',
    encoding: 'T1',
    bits: '11111 0110 000 nnnn aaaa dddd 0000 mmmm',
    asm: ({ n, a, d, m }, x) => `mla${x.c} ${R(d)}, ${R(n)}, ${R(m)}, ${R(a)}`,
    cycles: 'multiply',
    unpredictable: [{ when: ({ n, a, d, m }) => isBad(n, d, m) || a === 13, choice: BAD_REGISTER }],
    example: [0xfb013002, 'mla r0, r1, r2, r3'],
    meaning: (o, { n, a, d, m }) => writeR(o, d, o.add(o.R(a), o.mul(readR(o, n), readR(o, m)))),
  }),
  insn({
    name: 'MLS',
    encoding: 'T1',
    bits: '11111 0110 000 nnnn aaaa dddd 0001 mmmm',
    asm: ({ n, a, d, m }, x) => `mls${x.c} ${R(d)}, ${R(n)}, ${R(m)}, ${R(a)}`,
    cycles: 'multiply',
    unpredictable: [{ when: ({ n, a, d, m }) => isBad(n, d, m, a), choice: BAD_REGISTER }],
    example: [0xfb013012, 'mls r0, r1, r2, r3'],
    meaning: (o, { n, a, d, m }) => writeR(o, d, o.sub(readR(o, a), o.mul(readR(o, n), readR(o, m)))),
  }),
  long('SMULL', 'smull', '11111 0111 000 nnnn llll hhhh 0000 mmmm', (o, n, m) => o.mulLongS(n, m), [
    0xfb820103,
    'smull r0, r1, r2, r3',
  ]),
  long('UMULL', 'umull', '11111 0111 010 nnnn llll hhhh 0000 mmmm', (o, n, m) => o.mulLongU(n, m), [
    0xfba20103,
    'umull r0, r1, r2, r3',
  ]),
  long(
    'SMLAL',
    'smlal',
    '11111 0111 100 nnnn llll hhhh 0000 mmmm',
    (o, n, m, a) => o.addLong(o.mulLongS(n, m), a()),
    [0xfbc20103, 'smlal r0, r1, r2, r3'],
  ),
  long(
    'UMLAL',
    'umlal',
    '11111 0111 110 nnnn llll hhhh 0000 mmmm',
    (o, n, m, a) => o.addLong(o.mulLongU(n, m), a()),
    [0xfbe20103, 'umlal r0, r1, r2, r3'],
  ),
  long(
    'UMAAL',
    'umaal',
    '11111 0111 110 nnnn llll hhhh 0110 mmmm',
    (o, n, m, a) => {
      const both = a();
      const first = o.addLong(o.mulLongU(n, m), o.long(o.imm(0), o.low(both)));
      return o.addLong(first, o.long(o.imm(0), o.high(both)));
    },
    [0xfbe20163, 'umaal r0, r1, r2, r3'],
  ),
  divide('SDIV', 'sdiv', '11111 0111 001 nnnn ++++ dddd 1111 mmmm', true, [0xfb91f0f2, 'sdiv r0, r1, r2']),
  divide('UDIV', 'udiv', '11111 0111 011 nnnn ++++ dddd 1111 mmmm', false, [0xfbb1f0f2, 'udiv r0, r1, r2']),
];
