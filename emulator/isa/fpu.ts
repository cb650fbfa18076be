/** FPv4-SP: arithmetic, conversions, moves and system registers (DDI 0403, A6.4-A6.7). */
import { type CycleClass, type Insn, insn, shaped } from './insn.js';
import type { Ops, Values } from './ops.js';
import { R } from './text.js';

/** S<Vd:D> from a field that holds D:Vd. */
export function single(field: number): number {
  return ((field & 0xf) << 1) | (field >>> 4);
}

/** D<N:Vn> from a field that holds Vn:N. */
const doubleOfVn = (field: number): number => ((field & 1) << 4) | (field >>> 1);

type Binary = <V extends Values>(o: Ops<V>, d: () => V['f32'], n: V['f32'], m: V['f32']) => V['f32'];
type Unary = <V extends Values>(o: Ops<V>, m: V['f32']) => V['f32'];

const SIGN = 0x80000000 | 0;
function FPNeg<V extends Values>(o: Ops<V>, a: V['f32']): V['f32'] {
  return o.fromBits(o.xor(o.bitsOf(a), o.imm(SIGN)));
}
function FPAbs<V extends Values>(o: Ops<V>, a: V['f32']): V['f32'] {
  return o.fromBits(o.and(o.bitsOf(a), o.imm(0x7fffffff)));
}

/** `opcode` is bits 23, 21:20 and 6 of the diagram. */
const arithmetic = (
  name: string,
  opcode: readonly [string, string, string],
  operate: Binary,
  example: readonly [number, string],
  cycles: CycleClass = 'fpArithmetic',
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '1110 1110 0 d 11 nnnn dddd 1010 n 0 m 0 mmmm',
      `1110 1110 ${opcode[0]} d ${opcode[1]} nnnn dddd 1010 n ${opcode[2]} m 0 mmmm`,
    ),
    asm: ({ d, n, m }, x) => `${name.toLowerCase()}${x.c}.f32 s${single(d)}, s${n}, s${single(m)}`,
    cycles,
    example,
    meaning: (o, { d, n, m }) => {
      const result = operate(o, () => o.S(single(d)), o.S(n), o.S(single(m)));
      o.setS(single(d), result);
    },
  });

const MAC = 'fpMultiplyAccumulate';

const unary = (
  name: string,
  bits: string,
  operate: Unary,
  example: readonly [number, string],
  cycles: CycleClass = 'fpArithmetic',
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as '1110 1110 1 d 11 0000 dddd 1010 01 m 0 mmmm',
    asm: ({ d, m }, x) => `${name.split(' ')[0]?.toLowerCase()}${x.c}.f32 s${single(d)}, s${single(m)}`,
    cycles,
    example,
    meaning: (o, { d, m }) => o.setS(single(d), operate(o, o.S(single(m)))),
  });

/** VFPExpandImm() for single precision: sign, a 3-bit exponent spread to 8, a 4-bit fraction. */
function VFPExpandImm(imm8: number): number {
  const exponent = imm8 & 0x40 ? 0x3e000000 : 0x40000000;
  return ((imm8 & 0x80) << 24) | (exponent + ((imm8 & 0x3f) << 19));
}

const toInteger = (name: string, mnemonic: string, op: string, example: readonly [number, string]): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped(
      '1110 1110 1 d 11 110 s dddd 1010 1 1 m 0 mmmm',
      `1110 1110 1 d 11 110 s dddd 1010 ${op} 1 m 0 mmmm`,
    ),
    asm: ({ d, s, m }, x) => `${mnemonic}${x.c}.${s === 1 ? 's' : 'u'}32.f32 s${single(d)}, s${single(m)}`,
    cycles: 'fpArithmetic',
    example,
    meaning: (o, { d, s, m }) => {
      const value = o.fpToFixed(o.S(single(m)), 32, 0, s === 0, op === '1');
      o.setS(single(d), o.fromBits(value));
    },
  });

const halfText =
  (mnemonic: string, types: string) =>
  ({ d, t, m }: { d: number; t: number; m: number }, x: { c: string }) =>
    `${mnemonic}${t === 1 ? 't' : 'b'}${x.c}.${types} s${single(d)}, s${single(m)}`;

/** Fixed point: the value lies in the low 16 or all 32 bits of Sd, which is source and destination. */
const fixedText =
  (toFixed: boolean) =>
  ({ d, u, x: size, i }: { d: number; u: number; x: number; i: number }, x: { c: string }) => {
    const type = `${u === 1 ? 'u' : 's'}${size === 1 ? 32 : 16}`;
    const types = toFixed ? `${type}.f32` : `f32.${type}`;
    return `vcvt${x.c}.${types} s${single(d)}, s${single(d)}, #${fractionBits(size, i)}`;
  };

/** frac_bits = size - imm4:i, where `field` holds i:imm4. */
function fractionBits(size: number, field: number): number {
  return (size === 1 ? 32 : 16) - (((field & 0xf) << 1) | (field >>> 4));
}

const FIXED_UNPREDICTABLE = {
  when: ({ x, i }: { readonly x: number; readonly i: number }): boolean => fractionBits(x, i) < 0,
  choice: 'a negative number of fraction bits scales the other way',
};

const moveCore = (toCore: boolean, example: readonly [number, string]): Insn =>
  insn({
    name: 'VMOV (between ARM core register and single-precision register)',
    encoding: 'T1',
    bits: shaped(
      '1110 1110 000 0 nnnn tttt 1010 n - - 1 - - - -',
      `1110 1110 000 ${toCore ? 1 : 0} nnnn tttt 1010 n - - 1 - - - -`,
    ),
    asm: ({ n, t }, x) => (toCore ? `vmov${x.c} ${R(t)}, s${n}` : `vmov${x.c} s${n}, ${R(t)}`),
    cycles: 'fpMoveCore',
    unpredictable: [
      {
        when: ({ t }) => t === 13 || t === 15,
        choice: 'R13 is used like any other, R15 reads as the PC and is not written',
      },
    ],
    example,
    meaning: (o, { n, t }) => {
      if (!toCore) o.setS(n, o.fromBits(t === 15 ? o.PC() : o.R(t)));
      else if (t !== 15) o.setR(t, o.bitsOf(o.S(n)));
    },
  });

/** Two core registers and two singles (the second is one up), or one double. */
const movePair = (toCore: boolean, double: boolean, example: readonly [number, string]): Insn =>
  insn({
    name: double
      ? 'VMOV (between two ARM core registers and a doubleword register)'
      : 'VMOV (between two ARM core registers and two single-precision registers)',
    encoding: 'T1',
    bits: shaped(
      '1110 1100 010 0 uuuu tttt 101 0 00 m 1 mmmm',
      `1110 1100 010 ${toCore ? 1 : 0} uuuu tttt 101 ${double ? 1 : 0} 00 m 1 mmmm`,
    ),
    asm: ({ u, t, m }, x) => {
      const floats = double ? `d${m}` : `s${single(m)}, s${single(m) + 1}`;
      return toCore ? `vmov${x.c} ${R(t)}, ${R(u)}, ${floats}` : `vmov${x.c} ${floats}, ${R(t)}, ${R(u)}`;
    },
    cycles: 'fpMoveDual',
    // D16-D31 do not exist on this core.
    when: ({ m }) => !double || m < 16,
    unpredictable: [
      {
        when: ({ u, t }) => [u, t].some((r) => r === 13 || r === 15),
        choice: 'R13 is used like any other, R15 reads as the PC and is not written',
      },
      { when: ({ u, t }) => toCore && u === t, choice: 'the second register is written last' },
      {
        when: ({ m }) => !double && single(m) === 31,
        choice: 'the register after S31 reads 0 and is not written',
      },
    ],
    example,
    meaning: (o, { u, t, m }) => {
      const first = double ? m * 2 : single(m);
      const second = first + 1;
      if (!toCore) {
        const values = [t, u].map((r) => (r === 15 ? o.PC() : o.R(r)));
        o.setS(first, o.fromBits(values[0] as never));
        if (second < 32) o.setS(second, o.fromBits(values[1] as never));
        return;
      }
      const low = o.bitsOf(o.S(first));
      const high = second < 32 ? o.bitsOf(o.S(second)) : o.imm(0);
      if (t !== 15) o.setR(t, low);
      if (u !== 15) o.setR(u, high);
    },
  });

const moveScalar = (toCore: boolean, example: readonly [number, string]): Insn =>
  insn({
    name: toCore ? 'VMOV (scalar to ARM core register)' : 'VMOV (ARM core register to scalar)',
    encoding: 'T1',
    bits: shaped(
      '1110 1110 00 x 0 nnnn tttt 1011 n 00 1 - - - -',
      `1110 1110 00 x ${toCore ? 1 : 0} nnnn tttt 1011 n 00 1 - - - -`,
    ),
    asm: ({ x: lane, n, t }, x) => {
      const scalar = `d${doubleOfVn(n)}[${lane}]`;
      return toCore ? `vmov${x.c}.32 ${R(t)}, ${scalar}` : `vmov${x.c}.32 ${scalar}, ${R(t)}`;
    },
    cycles: 'fpMove',
    when: ({ n }) => doubleOfVn(n) < 16,
    unpredictable: [
      {
        when: ({ t }) => t === 13 || t === 15,
        choice: 'R13 is used like any other, R15 reads as the PC and is not written',
      },
    ],
    example,
    meaning: (o, { x, n, t }) => {
      const s = doubleOfVn(n) * 2 + x;
      if (!toCore) o.setS(s, o.fromBits(t === 15 ? o.PC() : o.R(t)));
      else if (t !== 15) o.setR(t, o.bitsOf(o.S(s)));
    },
  });

/** APSR<31:28> from a word; Q stays. */
function writeNZCV<V extends Values>(o: Ops<V>, value: V['i32']): void {
  const bit = (n: number): V['bool'] => o.ltS(o.shl(value, o.imm(31 - n)), o.imm(0));
  o.setFlagNZ(bit(31), bit(30));
  o.setC(bit(29));
  o.setV(bit(28));
}

export const fpu: readonly Insn[] = [
  arithmetic(
    'VMLA',
    ['0', '00', '0'],
    (o, d, n, m) => o.fpAdd(d(), o.fpMul(n, m)),
    [0xee000a81, 'vmla.f32 s0, s1, s2'],
    MAC,
  ),
  arithmetic(
    'VMLS',
    ['0', '00', '1'],
    (o, d, n, m) => o.fpAdd(d(), FPNeg(o, o.fpMul(n, m))),
    [0xee000ac1, 'vmls.f32 s0, s1, s2'],
    MAC,
  ),
  arithmetic(
    'VNMLS',
    ['0', '01', '0'],
    (o, d, n, m) => o.fpAdd(FPNeg(o, d()), o.fpMul(n, m)),
    [0xee100a81, 'vnmls.f32 s0, s1, s2'],
    MAC,
  ),
  arithmetic(
    'VNMLA',
    ['0', '01', '1'],
    (o, d, n, m) => o.fpAdd(FPNeg(o, d()), FPNeg(o, o.fpMul(n, m))),
    [0xee100ac1, 'vnmla.f32 s0, s1, s2'],
    MAC,
  ),
  arithmetic('VMUL', ['0', '10', '0'], (o, _d, n, m) => o.fpMul(n, m), [0xee200a81, 'vmul.f32 s0, s1, s2']),
  arithmetic('VNMUL', ['0', '10', '1'], (o, _d, n, m) => FPNeg(o, o.fpMul(n, m)), [
    0xee200ac1,
    'vnmul.f32 s0, s1, s2',
  ]),
  arithmetic('VADD', ['0', '11', '0'], (o, _d, n, m) => o.fpAdd(n, m), [0xee300a81, 'vadd.f32 s0, s1, s2']),
  arithmetic('VSUB', ['0', '11', '1'], (o, _d, n, m) => o.fpSub(n, m), [0xee300ac1, 'vsub.f32 s0, s1, s2']),
  arithmetic(
    'VDIV',
    ['1', '00', '0'],
    (o, _d, n, m) => o.fpDiv(n, m),
    [0xee800a81, 'vdiv.f32 s0, s1, s2'],
    'fpDivide',
  ),
  arithmetic(
    'VFNMS',
    ['1', '01', '0'],
    (o, d, n, m) => o.fpMulAdd(FPNeg(o, d()), n, m),
    [0xee900a81, 'vfnms.f32 s0, s1, s2'],
    MAC,
  ),
  arithmetic(
    'VFNMA',
    ['1', '01', '1'],
    (o, d, n, m) => o.fpMulAdd(FPNeg(o, d()), FPNeg(o, n), m),
    [0xee900ac1, 'vfnma.f32 s0, s1, s2'],
    MAC,
  ),
  arithmetic(
    'VFMA',
    ['1', '10', '0'],
    (o, d, n, m) => o.fpMulAdd(d(), n, m),
    [0xeea00a81, 'vfma.f32 s0, s1, s2'],
    MAC,
  ),
  arithmetic(
    'VFMS',
    ['1', '10', '1'],
    (o, d, n, m) => o.fpMulAdd(d(), FPNeg(o, n), m),
    [0xeea00ac1, 'vfms.f32 s0, s1, s2'],
    MAC,
  ),
  insn({
    name: 'VMOV (immediate)',
    encoding: 'T1',
    bits: '1110 1110 1 d 11 iiii dddd 1010 - 0 - 0 iiii',
    asm: ({ d, i }, x) => `vmov${x.c}.f32 s${single(d)}, #${i}`,
    cycles: 'fpMove',
    example: [0xeeb70a00, 'vmov.f32 s0, #112'],
    meaning: (o, { d, i }) => o.setS(single(d), o.fromBits(o.imm(VFPExpandImm(i)))),
  }),
  unary(
    'VMOV (register)',
    '1110 1110 1 d 11 0000 dddd 1010 01 m 0 mmmm',
    (_o, m) => m,
    [0xeeb00a60, 'vmov.f32 s0, s1'],
    'fpMove',
  ),
  unary('VABS', '1110 1110 1 d 11 0000 dddd 1010 11 m 0 mmmm', FPAbs, [0xeeb00ae0, 'vabs.f32 s0, s1']),
  unary('VNEG', '1110 1110 1 d 11 0001 dddd 1010 01 m 0 mmmm', FPNeg, [0xeeb10a60, 'vneg.f32 s0, s1']),
  unary(
    'VSQRT',
    '1110 1110 1 d 11 0001 dddd 1010 11 m 0 mmmm',
    (o, m) => o.fpSqrt(m),
    [0xeeb10ae0, 'vsqrt.f32 s0, s1'],
    'fpDivide',
  ),
  insn({
    name: 'VCVTB, VCVTT (to single)',
    encoding: 'T1',
    bits: '1110 1110 1 d 11 0010 dddd 1010 t 1 m 0 mmmm',
    asm: halfText('vcvt', 'f32.f16'),
    cycles: 'fpArithmetic',
    example: [0xeeb20a60, 'vcvtb.f32.f16 s0, s1'],
    meaning: (o, { d, t, m }) => {
      const bits = o.bitsOf(o.S(single(m)));
      o.setS(single(d), o.halfToFP(t === 1 ? o.shr(bits, o.imm(16)) : o.and(bits, o.imm(0xffff))));
    },
  }),
  insn({
    name: 'VCVTB, VCVTT (to half)',
    encoding: 'T1',
    bits: '1110 1110 1 d 11 0011 dddd 1010 t 1 m 0 mmmm',
    asm: halfText('vcvt', 'f16.f32'),
    cycles: 'fpArithmetic',
    example: [0xeeb30a60, 'vcvtb.f16.f32 s0, s1'],
    meaning: (o, { d, t, m }) => {
      const half = o.fpToHalf(o.S(single(m)));
      const old = o.bitsOf(o.S(single(d)));
      const kept = o.and(old, o.imm(t === 1 ? 0xffff : 0xffff0000 | 0));
      o.setS(single(d), o.fromBits(o.or(kept, t === 1 ? o.shl(half, o.imm(16)) : half)));
    },
  }),
  insn({
    name: 'VCMP, VCMPE',
    encoding: 'T1',
    bits: '1110 1110 1 d 11 0100 dddd 1010 e 1 m 0 mmmm',
    asm: ({ d, e, m }, x) => `vcmp${e === 1 ? 'e' : ''}${x.c}.f32 s${single(d)}, s${single(m)}`,
    cycles: 'fpArithmetic',
    example: [0xeeb40a60, 'vcmp.f32 s0, s1'],
    meaning: (o, { d, e, m }) => o.fpCompare(o.S(single(d)), o.S(single(m)), e === 1),
  }),
  insn({
    name: 'VCMP, VCMPE',
    encoding: 'T2',
    bits: '1110 1110 1 d 11 0101 dddd 1010 e 1 - 0 - - - -',
    asm: ({ d, e }, x) => `vcmp${e === 1 ? 'e' : ''}${x.c}.f32 s${single(d)}, #0.0`,
    cycles: 'fpArithmetic',
    example: [0xeeb50a40, 'vcmp.f32 s0, #0.0'],
    meaning: (o, { d, e }) => o.fpCompare(o.S(single(d)), o.fromBits(o.imm(0)), e === 1),
  }),
  insn({
    name: 'VCVT (from integer)',
    encoding: 'T1',
    bits: '1110 1110 1 d 11 1000 dddd 1010 s 1 m 0 mmmm',
    asm: ({ d, s, m }, x) => `vcvt${x.c}.f32.${s === 1 ? 's' : 'u'}32 s${single(d)}, s${single(m)}`,
    cycles: 'fpArithmetic',
    example: [0xeeb80ae0, 'vcvt.f32.s32 s0, s1'],
    meaning: (o, { d, s, m }) => o.setS(single(d), o.fixedToFP(o.bitsOf(o.S(single(m))), 0, s === 0, false)),
  }),
  toInteger('VCVT (to integer)', 'vcvt', '1', [0xeebd0ae0, 'vcvt.s32.f32 s0, s1']),
  toInteger('VCVTR', 'vcvtr', '0', [0xeebd0a60, 'vcvtr.s32.f32 s0, s1']),
  insn({
    name: 'VCVT (from fixed-point)',
    encoding: 'T1',
    bits: '1110 1110 1 d 11 101 u dddd 1010 x 1 i 0 iiii',
    asm: fixedText(false),
    cycles: 'fpArithmetic',
    unpredictable: [FIXED_UNPREDICTABLE],
    example: [0xeeba0ae4, 'vcvt.f32.s32 s0, s0, #23'],
    meaning: (o, { d, u, x, i }) => {
      const bits = o.bitsOf(o.S(single(d)));
      const up = o.shl(bits, o.imm(16));
      const half = u === 1 ? o.shr(up, o.imm(16)) : o.sar(up, o.imm(16));
      o.setS(single(d), o.fixedToFP(x === 1 ? bits : half, fractionBits(x, i), u === 1, true));
    },
  }),
  insn({
    name: 'VCVT (to fixed-point)',
    encoding: 'T1',
    bits: '1110 1110 1 d 11 111 u dddd 1010 x 1 i 0 iiii',
    asm: fixedText(true),
    cycles: 'fpArithmetic',
    unpredictable: [FIXED_UNPREDICTABLE],
    example: [0xeebe0ae4, 'vcvt.s32.f32 s0, s0, #23'],
    meaning: (o, { d, u, x, i }) => {
      const fixed = o.fpToFixed(o.S(single(d)), x === 1 ? 32 : 16, fractionBits(x, i), u === 1, true);
      o.setS(single(d), o.fromBits(fixed));
    },
  }),
  moveCore(false, [0xee000a90, 'vmov s1, r0']),
  moveCore(true, [0xee100a90, 'vmov r0, s1']),
  movePair(false, false, [0xec410a31, 'vmov s3, s4, r0, r1']),
  movePair(true, false, [0xec510a31, 'vmov r0, r1, s3, s4']),
  movePair(false, true, [0xec410b11, 'vmov d1, r0, r1']),
  movePair(true, true, [0xec510b11, 'vmov r0, r1, d1']),
  moveScalar(false, [0xee210b10, 'vmov.32 d1[1], r0']),
  moveScalar(true, [0xee310b10, 'vmov.32 r0, d1[1]']),
  insn({
    name: 'VMRS',
    encoding: 'T1',
    bits: '1110 1110 1111 0001 tttt 1010 - - - 1 - - - -',
    asm: ({ t }, x) => `vmrs${x.c} ${t === 15 ? 'APSR_nzcv' : R(t)}, fpscr`,
    cycles: 'fpSystem',
    unpredictable: [{ when: ({ t }) => t === 13, choice: 'R13 is written like any other' }],
    example: [0xeef1fa10, 'vmrs APSR_nzcv, fpscr'],
    meaning: (o, { t }) => {
      const value = o.readFPSCR();
      if (t === 15) writeNZCV(o, value);
      else o.setR(t, value);
    },
  }),
  insn({
    name: 'VMSR',
    encoding: 'T1',
    bits: '1110 1110 1110 0001 tttt 1010 - - - 1 - - - -',
    asm: ({ t }, x) => `vmsr${x.c} fpscr, ${R(t)}`,
    cycles: 'fpSystem',
    unpredictable: [
      { when: ({ t }) => t === 13 || t === 15, choice: 'R13 is read like any other, R15 as the PC' },
    ],
    example: [0xeee10a10, 'vmsr fpscr, r0'],
    meaning: (o, { t }) => o.writeFPSCR(t === 15 ? o.PC() : o.R(t)),
  }),
];
