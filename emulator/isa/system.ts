/** Special registers, hints, barriers and CPS (DDI 0403, A5.2.5, A5.3.4, B5). */
import { type CycleClass, type Insn, insn, shaped } from './insn.js';
import type { Barrier, Hint } from './ops.js';
import { isBad, readR } from './register-access.js';
import { R } from './text.js';

const HINTS: readonly Hint[] = ['NOP', 'YIELD', 'WFE', 'WFI', 'SEV'];

const cyclesOf = (hint: Hint): CycleClass => (hint === 'WFE' || hint === 'WFI' ? 'wait' : 'hint');

const hint16 = (hint: Hint, opA: number): Insn =>
  insn({
    name: hint,
    encoding: 'T1',
    bits: shaped('1011 1111 0000 0000', `1011 1111 ${opA.toString(2).padStart(4, '0')} 0000`),
    asm: (_f, x) => `${hint.toLowerCase()}${x.c}`,
    cycles: cyclesOf(hint),
    example: [0xbf00 | (opA << 4), hint.toLowerCase()],
    meaning: (o) => o.hint(hint),
  });

const hint32 = (hint: Hint, op: number): Insn =>
  insn({
    name: hint,
    encoding: 'T2',
    bits: shaped(
      '1111 0011 1010 ++++ 1000 0000 0000 0000',
      `11110 0111 01 0 ++++ 10 - 0 - 000 0000 ${op.toString(2).padStart(4, '0')}`,
    ),
    asm: (_f, x) => `${hint.toLowerCase()}${x.c}.w`,
    cycles: cyclesOf(hint),
    example: [(0xf3af8000 | op) >>> 0, `${hint.toLowerCase()}.w`],
    meaning: (o) => o.hint(hint),
  });

const barrier = (name: Barrier, op: string, word: number): Insn =>
  insn({
    name,
    encoding: 'T1',
    bits: shaped('1111 0011 1011 ++++ 10 - 0 ++++ 0000 oooo', `11110 0111 01 1 ++++ 10 - 0 ++++ ${op} oooo`),
    asm: ({ o }, x) => `${name.toLowerCase()}${x.c} ${barrierOption(name, o)}`,
    cycles: 'barrier',
    example: [word, `${name.toLowerCase()} sy`],
    meaning: (o) => o.barrier(name),
  });

const OPTIONS: Readonly<Record<number, string>> = {
  15: 'sy',
  14: 'st',
  11: 'ish',
  10: 'ishst',
  7: 'un',
  6: 'unst',
  3: 'osh',
  2: 'oshst',
};

function barrierOption(name: Barrier, option: number): string {
  if (name === 'ISB') return option === 15 ? 'sy' : `#${option}`;
  return OPTIONS[option] ?? `#${option}`;
}

/** SYSm to its name (DDI 0403, B5.1.1), as objdump prints it. */
const SPECIAL: Readonly<Record<number, string>> = {
  0: 'CPSR',
  1: 'IAPSR',
  2: 'EAPSR',
  3: 'PSR',
  5: 'IPSR',
  6: 'EPSR',
  7: 'IEPSR',
  8: 'MSP',
  9: 'PSP',
  16: 'PRIMASK',
  17: 'BASEPRI',
  18: 'BASEPRI_MAX',
  19: 'FAULTMASK',
  20: 'CONTROL',
};

function specialName(sysm: number, mask: number | undefined): string {
  if (sysm === 0)
    return mask === undefined
      ? 'CPSR'
      : `CPSR_${mask === 2 ? 'f' : mask === 1 ? 's' : mask === 3 ? 'fs' : ''}`;
  return SPECIAL[sysm] ?? `(UNDEF: ${sysm})`;
}

export const system: readonly Insn[] = [
  ...HINTS.map(hint16),
  insn({
    name: 'NOP-compatible hint',
    encoding: 'T1',
    bits: '1011 1111 hhhh 0000',
    asm: ({ h }, x) => `nop${x.c} {${h}}`,
    cycles: 'hint',
    example: [0xbf50, 'nop {5}'],
    meaning: (o) => o.hint('NOP'),
  }),
  insn({
    name: 'CPS',
    encoding: 'T1',
    bits: '1011 0110 011 m - - i f',
    asm: ({ m, i, f }) => `cps${m === 1 ? 'id' : 'ie'} ${i === 1 ? 'i' : ''}${f === 1 ? 'f' : ''}`.trimEnd(),
    cycles: 'system',
    unpredictable: [
      { when: (_f, inIT) => inIT, choice: 'acts if its condition passes' },
      { when: ({ i, f }) => i === 0 && f === 0, choice: 'does nothing' },
    ],
    example: [0xb672, 'cpsid i'],
    meaning: (o, { m, i, f }) => o.changeProcessorState(m === 1, i === 1, f === 1),
  }),
  insn({
    name: 'BKPT',
    encoding: 'T1',
    bits: '1011 1110 iiiiiiii',
    asm: ({ i }) => `bkpt 0x${i.toString(16).padStart(4, '0')}`,
    cycles: 'exception',
    unconditional: true,
    example: [0xbeab, 'bkpt 0x00ab'],
    meaning: (o, { i }) => o.breakpoint(i),
  }),
  ...HINTS.map(hint32),
  insn({
    name: 'DBG',
    encoding: 'T1',
    bits: '11110 0111 01 0 ++++ 10 - 0 - 000 1111 oooo',
    asm: ({ o }, x) => `dbg${x.c} #${o}`,
    cycles: 'hint',
    example: [0xf3af80f5, 'dbg #5'],
    meaning: (o) => o.hint('DBG'),
  }),
  insn({
    name: 'NOP-compatible hint',
    encoding: 'T2',
    bits: '11110 0111 01 0 ++++ 10 - 0 - 000 hhhhhhhh',
    asm: ({ h }, x) => `nop${x.c}.w {${h}}`,
    cycles: 'hint',
    example: [0xf3af8006, 'nop.w {6}'],
    meaning: (o) => o.hint('NOP'),
  }),
  barrier('DSB', '0100', 0xf3bf8f4f),
  barrier('DMB', '0101', 0xf3bf8f5f),
  barrier('ISB', '0110', 0xf3bf8f6f),
  insn({
    name: 'CLREX',
    encoding: 'T1',
    bits: '11110 0111 01 1 ++++ 10 - 0 ++++ 0010 ++++',
    asm: (_f, x) => `clrex${x.c}`,
    cycles: 'alu',
    example: [0xf3bf8f2f, 'clrex'],
    meaning: (o) => o.clearExclusive(),
  }),
  insn({
    name: 'MRS',
    encoding: 'T1',
    bits: '11110 0111 11 - ++++ 10 - 0 dddd ssssssss',
    asm: ({ d, s }, x) => `mrs${x.c} ${R(d)}, ${specialName(s, undefined)}`,
    cycles: 'system',
    unpredictable: [
      { when: ({ d }) => isBad(d), choice: 'R13 is written like any other, R15 is not' },
      { when: ({ s }) => !(s in SPECIAL), choice: 'reads 0' },
    ],
    example: [0xf3ef8009, 'mrs r0, PSP'],
    meaning: (o, { d, s }) => {
      const value = o.readSpecial(s);
      if (d !== 15) o.setR(d, value);
    },
  }),
  insn({
    name: 'MSR',
    encoding: 'T1',
    bits: '11110 0111 00 - nnnn 10 - 0 mm - - ssssssss',
    asm: ({ n, m, s }, x) => `msr${x.c} ${specialName(s, m)}, ${R(n)}`,
    cycles: 'system',
    unpredictable: [
      { when: ({ n }) => isBad(n), choice: 'R13 is read like any other, R15 as the PC' },
      { when: ({ s }) => !(s in SPECIAL), choice: 'writes nothing' },
    ],
    example: [0xf3808809, 'msr PSP, r0'],
    meaning: (o, { n, m, s }) => o.writeSpecial(s, m, readR(o, n)),
  }),
];
