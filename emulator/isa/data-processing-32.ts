/**
 * 32-bit data processing: modified immediate, shifted register, shift by register, plain immediate (DDI 0403,
 * A5.3.1-3, A5.3.11-12).
 */
import { type Insn, insn } from './insn.js';
import type { Ops, Values } from './ops.js';
import {
  Add,
  AddWithCarry,
  DecodeImmShift,
  Shift_C,
  ShiftByRegister_C,
  type Shifted,
  type ShiftType,
  Subtract,
  type Sum,
  ThumbExpandImm_C,
} from './pseudocode.js';
import { BAD_REGISTER, isBad, readR, writeR } from './register-access.js';
import { R, shiftSuffix } from './text.js';

/** What an operation gives: the result, and the flags beyond N and Z that it changes. */
interface Outcome<V extends Values> {
  readonly result: V['i32'];
  readonly carry: V['bool'];
  readonly overflow?: V['bool'];
}
type Operation = <V extends Values>(o: Ops<V>, n: () => V['i32'], operand: Shifted<V>) => Outcome<V>;

const logical =
  (operate: <V extends Values>(o: Ops<V>, n: () => V['i32'], m: V['i32']) => V['i32']): Operation =>
  (o, n, operand) => ({ result: operate(o, n, operand.result), carry: operand.carry });
const arithmetic =
  (operate: <V extends Values>(o: Ops<V>, n: V['i32'], m: V['i32']) => Sum<V>): Operation =>
  (o, n, operand) =>
    operate(o, n(), operand.result);

const AND = logical((o, n, m) => o.and(n(), m));
const BIC = logical((o, n, m) => o.and(n(), o.not(m)));
const ORR = logical((o, n, m) => o.or(n(), m));
const ORN = logical((o, n, m) => o.or(n(), o.not(m)));
const EOR = logical((o, n, m) => o.xor(n(), m));
const MOV = logical((_o, _n, m) => m);
const MVN = logical((o, _n, m) => o.not(m));
const ADD = arithmetic((o, n, m) => Add(o, n, m));
const ADC = arithmetic((o, n, m) => AddWithCarry(o, n, m, o.flag('C')));
const SBC = arithmetic((o, n, m) => AddWithCarry(o, n, o.not(m), o.flag('C')));
const SUB = arithmetic((o, n, m) => Subtract(o, n, m));
const RSB = arithmetic((o, n, m) => Subtract(o, m, n));

function setFlags<V extends Values>(o: Ops<V>, outcome: Outcome<V>): void {
  o.setC(outcome.carry);
  if (outcome.overflow !== undefined) o.setV(outcome.overflow);
  o.setNZ(outcome.result);
}

function expandImmediate<V extends Values>(o: Ops<V>, imm12: number): Shifted<V> {
  const { value, rotated } = ThumbExpandImm_C(imm12);
  return { result: o.imm(value), carry: rotated ? o.bool(value < 0) : o.flag('C') };
}

/** The operands of one data-processing operation in its three 32-bit shapes. */
type Shape = 'three' | 'move' | 'compare';
interface Family {
  readonly title: string;
  readonly mnemonic: string;
  readonly opcode: string;
  readonly shape: Shape;
  readonly operation: Operation;
  /** objdump marks what also has a 16-bit encoding with `.w`. */
  readonly wideImmediate: boolean;
  readonly wideRegister: boolean;
  readonly immediate: readonly [encoding: string, word: number, text: string];
  /** Absent for MOV, whose register form is the shift by an immediate. */
  readonly register?: readonly [encoding: string, word: number, text: string];
}

const FAMILIES: readonly Family[] = [
  {
    title: 'TST',
    mnemonic: 'tst',
    opcode: '0000',
    shape: 'compare',
    operation: AND,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf0110f01, 'tst.w r1, #1'],
    register: ['T2', 0xea110f02, 'tst.w r1, r2'],
  },
  {
    title: 'AND',
    mnemonic: 'and',
    opcode: '0000',
    shape: 'three',
    operation: AND,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf0010001, 'and.w r0, r1, #1'],
    register: ['T2', 0xea010002, 'and.w r0, r1, r2'],
  },
  {
    title: 'BIC',
    mnemonic: 'bic',
    opcode: '0001',
    shape: 'three',
    operation: BIC,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf0210001, 'bic.w r0, r1, #1'],
    register: ['T2', 0xea210002, 'bic.w r0, r1, r2'],
  },
  {
    title: 'MOV',
    mnemonic: 'mov',
    opcode: '0010',
    shape: 'move',
    operation: MOV,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T2', 0xf04f0001, 'mov.w r0, #1'],
  },
  {
    title: 'ORR',
    mnemonic: 'orr',
    opcode: '0010',
    shape: 'three',
    operation: ORR,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf0410001, 'orr.w r0, r1, #1'],
    register: ['T2', 0xea410002, 'orr.w r0, r1, r2'],
  },
  {
    title: 'MVN',
    mnemonic: 'mvn',
    opcode: '0011',
    shape: 'move',
    operation: MVN,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf06f0001, 'mvn.w r0, #1'],
    register: ['T2', 0xea6f0002, 'mvn.w r0, r2'],
  },
  {
    title: 'ORN',
    mnemonic: 'orn',
    opcode: '0011',
    shape: 'three',
    operation: ORN,
    wideImmediate: false,
    wideRegister: false,
    immediate: ['T1', 0xf0610001, 'orn r0, r1, #1'],
    register: ['T1', 0xea610002, 'orn r0, r1, r2'],
  },
  {
    title: 'TEQ',
    mnemonic: 'teq',
    opcode: '0100',
    shape: 'compare',
    operation: EOR,
    wideImmediate: false,
    wideRegister: false,
    immediate: ['T1', 0xf0910f01, 'teq r1, #1'],
    register: ['T1', 0xea910f02, 'teq r1, r2'],
  },
  {
    title: 'EOR',
    mnemonic: 'eor',
    opcode: '0100',
    shape: 'three',
    operation: EOR,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf0810001, 'eor.w r0, r1, #1'],
    register: ['T2', 0xea810002, 'eor.w r0, r1, r2'],
  },
  {
    title: 'CMN',
    mnemonic: 'cmn',
    opcode: '1000',
    shape: 'compare',
    operation: ADD,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf1110f01, 'cmn.w r1, #1'],
    register: ['T2', 0xeb110f02, 'cmn.w r1, r2'],
  },
  {
    title: 'ADD',
    mnemonic: 'add',
    opcode: '1000',
    shape: 'three',
    operation: ADD,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T3', 0xf1010001, 'add.w r0, r1, #1'],
    register: ['T3', 0xeb010002, 'add.w r0, r1, r2'],
  },
  {
    title: 'ADC',
    mnemonic: 'adc',
    opcode: '1010',
    shape: 'three',
    operation: ADC,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf1410001, 'adc.w r0, r1, #1'],
    register: ['T2', 0xeb410002, 'adc.w r0, r1, r2'],
  },
  {
    title: 'SBC',
    mnemonic: 'sbc',
    opcode: '1011',
    shape: 'three',
    operation: SBC,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T1', 0xf1610001, 'sbc.w r0, r1, #1'],
    register: ['T2', 0xeb610002, 'sbc.w r0, r1, r2'],
  },
  {
    title: 'CMP',
    mnemonic: 'cmp',
    opcode: '1101',
    shape: 'compare',
    operation: SUB,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T2', 0xf1b10f01, 'cmp.w r1, #1'],
    register: ['T3', 0xebb10f02, 'cmp.w r1, r2'],
  },
  {
    title: 'SUB',
    mnemonic: 'sub',
    opcode: '1101',
    shape: 'three',
    operation: SUB,
    wideImmediate: true,
    wideRegister: true,
    immediate: ['T3', 0xf1a10001, 'sub.w r0, r1, #1'],
    register: ['T2', 0xeba10002, 'sub.w r0, r1, r2'],
  },
  {
    title: 'RSB',
    mnemonic: 'rsb',
    opcode: '1110',
    shape: 'three',
    operation: RSB,
    wideImmediate: false,
    wideRegister: false,
    immediate: ['T2', 0xf1c10001, 'rsb r0, r1, #1'],
    register: ['T1', 0xebc10002, 'rsb r0, r1, r2'],
  },
];

/**
 * The encoding diagram of a shape, with its opcode filled in. Compares have S = 1 and Rd = 1111, moves Rn =
 * 1111.
 */
function pattern<B extends string>(bits: B, opcode: string, shape: Shape): B {
  const fixed = bits.replace('oooo', opcode);
  if (shape === 'compare') return fixed.replace(/s nnnn/, '1 nnnn').replace(/dddd/, '1111') as B;
  return (shape === 'move' ? fixed.replace(/nnnn/, '1111') : fixed) as B;
}

function operands(shape: Shape, d: number | undefined, n: number | undefined, last: string): string {
  const first = shape === 'compare' ? R(n ?? 15) : R(d ?? 15);
  return shape === 'three' ? `${first}, ${R(n ?? 15)}, ${last}` : `${first}, ${last}`;
}

function operate<V extends Values>(
  o: Ops<V>,
  family: Family,
  f: { readonly s?: number; readonly n?: number; readonly d?: number },
  operand: Shifted<V>,
): void {
  const outcome = family.operation(o, () => readR(o, f.n ?? 15), operand);
  if (family.shape === 'compare' || f.s === 1) setFlags(o, outcome);
  if (family.shape !== 'compare') writeR(o, f.d ?? 15, outcome.result);
}

function immediate(family: Family): Insn {
  const [encoding, word, text] = family.immediate;
  return insn({
    name: `${family.title} (immediate)`,
    encoding,
    bits: pattern('11110 i 0 oooo s nnnn 0 iii dddd iiiiiiii', family.opcode, family.shape),
    asm: ({ i, s, n, d }, x) => {
      const { value } = ThumbExpandImm_C(i);
      const suffix = `${s === 1 ? 's' : ''}${x.c}${family.wideImmediate ? '.w' : ''}`;
      return `${family.mnemonic}${suffix} ${operands(family.shape, d, n, `#${value >>> 0}`)}`;
    },
    cycles: 'alu',
    unpredictable: [{ when: ({ n, d }) => n === 15 || isBad(d), choice: BAD_REGISTER }],
    example: [word, text],
    meaning: (o, f) => operate(o, family, f, expandImmediate(o, f.i)),
  });
}

function register(family: Family): Insn[] {
  if (family.register === undefined) return [];
  const [encoding, word, text] = family.register;
  const record = insn({
    name: `${family.title} (register)`,
    encoding,
    bits: pattern('11101 01 oooo s nnnn - iii dddd ii tt mmmm', family.opcode, family.shape),
    asm: ({ i, t, m, s, n, d }, x) => {
      const suffix = `${s === 1 ? 's' : ''}${x.c}${family.wideRegister ? '.w' : ''}`;
      const last = `${R(m)}${shiftSuffix(DecodeImmShift(t, i))}`;
      return `${family.mnemonic}${suffix} ${operands(family.shape, d, n, last)}`;
    },
    cycles: 'alu',
    unpredictable: [{ when: ({ m, n, d }) => isBad(m, d) || n === 15, choice: BAD_REGISTER }],
    example: [word, text],
    meaning: (o, f) => {
      const { type, amount } = DecodeImmShift(f.t, f.i);
      operate(
        o,
        family,
        f,
        Shift_C(o, readR(o, f.m), type, amount, () => o.flag('C')),
      );
    },
  });
  return [record];
}

/** MOV (register) T3 and the shifts by an immediate: one encoding, told apart by type and amount. */
const shiftByImmediate = (
  name: string,
  encoding: string,
  bits: string,
  type: number,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding,
    bits: bits as '11101 01 0010 s 1111 - iii dddd ii tt mmmm',
    asm: ({ i = 0, s, d, m }, x) =>
      `mov${s === 1 ? 's' : ''}${x.c}.w ${R(d)}, ${R(m)}${shiftSuffix(DecodeImmShift(type, i))}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d, m }) => isBad(d, m), choice: BAD_REGISTER }],
    example,
    meaning: (o, { i = 0, s, d, m }) => {
      const shift = DecodeImmShift(type, i);
      const shifted = Shift_C(o, readR(o, m), shift.type, shift.amount, () => o.flag('C'));
      if (s === 1) setFlags(o, shifted);
      writeR(o, d, shifted.result);
    },
  });

const shiftByRegister = (
  type: Exclude<ShiftType, 'RRX'>,
  bits: string,
  example: readonly [number, string],
): Insn =>
  insn({
    name: `${type} (register)`,
    encoding: 'T2',
    bits: bits as '11111 010 0 00 s nnnn 1111 dddd 0 000 mmmm',
    asm: ({ s, n, d, m }, x) =>
      `${type.toLowerCase()}${s === 1 ? 's' : ''}${x.c}.w ${R(d)}, ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d, n, m }) => isBad(d, n, m), choice: BAD_REGISTER }],
    example,
    meaning: (o, { s, n, d, m }) => {
      const shifted = ShiftByRegister_C(o, readR(o, n), type, readR(o, m));
      if (s === 1) {
        o.setC(shifted.carry);
        o.setNZ(shifted.result);
      }
      writeR(o, d, shifted.result);
    },
  });

const plainImmediates: readonly Insn[] = [
  insn({
    name: 'ADD (immediate)',
    encoding: 'T4',
    bits: '11110 i 10000 0 nnnn 0 iii dddd iiiiiiii',
    asm: ({ i, n, d }, x) => `addw${x.c} ${R(d)}, ${R(n)}, #${i}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d }) => isBad(d), choice: BAD_REGISTER }],
    example: [0xf2010001, 'addw r0, r1, #1'],
    meaning: (o, { i, n, d }) => writeR(o, d, o.add(o.R(n), o.imm(i))),
  }),
  insn({
    name: 'ADR',
    encoding: 'T3',
    bits: '11110 i 10000 0 1111 0 iii dddd iiiiiiii',
    asm: ({ i, d }, x) => `addw${x.c} ${R(d)}, pc, #${i}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d }) => isBad(d), choice: BAD_REGISTER }],
    example: [0xf20f0004, 'addw r0, pc, #4'],
    meaning: (o, { i, d }) => writeR(o, d, o.add(o.and(o.PC(), o.imm(-4)), o.imm(i))),
  }),
  insn({
    name: 'SUB (immediate)',
    encoding: 'T4',
    bits: '11110 i 10101 0 nnnn 0 iii dddd iiiiiiii',
    asm: ({ i, n, d }, x) => `subw${x.c} ${R(d)}, ${R(n)}, #${i}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d }) => isBad(d), choice: BAD_REGISTER }],
    example: [0xf2a10001, 'subw r0, r1, #1'],
    meaning: (o, { i, n, d }) => writeR(o, d, o.sub(o.R(n), o.imm(i))),
  }),
  insn({
    name: 'ADR',
    encoding: 'T2',
    bits: '11110 i 10101 0 1111 0 iii dddd iiiiiiii',
    asm: ({ i, d }, x) => `subw${x.c} ${R(d)}, pc, #${i}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d }) => isBad(d), choice: BAD_REGISTER }],
    example: [0xf2af0004, 'subw r0, pc, #4'],
    meaning: (o, { i, d }) => writeR(o, d, o.sub(o.and(o.PC(), o.imm(-4)), o.imm(i))),
  }),
  insn({
    name: 'MOV (immediate)',
    encoding: 'T3',
    bits: '11110 i 10010 0 iiii 0 jjj dddd jjjjjjjj',
    asm: ({ i, j, d }, x) => `movw${x.c} ${R(d)}, #${movImmediate(i, j)}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d }) => isBad(d), choice: BAD_REGISTER }],
    example: [0xf6410234, 'movw r2, #6196'],
    meaning: (o, { i, j, d }) => writeR(o, d, o.imm(movImmediate(i, j))),
  }),
  insn({
    name: 'MOVT',
    encoding: 'T1',
    bits: '11110 i 10110 0 iiii 0 jjj dddd jjjjjjjj',
    asm: ({ i, j, d }, x) => `movt${x.c} ${R(d)}, #${movImmediate(i, j)}`,
    cycles: 'alu',
    unpredictable: [{ when: ({ d }) => isBad(d), choice: BAD_REGISTER }],
    example: [0xf2c20000, 'movt r0, #8192'],
    meaning: (o, { i, j, d }) =>
      writeR(o, d, o.or(o.and(readR(o, d), o.imm(0xffff)), o.imm(movImmediate(i, j) << 16))),
  }),
];

/** imm16 = imm4:i:imm3:imm8, where `i` holds i:imm4 and `j` imm3:imm8. */
function movImmediate(i: number, j: number): number {
  return ((i & 0xf) << 12) | ((i >>> 4) << 11) | j;
}

export const dataProcessing32: readonly Insn[] = [
  ...FAMILIES.flatMap((family) => [immediate(family), ...register(family)]),
  shiftByImmediate('MOV (register)', 'T3', '11101 01 0010 s 1111 - 000 dddd 00 00 mmmm', 0, [
    0xea4f0002,
    'mov.w r0, r2',
  ]),
  shiftByImmediate('LSL (immediate)', 'T2', '11101 01 0010 s 1111 - iii dddd ii 00 mmmm', 0, [
    0xea4f0082,
    'mov.w r0, r2, lsl #2',
  ]),
  shiftByImmediate('LSR (immediate)', 'T2', '11101 01 0010 s 1111 - iii dddd ii 01 mmmm', 1, [
    0xea4f0092,
    'mov.w r0, r2, lsr #2',
  ]),
  shiftByImmediate('ASR (immediate)', 'T2', '11101 01 0010 s 1111 - iii dddd ii 10 mmmm', 2, [
    0xea4f00a2,
    'mov.w r0, r2, asr #2',
  ]),
  shiftByImmediate('ROR (immediate)', 'T1', '11101 01 0010 s 1111 - iii dddd ii 11 mmmm', 3, [
    0xea4f00b2,
    'mov.w r0, r2, ror #2',
  ]),
  shiftByImmediate('RRX', 'T1', '11101 01 0010 s 1111 - 000 dddd 00 11 mmmm', 3, [
    0xea4f0032,
    'mov.w r0, r2, rrx',
  ]),
  shiftByRegister('LSL', '11111 010 0 00 s nnnn 1111 dddd 0 000 mmmm', [0xfa01f002, 'lsl.w r0, r1, r2']),
  shiftByRegister('LSR', '11111 010 0 01 s nnnn 1111 dddd 0 000 mmmm', [0xfa21f002, 'lsr.w r0, r1, r2']),
  shiftByRegister('ASR', '11111 010 0 10 s nnnn 1111 dddd 0 000 mmmm', [0xfa41f002, 'asr.w r0, r1, r2']),
  shiftByRegister('ROR', '11111 010 0 11 s nnnn 1111 dddd 0 000 mmmm', [0xfa61f002, 'ror.w r0, r1, r2']),
  ...plainImmediates,
];
