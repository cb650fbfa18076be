/** Where Unicorn 2.0.1 departs from the Arm ARM (DDI 0403), and so cannot judge. Each must be met. */
import type { Lockstep } from './lockstep.js';

export interface Peculiarity {
  readonly name: string;
  readonly reason: string;
  readonly applies: (step: Lockstep) => boolean;
}

/** ITSTATE<2:0>: not 0 while more of the block is to come. */
const XPSR_IT_TO_COME = 0x06000400;
const FPSCR_RMODE = 3 << 22;

export const PECULIARITIES: readonly Peculiarity[] = [
  {
    name: 'unaligned multiple and doubleword accesses',
    reason: 'MemA faults on an unaligned address (A3.2.1); Unicorn has no alignment check but in LDREX',
    applies: ({ fault, stop }) => fault === 'unaligned' && stop.completed,
  },
  {
    name: 'ISB inside an IT block',
    reason: 'an ISB advances ITSTATE as any instruction does (A7.3.3); in Unicorn the IT block ends with it',
    applies: ({ decoded, before }) => decoded.insn.name === 'ISB' && (before.xpsr & XPSR_IT_TO_COME) !== 0,
  },
  {
    name: 'fixed-point to FP, FPSCR not rounding to nearest',
    reason: 'from fixed-point is always rounded to nearest (ST PM0214, 3.10.5); Unicorn rounds as FPSCR says',
    applies: ({ decoded, before }) =>
      decoded.insn.name === 'VCVT (from fixed-point)' && (before.fpscr & FPSCR_RMODE) !== 0,
  },
];
