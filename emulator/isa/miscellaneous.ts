/** Extend, bit field, reverse, count and saturate (DDI 0403, A5.2.5, A5.3.3, A5.3.12, A5.3.15). */
import { type Insn, insn } from './insn.js';
import type { Ops, Values } from './ops.js';
import { DecodeImmShift, Shift_C, SignedSatQ, UnsignedSatQ } from './pseudocode.js';
import { BAD_REGISTER, isBad, readR, writeR } from './register-access.js';
import { R, shiftSuffix } from './text.js';

type Unary = <V extends Values>(o: Ops<V>, m: V['i32']) => V['i32'];

const extend =
  (width: 8 | 16, signed: boolean): Unary =>
  (o, m) =>
    signed
      ? o.sar(o.shl(m, o.imm(32 - width)), o.imm(32 - width))
      : o.and(m, o.imm(width === 8 ? 0xff : 0xffff));

const REV: Unary = (o, m) =>
  o.or(o.and(o.ror(m, o.imm(8)), o.imm(0xff00ff00 | 0)), o.and(o.ror(m, o.imm(24)), o.imm(0x00ff00ff)));
const REV16: Unary = (o, m) =>
  o.or(o.and(o.shl(m, o.imm(8)), o.imm(0xff00ff00 | 0)), o.and(o.shr(m, o.imm(8)), o.imm(0x00ff00ff)));
const REVSH: Unary = (o, m) =>
  o.or(o.sar(o.shl(m, o.imm(24)), o.imm(16)), o.and(o.shr(m, o.imm(8)), o.imm(0xff)));

function swap<V extends Values>(o: Ops<V>, x: V['i32'], by: number, mask: number): V['i32'] {
  return o.or(o.and(o.shr(x, o.imm(by)), o.imm(mask)), o.shl(o.and(x, o.imm(mask)), o.imm(by)));
}
const RBIT: Unary = (o, m) =>
  REV(o, swap(o, swap(o, swap(o, m, 1, 0x55555555), 2, 0x33333333), 4, 0x0f0f0f0f));

const unary16 = (
  name: string,
  mnemonic: string,
  bits: string,
  operate: Unary,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as '1011 0010 00 mmm ddd',
    asm: ({ m, d }, x) => `${mnemonic}${x.c} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    example,
    meaning: (o, { m, d }) => o.setR(d, operate(o, o.R(m))),
  });

const extend32 = (
  name: string,
  mnemonic: string,
  bits: string,
  operate: Unary,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T2',
    bits: bits as '11111 010 0000 1111 1111 dddd 1 - rr mmmm',
    asm: ({ r, d, m }, x) => `${mnemonic}${x.c}.w ${R(d)}, ${R(m)}${r === 0 ? '' : `, ror #${r * 8}`}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d, m }) => isBad(d, m), choice: BAD_REGISTER }],
    example,
    meaning: (o, { r, d, m }) => writeR(o, d, operate(o, o.ror(readR(o, m), o.imm(r * 8)))),
  });

/** Rm stands twice in the encoding; the second is the one read. */
const unary32 = (
  name: string,
  encoding: string,
  mnemonic: string,
  bits: string,
  operate: Unary,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding,
    bits: bits as '11111 010 1001 nnnn 1111 dddd 1000 mmmm',
    asm: ({ d, m }, x) =>
      `${mnemonic.replace('.w', '')}${x.c}${mnemonic.endsWith('.w') ? '.w' : ''} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    unpredictable: [
      { when: ({ d, m }) => isBad(d, m), choice: BAD_REGISTER },
      { when: ({ n, m }) => n !== m, choice: 'the second Rm field is read' },
    ],
    example,
    meaning: (o, { d, m }) => writeR(o, d, operate(o, readR(o, m))),
  });

/** The low `width` bits set, width 1..32. */
const ones = (width: number): number => (width === 32 ? -1 : (1 << width) - 1);

const SIGNED_FIELD = '11110 - 11010 0 nnnn 0 iii dddd ii - wwwww';

const bitField = (
  name: string,
  mnemonic: string,
  bits: string,
  signed: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as typeof SIGNED_FIELD,
    asm: ({ n, i, d, w }, x) => `${mnemonic}${x.c} ${R(d)}, ${R(n)}, #${i}, #${w + 1}`,
    cycles: 'alu',
    unpredictable: [
      { when: ({ n, d }) => isBad(n, d), choice: BAD_REGISTER },
      { when: ({ i, w }) => i + w > 31, choice: 'bits beyond 31 read as the shifts leave them' },
    ],
    example,
    meaning: (o, { n, i, d, w }) => {
      const up = o.shl(readR(o, n), o.imm(Math.max(31 - i - w, 0)));
      const down = o.imm(31 - w);
      writeR(o, d, signed ? o.sar(up, down) : o.shr(up, down));
    },
  });

const saturateShifted = (
  name: string,
  mnemonic: string,
  bits: string,
  signed: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as '11110 - 11 00 h 0 nnnn 0 iii dddd ii - wwwww',
    asm: ({ h, n, i, d, w }, x) =>
      `${mnemonic}${x.c} ${R(d)}, #${w + (signed ? 1 : 0)}, ${R(n)}${shiftSuffix(DecodeImmShift(h * 2, i))}`,
    cycles: 'alu',
    // h with a zero shift is SSAT16 and USAT16, of the DSP extension.
    when: ({ h, i }) => h === 0 || i !== 0,
    unpredictable: [{ when: ({ n, d }) => isBad(n, d), choice: BAD_REGISTER }],
    example,
    meaning: (o, { h, n, i, d, w }) => {
      const { type, amount } = DecodeImmShift(h * 2, i);
      const operand = Shift_C(o, readR(o, n), type, amount, () => o.flag('C')).result;
      const { result, saturated } = signed ? SignedSatQ(o, operand, w + 1) : UnsignedSatQ(o, operand, w);
      o.setQ(saturated);
      writeR(o, d, result);
    },
  });

export const miscellaneous: readonly Insn[] = [
  unary16('SXTH', 'sxth', '1011 0010 00 mmm ddd', extend(16, true), [0xb208, 'sxth r0, r1']),
  unary16('SXTB', 'sxtb', '1011 0010 01 mmm ddd', extend(8, true), [0xb248, 'sxtb r0, r1']),
  unary16('UXTH', 'uxth', '1011 0010 10 mmm ddd', extend(16, false), [0xb288, 'uxth r0, r1']),
  unary16('UXTB', 'uxtb', '1011 0010 11 mmm ddd', extend(8, false), [0xb2c8, 'uxtb r0, r1']),
  unary16('REV', 'rev', '1011 1010 00 mmm ddd', REV, [0xba08, 'rev r0, r1']),
  unary16('REV16', 'rev16', '1011 1010 01 mmm ddd', REV16, [0xba48, 'rev16 r0, r1']),
  unary16('REVSH', 'revsh', '1011 1010 11 mmm ddd', REVSH, [0xbac8, 'revsh r0, r1']),
  extend32('SXTH', 'sxth', '11111 010 0000 1111 1111 dddd 1 - rr mmmm', extend(16, true), [
    0xfa0ff081,
    'sxth.w r0, r1',
  ]),
  extend32('UXTH', 'uxth', '11111 010 0001 1111 1111 dddd 1 - rr mmmm', extend(16, false), [
    0xfa1ff081,
    'uxth.w r0, r1',
  ]),
  extend32('SXTB', 'sxtb', '11111 010 0100 1111 1111 dddd 1 - rr mmmm', extend(8, true), [
    0xfa4ff081,
    'sxtb.w r0, r1',
  ]),
  extend32('UXTB', 'uxtb', '11111 010 0101 1111 1111 dddd 1 - rr mmmm', extend(8, false), [
    0xfa5ff081,
    'uxtb.w r0, r1',
  ]),
  unary32('REV', 'T2', 'rev.w', '11111 010 1001 nnnn 1111 dddd 1000 mmmm', REV, [0xfa91f081, 'rev.w r0, r1']),
  unary32('REV16', 'T2', 'rev16.w', '11111 010 1001 nnnn 1111 dddd 1001 mmmm', REV16, [
    0xfa91f091,
    'rev16.w r0, r1',
  ]),
  unary32('RBIT', 'T1', 'rbit', '11111 010 1001 nnnn 1111 dddd 1010 mmmm', RBIT, [0xfa91f0a1, 'rbit r0, r1']),
  unary32('REVSH', 'T2', 'revsh.w', '11111 010 1001 nnnn 1111 dddd 1011 mmmm', REVSH, [
    0xfa91f0b1,
    'revsh.w r0, r1',
  ]),
  unary32('CLZ', 'T1', 'clz', '11111 010 1011 nnnn 1111 dddd 1000 mmmm', (o, m) => o.clz(m), [
    0xfab1f081,
    'clz r0, r1',
  ]),
  bitField('SBFX', 'sbfx', SIGNED_FIELD, true, [0xf34100c7, 'sbfx r0, r1, #3, #8']),
  bitField('UBFX', 'ubfx', '11110 - 11110 0 nnnn 0 iii dddd ii - wwwww', false, [
    0xf3c100c7,
    'ubfx r0, r1, #3, #8',
  ]),
  insn({
    name: 'BFI',
    encoding: 'T1',
    bits: '11110 - 11011 0 nnnn 0 iii dddd ii - eeeee',
    asm: ({ n, i, d, e }, x) => `bfi${x.c} ${R(d)}, ${R(n)}, #${i}, #${e - i + 1}`,
    cycles: 'alu',
    unpredictable: [
      { when: ({ n, d }) => n === 13 || isBad(d), choice: BAD_REGISTER },
      { when: ({ i, e }) => e < i, choice: 'leaves Rd as it is: the field is empty' },
    ],
    example: [0xf36100ca, 'bfi r0, r1, #3, #8'],
    meaning: (o, { n, i, d, e }) => {
      if (e < i) return;
      const mask = ones(e - i + 1) << i;
      const field = o.and(o.shl(readR(o, n), o.imm(i)), o.imm(mask));
      writeR(o, d, o.or(o.and(readR(o, d), o.imm(~mask)), field));
    },
  }),
  insn({
    name: 'BFC',
    encoding: 'T1',
    bits: '11110 - 11011 0 1111 0 iii dddd ii - eeeee',
    asm: ({ i, d, e }, x) => `bfc${x.c} ${R(d)}, #${i}, #${e - i + 1}`,
    cycles: 'alu',
    unpredictable: [
      { when: ({ d }) => isBad(d), choice: BAD_REGISTER },
      { when: ({ i, e }) => e < i, choice: 'leaves Rd as it is: the field is empty' },
    ],
    example: [0xf36f00ca, 'bfc r0, #3, #8'],
    meaning: (o, { i, d, e }) => {
      if (e >= i) writeR(o, d, o.and(readR(o, d), o.imm(~(ones(e - i + 1) << i))));
    },
  }),
  saturateShifted('SSAT', 'ssat', '11110 - 11 00 h 0 nnnn 0 iii dddd ii - wwwww', true, [
    0xf3010007,
    'ssat r0, #8, r1',
  ]),
  saturateShifted('USAT', 'usat', '11110 - 11 10 h 0 nnnn 0 iii dddd ii - wwwww', false, [
    0xf3810007,
    'usat r0, #7, r1',
  ]),
];
