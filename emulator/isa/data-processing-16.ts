/**
 * 16-bit data processing: shift, add, subtract, move and compare; two registers; special registers (DDI 0403,
 * A5.2.1-3).
 */
import { type Insn, insn, shaped } from './insn.js';
import type { Ops, Values } from './ops.js';
import {
  Add,
  AddWithCarry,
  Shift_C,
  ShiftByRegister_C,
  type ShiftType,
  Subtract,
  type Sum,
  setNZCV,
} from './pseudocode.js';
import { R } from './text.js';

/** setflags = !InITBlock() */
function setNZCVOutsideIT<V extends Values>(o: Ops<V>, sum: Sum<V>): void {
  if (!o.inITBlock) setNZCV(o, sum);
}

function setNZOutsideIT<V extends Values>(o: Ops<V>, result: V['i32']): void {
  if (!o.inITBlock) o.setNZ(result);
}

const shiftImmediate = (
  name: string,
  type: Exclude<ShiftType, 'RRX' | 'ROR'>,
  bits: '000 00 iiiii mmm ddd',
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits,
    asm: ({ i, m, d }, x) => `${type.toLowerCase()}${x.s} ${R(d)}, ${R(m)}, #${i || 32}`,
    cycles: 'alu',
    example,
    meaning: (o, { i, m, d }) => {
      const shifted = Shift_C(o, o.R(m), type, i || 32, () => o.flag('C'));
      if (!o.inITBlock) {
        o.setC(shifted.carry);
        o.setNZ(shifted.result);
      }
      o.setR(d, shifted.result);
    },
  });

const shiftRegister = (
  type: Exclude<ShiftType, 'RRX'>,
  bits: '010000 0010 mmm ddd',
  example: readonly [number, string],
): Insn =>
  insn({
    name: `${type} (register)`,
    encoding: 'T1',
    bits,
    asm: ({ m, d }, x) => `${type.toLowerCase()}${x.s} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    example,
    meaning: (o, { m, d }) => {
      const shifted = ShiftByRegister_C(o, o.R(d), type, o.R(m));
      if (!o.inITBlock) {
        o.setC(shifted.carry);
        o.setNZ(shifted.result);
      }
      o.setR(d, shifted.result);
    },
  });

type Logical = <V extends Values>(o: Ops<V>, n: V['i32'], m: V['i32']) => V['i32'];

const logical = (
  name: string,
  mnemonic: string,
  bits: '010000 0000 mmm ddd',
  operate: Logical,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits,
    asm: ({ m, d }, x) => `${mnemonic}${x.s} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    example,
    meaning: (o, { m, d }) => {
      const result = operate(o, o.R(d), o.R(m));
      setNZOutsideIT(o, result);
      o.setR(d, result);
    },
  });

const IMM5 = '000 00 iiiii mmm ddd';
const TWO = '010000 0000 mmm ddd';
const SHIFT = '010000 0010 mmm ddd';

export const dataProcessing16: readonly Insn[] = [
  insn({
    name: 'MOV (register)',
    encoding: 'T2',
    bits: '000 00 00000 mmm ddd',
    asm: ({ m, d }, x) => `mov${x.s} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    unpredictable: [
      {
        when: (_f, inIT) => inIT,
        choice: 'moves without setting flags, as the surrounding encodings do in an IT block',
      },
    ],
    example: [0x0008, 'movs r0, r1'],
    meaning: (o, { m, d }) => {
      const result = o.R(m);
      setNZOutsideIT(o, result);
      o.setR(d, result);
    },
  }),
  insn({
    name: 'LSL (immediate)',
    encoding: 'T1',
    bits: '000 00 iiiii mmm ddd',
    asm: ({ i, m, d }, x) => `lsl${x.s} ${R(d)}, ${R(m)}, #${i}`,
    cycles: 'alu',
    example: [0x00c8, 'lsls r0, r1, #3'],
    meaning: (o, { i, m, d }) => {
      const shifted = Shift_C(o, o.R(m), 'LSL', i, () => o.flag('C'));
      if (!o.inITBlock) {
        o.setC(shifted.carry);
        o.setNZ(shifted.result);
      }
      o.setR(d, shifted.result);
    },
  }),
  shiftImmediate('LSR (immediate)', 'LSR', shaped(IMM5, '000 01 iiiii mmm ddd'), [0x0848, 'lsrs r0, r1, #1']),
  shiftImmediate('ASR (immediate)', 'ASR', shaped(IMM5, '000 10 iiiii mmm ddd'), [
    0x1008,
    'asrs r0, r1, #32',
  ]),
  insn({
    name: 'ADD (register)',
    encoding: 'T1',
    bits: '000 11 0 0 mmm nnn ddd',
    asm: ({ m, n, d }, x) => `add${x.s} ${R(d)}, ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    example: [0x1888, 'adds r0, r1, r2'],
    meaning: (o, { m, n, d }) => {
      const sum = Add(o, o.R(n), o.R(m));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  insn({
    name: 'SUB (register)',
    encoding: 'T1',
    bits: '000 11 0 1 mmm nnn ddd',
    asm: ({ m, n, d }, x) => `sub${x.s} ${R(d)}, ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    example: [0x1a88, 'subs r0, r1, r2'],
    meaning: (o, { m, n, d }) => {
      const sum = Subtract(o, o.R(n), o.R(m));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  insn({
    name: 'ADD (immediate)',
    encoding: 'T1',
    bits: '000 11 1 0 iii nnn ddd',
    asm: ({ i, n, d }, x) => `add${x.s} ${R(d)}, ${R(n)}, #${i}`,
    cycles: 'alu',
    example: [0x1d48, 'adds r0, r1, #5'],
    meaning: (o, { i, n, d }) => {
      const sum = Add(o, o.R(n), o.imm(i));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  insn({
    name: 'SUB (immediate)',
    encoding: 'T1',
    bits: '000 11 1 1 iii nnn ddd',
    asm: ({ i, n, d }, x) => `sub${x.s} ${R(d)}, ${R(n)}, #${i}`,
    cycles: 'alu',
    example: [0x1f48, 'subs r0, r1, #5'],
    meaning: (o, { i, n, d }) => {
      const sum = Subtract(o, o.R(n), o.imm(i));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  insn({
    name: 'MOV (immediate)',
    encoding: 'T1',
    bits: '001 00 ddd iiiiiiii',
    asm: ({ i, d }, x) => `mov${x.s} ${R(d)}, #${i}`,
    cycles: 'alu',
    example: [0x20ff, 'movs r0, #255'],
    meaning: (o, { i, d }) => {
      setNZOutsideIT(o, o.imm(i));
      o.setR(d, o.imm(i));
    },
  }),
  insn({
    name: 'CMP (immediate)',
    encoding: 'T1',
    bits: '001 01 nnn iiiiiiii',
    asm: ({ i, n }, x) => `cmp${x.c} ${R(n)}, #${i}`,
    cycles: 'alu',
    example: [0x2a07, 'cmp r2, #7'],
    meaning: (o, { i, n }) => setNZCV(o, Subtract(o, o.R(n), o.imm(i))),
  }),
  insn({
    name: 'ADD (immediate)',
    encoding: 'T2',
    bits: '001 10 ddd iiiiiiii',
    asm: ({ i, d }, x) => `add${x.s} ${R(d)}, #${i}`,
    cycles: 'alu',
    example: [0x3005, 'adds r0, #5'],
    meaning: (o, { i, d }) => {
      const sum = Add(o, o.R(d), o.imm(i));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  insn({
    name: 'SUB (immediate)',
    encoding: 'T2',
    bits: '001 11 ddd iiiiiiii',
    asm: ({ i, d }, x) => `sub${x.s} ${R(d)}, #${i}`,
    cycles: 'alu',
    example: [0x3805, 'subs r0, #5'],
    meaning: (o, { i, d }) => {
      const sum = Subtract(o, o.R(d), o.imm(i));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  logical('AND (register)', 'and', shaped(TWO, '010000 0000 mmm ddd'), (o, n, m) => o.and(n, m), [
    0x4008,
    'ands r0, r1',
  ]),
  logical('EOR (register)', 'eor', shaped(TWO, '010000 0001 mmm ddd'), (o, n, m) => o.xor(n, m), [
    0x4048,
    'eors r0, r1',
  ]),
  shiftRegister('LSL', shaped(SHIFT, '010000 0010 mmm ddd'), [0x4088, 'lsls r0, r1']),
  shiftRegister('LSR', shaped(SHIFT, '010000 0011 mmm ddd'), [0x40c8, 'lsrs r0, r1']),
  shiftRegister('ASR', shaped(SHIFT, '010000 0100 mmm ddd'), [0x4108, 'asrs r0, r1']),
  insn({
    name: 'ADC (register)',
    encoding: 'T1',
    bits: '010000 0101 mmm ddd',
    asm: ({ m, d }, x) => `adc${x.s} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    example: [0x4148, 'adcs r0, r1'],
    meaning: (o, { m, d }) => {
      const sum = AddWithCarry(o, o.R(d), o.R(m), o.flag('C'));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  insn({
    name: 'SBC (register)',
    encoding: 'T1',
    bits: '010000 0110 mmm ddd',
    asm: ({ m, d }, x) => `sbc${x.s} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    example: [0x4188, 'sbcs r0, r1'],
    meaning: (o, { m, d }) => {
      const sum = AddWithCarry(o, o.R(d), o.not(o.R(m)), o.flag('C'));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  shiftRegister('ROR', shaped(SHIFT, '010000 0111 mmm ddd'), [0x41c8, 'rors r0, r1']),
  insn({
    name: 'TST (register)',
    encoding: 'T1',
    bits: '010000 1000 mmm nnn',
    asm: ({ m, n }, x) => `tst${x.c} ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    example: [0x4208, 'tst r0, r1'],
    meaning: (o, { m, n }) => o.setNZ(o.and(o.R(n), o.R(m))),
  }),
  insn({
    name: 'RSB (immediate)',
    encoding: 'T1',
    bits: '010000 1001 nnn ddd',
    asm: ({ n, d }, x) => `neg${x.s} ${R(d)}, ${R(n)}`,
    cycles: 'alu',
    example: [0x4248, 'negs r0, r1'],
    meaning: (o, { n, d }) => {
      const sum = Subtract(o, o.imm(0), o.R(n));
      setNZCVOutsideIT(o, sum);
      o.setR(d, sum.result);
    },
  }),
  insn({
    name: 'CMP (register)',
    encoding: 'T1',
    bits: '010000 1010 mmm nnn',
    asm: ({ m, n }, x) => `cmp${x.c} ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    example: [0x4288, 'cmp r0, r1'],
    meaning: (o, { m, n }) => setNZCV(o, Subtract(o, o.R(n), o.R(m))),
  }),
  insn({
    name: 'CMN (register)',
    encoding: 'T1',
    bits: '010000 1011 mmm nnn',
    asm: ({ m, n }, x) => `cmn${x.c} ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    example: [0x42c8, 'cmn r0, r1'],
    meaning: (o, { m, n }) => setNZCV(o, Add(o, o.R(n), o.R(m))),
  }),
  logical('ORR (register)', 'orr', shaped(TWO, '010000 1100 mmm ddd'), (o, n, m) => o.or(n, m), [
    0x4308,
    'orrs r0, r1',
  ]),
  insn({
    name: 'MUL',
    encoding: 'T1',
    bits: '010000 1101 nnn ddd',
    asm: ({ n, d }, x) => `mul${x.s} ${R(d)}, ${R(n)}`,
    cycles: 'multiply',
    example: [0x4348, 'muls r0, r1'],
    meaning: (o, { n, d }) => {
      const result = o.mul(o.R(n), o.R(d));
      setNZOutsideIT(o, result);
      o.setR(d, result);
    },
  }),
  logical('BIC (register)', 'bic', shaped(TWO, '010000 1110 mmm ddd'), (o, n, m) => o.and(n, o.not(m)), [
    0x4388,
    'bics r0, r1',
  ]),
  logical('MVN (register)', 'mvn', shaped(TWO, '010000 1111 mmm ddd'), (o, _n, m) => o.not(m), [
    0x43c8,
    'mvns r0, r1',
  ]),
  insn({
    name: 'ADD (register)',
    encoding: 'T2',
    bits: '010001 00 d mmmm ddd',
    asm: ({ m, d }, x) => `add${x.c} ${R(d)}, ${R(m)}`,
    cycles: 'alu',
    unpredictable: [
      { when: ({ m, d }) => m === 15 && d === 15, choice: 'adds and branches: nothing else is as simple' },
    ],
    example: [0x4440, 'add r0, r8'],
    meaning: (o, { m, d }) => {
      const result = o.add(d === 15 ? o.PC() : o.R(d), m === 15 ? o.PC() : o.R(m));
      if (d === 15) o.branch(result);
      else o.setR(d, result);
    },
  }),
  insn({
    name: 'CMP (register)',
    encoding: 'T2',
    bits: '010001 01 n mmmm nnn',
    asm: ({ m, n }, x) => `cmp${x.c} ${R(n)}, ${R(m)}`,
    cycles: 'alu',
    unpredictable: [
      { when: ({ m, n }) => m < 8 && n < 8, choice: 'compares, as T1 does' },
      { when: ({ m, n }) => m === 15 || n === 15, choice: 'compares with the PC as read' },
    ],
    example: [0x4580, 'cmp r8, r0'],
    meaning: (o, { m, n }) => {
      setNZCV(o, Subtract(o, n === 15 ? o.PC() : o.R(n), m === 15 ? o.PC() : o.R(m)));
    },
  }),
  insn({
    name: 'MOV (register)',
    encoding: 'T1',
    bits: '010001 10 d mmmm ddd',
    asm: ({ m, d }, x) => (m === 8 && d === 8 ? `nop${x.c}` : `mov${x.c} ${R(d)}, ${R(m)}`),
    cycles: 'alu',
    example: [0x4680, 'mov r8, r0'],
    meaning: (o, { m, d }) => {
      const result = m === 15 ? o.PC() : o.R(m);
      if (d === 15) o.branch(result);
      else o.setR(d, result);
    },
  }),
  insn({
    name: 'ADR',
    encoding: 'T1',
    bits: '1010 0 ddd iiiiiiii',
    asm: ({ i, d }, x) => `add${x.c} ${R(d)}, pc, #${i * 4}`,
    cycles: 'alu',
    example: [0xa001, 'add r0, pc, #4'],
    meaning: (o, { i, d }) => o.setR(d, o.add(o.and(o.PC(), o.imm(-4)), o.imm(i * 4))),
  }),
  insn({
    name: 'ADD (SP plus immediate)',
    encoding: 'T1',
    bits: '1010 1 ddd iiiiiiii',
    asm: ({ i, d }, x) => `add${x.c} ${R(d)}, sp, #${i * 4}`,
    cycles: 'alu',
    example: [0xa801, 'add r0, sp, #4'],
    meaning: (o, { i, d }) => o.setR(d, o.add(o.R(13), o.imm(i * 4))),
  }),
  insn({
    name: 'ADD (SP plus immediate)',
    encoding: 'T2',
    bits: '1011 0000 0 iiiiiii',
    asm: ({ i }, x) => `add${x.c} sp, #${i * 4}`,
    cycles: 'alu',
    example: [0xb002, 'add sp, #8'],
    meaning: (o, { i }) => o.setR(13, o.add(o.R(13), o.imm(i * 4))),
  }),
  insn({
    name: 'SUB (SP minus immediate)',
    encoding: 'T1',
    bits: '1011 0000 1 iiiiiii',
    asm: ({ i }, x) => `sub${x.c} sp, #${i * 4}`,
    cycles: 'alu',
    example: [0xb082, 'sub sp, #8'],
    meaning: (o, { i }) => o.setR(13, o.sub(o.R(13), o.imm(i * 4))),
  }),
];
