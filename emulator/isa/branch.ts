/** Branches, IT, and the calls into the system (DDI 0403, A5.2.6, A5.3.4). */
import { type Insn, insn } from './insn.js';
import { ConditionPassed, SignExtend } from './pseudocode.js';
import { isBad, readR } from './register-access.js';
import { branchTarget, condition, R } from './text.js';

const compareAndBranch = (
  name: string,
  mnemonic: string,
  bits: string,
  nonZero: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as '1011 0 0 i 1 iiiii nnn',
    asm: ({ i, n }, x) => `${mnemonic} ${R(n)}, ${branchTarget(x.address, i * 2)}`,
    cycles: 'branch',
    unpredictable: [
      { when: (_f, inIT) => inIT, choice: 'branches as outside the IT block, if its condition passes' },
    ],
    example,
    meaning: (o, { i, n }) => {
      const zero = o.eq(o.R(n), o.imm(0));
      o.if(nonZero ? o.negate(zero) : zero, () => o.branch(o.add(o.PC(), o.imm(i * 2))));
    },
  });

/** I1 = NOT(J1 EOR S), I2 = NOT(J2 EOR S): the 25-bit offset of B T4 and BL. */
function wideOffset(s: number, j: number, k: number, h: number, l: number): number {
  const i1 = 1 - (j ^ s);
  const i2 = 1 - (k ^ s);
  return SignExtend((s << 24) | (i1 << 23) | (i2 << 22) | (h << 12) | (l << 1), 25);
}

/** IT's mask and first condition as objdump writes them: `ite eq`. */
function itText(c: number, m: number): string {
  let letters = '';
  const last = 31 - Math.clz32(m & -m);
  for (let bit = 3; bit > last; bit--) letters += ((m >>> bit) & 1) === (c & 1) ? 't' : 'e';
  return `it${letters} ${c < 14 ? condition(c) : c === 14 ? 'al' : '<und>'}`;
}

const tableBranch = (name: string, bits: string, size: 1 | 2, example: readonly [number, string]): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: bits as '11101 00 0 1 1 0 1 nnnn ++++ ---- 0000 mmmm',
    asm: ({ n, m }, x) =>
      size === 1 ? `tbb${x.c} [${R(n)}, ${R(m)}]` : `tbh${x.c} [${R(n)}, ${R(m)}, lsl #1]`,
    cycles: 'tableBranch',
    unpredictable: [
      { when: ({ n, m }) => n === 13 || isBad(m), choice: 'R13 is read like any other, R15 as the PC' },
    ],
    example,
    meaning: (o, { n, m }) => {
      const index = readR(o, m);
      const entry = o.load({ size }, o.add(readR(o, n), size === 1 ? index : o.shl(index, o.imm(1))));
      o.branch(o.add(o.PC(), o.shl(entry, o.imm(1))));
    },
  });

export const branch: readonly Insn[] = [
  compareAndBranch('CBZ', 'cbz', '1011 0 0 i 1 iiiii nnn', false, [0xb108, 'cbz r0, 0x6']),
  compareAndBranch('CBNZ', 'cbnz', '1011 1 0 i 1 iiiii nnn', true, [0xb908, 'cbnz r0, 0x6']),
  insn({
    name: 'BX',
    encoding: 'T1',
    bits: '010001 11 0 mmmm ---',
    asm: ({ m }, x) => `bx${x.c} ${R(m)}`,
    cycles: 'branchRegister',
    unpredictable: [
      { when: ({ m }) => m === 15, choice: 'branches to the PC as read: bit 0 is 0, so INVSTATE' },
    ],
    example: [0x4770, 'bx lr'],
    meaning: (o, { m }) => o.branchExchange(readR(o, m)),
  }),
  insn({
    name: 'BLX (register)',
    encoding: 'T1',
    bits: '010001 11 1 mmmm ---',
    asm: ({ m }, x) => `blx${x.c} ${R(m)}`,
    cycles: 'branchRegister',
    unpredictable: [
      { when: ({ m }) => m === 15, choice: 'branches to the PC as read: bit 0 is 0, so INVSTATE' },
    ],
    example: [0x4798, 'blx r3'],
    meaning: (o, { m }) => {
      const target = readR(o, m);
      o.setR(14, o.or(o.sub(o.PC(), o.imm(2)), o.imm(1)));
      o.branchLinkExchange(target);
    },
  }),
  insn({
    name: 'B',
    encoding: 'T1',
    bits: '1101 cccc iiiiiiii',
    asm: ({ c, i }, x) => `b${condition(c)}.n ${branchTarget(x.address, SignExtend(i, 8) * 2)}`,
    cycles: 'branch',
    when: ({ c }) => c < 14,
    unpredictable: [{ when: (_f, inIT) => inIT, choice: 'both conditions must pass' }],
    example: [0xd0fe, 'beq.n 0x0'],
    meaning: (o, { c, i }) => {
      o.if(ConditionPassed(o, c), () => o.branch(o.add(o.PC(), o.imm(SignExtend(i, 8) * 2))));
    },
  }),
  insn({
    name: 'B',
    encoding: 'T2',
    bits: '1110 0 iiiiiiiiiii',
    asm: ({ i }, x) => `b${x.c}.n ${branchTarget(x.address, SignExtend(i, 11) * 2)}`,
    cycles: 'branch',
    example: [0xe7fe, 'b.n 0x0'],
    meaning: (o, { i }) => o.branch(o.add(o.PC(), o.imm(SignExtend(i, 11) * 2))),
  }),
  insn({
    name: 'B',
    encoding: 'T3',
    bits: '11110 s cccc iiiiii 10 j 0 k lllllllllll',
    asm: ({ s, c, i, j, k, l }, x) =>
      `b${condition(c)}.w ${branchTarget(x.address, conditionalOffset(s, j, k, i, l))}`,
    cycles: 'branch',
    when: ({ c }) => c < 14,
    unpredictable: [{ when: (_f, inIT) => inIT, choice: 'both conditions must pass' }],
    example: [0xf0008002, 'beq.w 0x8'],
    meaning: (o, { s, c, i, j, k, l }) => {
      o.if(ConditionPassed(o, c), () => o.branch(o.add(o.PC(), o.imm(conditionalOffset(s, j, k, i, l)))));
    },
  }),
  insn({
    name: 'B',
    encoding: 'T4',
    bits: '11110 s iiiiiiiiii 10 j 1 k lllllllllll',
    asm: ({ s, i, j, k, l }, x) => `b${x.c}.w ${branchTarget(x.address, wideOffset(s, j, k, i, l))}`,
    cycles: 'branch',
    example: [0xf000b802, 'b.w 0x8'],
    meaning: (o, { s, i, j, k, l }) => o.branch(o.add(o.PC(), o.imm(wideOffset(s, j, k, i, l)))),
  }),
  insn({
    name: 'BL',
    encoding: 'T1',
    bits: '11110 s iiiiiiiiii 11 j 1 k lllllllllll',
    asm: ({ s, i, j, k, l }, x) => `bl${x.c} ${branchTarget(x.address, wideOffset(s, j, k, i, l))}`,
    cycles: 'branch',
    example: [0xf000f802, 'bl 0x8'],
    meaning: (o, { s, i, j, k, l }) => {
      o.setR(14, o.or(o.PC(), o.imm(1)));
      o.branch(o.add(o.PC(), o.imm(wideOffset(s, j, k, i, l))));
    },
  }),
  tableBranch('TBB', '11101 00 0 1 1 0 1 nnnn ++++ ---- 0000 mmmm', 1, [0xe8d1f002, 'tbb [r1, r2]']),
  tableBranch('TBH', '11101 00 0 1 1 0 1 nnnn ++++ ---- 0001 mmmm', 2, [0xe8d1f012, 'tbh [r1, r2, lsl #1]']),
  insn({
    name: 'IT',
    encoding: 'T1',
    bits: '1011 1111 cccc mmmm',
    asm: ({ c, m }) => itText(c, m),
    cycles: 'it',
    when: ({ m }) => m !== 0,
    unpredictable: [
      { when: ({ c }) => c === 15, choice: 'condition 1111 always passes' },
      {
        when: ({ c, m }) => c === 14 && (m & (m - 1)) !== 0,
        choice: 'an inverted AL is condition 1111 and passes',
      },
      { when: (_f, inIT) => inIT, choice: 'opens a new IT block' },
    ],
    example: [0xbf08, 'it eq'],
    meaning: (o, { c, m }) => o.setITState((c << 4) | m),
  }),
  insn({
    name: 'SVC',
    encoding: 'T1',
    bits: '1101 1111 iiiiiiii',
    asm: ({ i }, x) => `svc${x.c} ${i}`,
    cycles: 'exception',
    example: [0xdf05, 'svc 5'],
    meaning: (o, { i }) => o.supervisorCall(i),
  }),
  insn({
    name: 'UDF',
    encoding: 'T1',
    bits: '1101 1110 iiiiiiii',
    asm: ({ i }, x) => `udf${x.c} #${i}`,
    cycles: 'exception',
    example: [0xde05, 'udf #5'],
    meaning: (o) => o.undefinedInstruction(),
  }),
  insn({
    name: 'UDF',
    encoding: 'T2',
    bits: '111 10 1111111 iiii 1 010 iiii iiiiiiii',
    asm: ({ i }, x) => `udf${x.c}.w #${i}`,
    cycles: 'exception',
    example: [0xf7f0a005, 'udf.w #5'],
    meaning: (o) => o.undefinedInstruction(),
  }),
];

/** The 21-bit offset of B T3: S:J2:J1:imm6:imm11:'0'. */
function conditionalOffset(s: number, j: number, k: number, imm6: number, imm11: number): number {
  return SignExtend((s << 20) | (k << 19) | (j << 18) | (imm6 << 12) | (imm11 << 1), 21);
}
