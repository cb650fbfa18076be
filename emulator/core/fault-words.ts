/** Every bit of the fault status registers, in words (DDI 0403, B3.2.15-B3.2.17). */
import type { FaultStatus } from './fault-log.js';

interface FaultBit {
  readonly bit: number;
  readonly name: string;
  /** One clause. */
  readonly meaning: string;
}

/** A register, and of its bits that are set the name and meaning. */
export interface FaultWords {
  readonly register: 'CFSR' | 'HFSR' | 'DFSR';
  readonly value: number;
  readonly bits: readonly { readonly name: string; readonly meaning: string }[];
}

export const MMARVALID = 7;
export const BFARVALID = 15;

const CFSR_BITS: readonly FaultBit[] = [
  { bit: 0, name: 'IACCVIOL', meaning: 'an instruction was fetched from where no code may run' },
  { bit: 1, name: 'DACCVIOL', meaning: 'a load or store at an address that the MPU forbids' },
  { bit: 3, name: 'MUNSTKERR', meaning: 'the MPU forbade popping an exception frame' },
  { bit: 4, name: 'MSTKERR', meaning: 'the MPU forbade pushing an exception frame' },
  { bit: 5, name: 'MLSPERR', meaning: 'the MPU forbade lazy stacking of the FP registers' },
  { bit: MMARVALID, name: 'MMARVALID', meaning: 'MMFAR holds the address' },
  { bit: 8, name: 'IBUSERR', meaning: 'an instruction was fetched from where no memory answers' },
  { bit: 9, name: 'PRECISERR', meaning: 'a load or store that the bus refused' },
  { bit: 10, name: 'IMPRECISERR', meaning: 'a store that the bus refused after the core had gone on' },
  { bit: 11, name: 'UNSTKERR', meaning: 'an exception frame could not be popped' },
  { bit: 12, name: 'STKERR', meaning: 'an exception frame could not be pushed: SP is no good' },
  { bit: 13, name: 'LSPERR', meaning: 'the FP registers could not be stored by lazy stacking' },
  { bit: BFARVALID, name: 'BFARVALID', meaning: 'BFAR holds the address' },
  { bit: 16, name: 'UNDEFINSTR', meaning: 'an instruction that the core does not have' },
  { bit: 17, name: 'INVSTATE', meaning: 'a branch to an address without bit 0, which is no Thumb code' },
  { bit: 18, name: 'INVPC', meaning: 'an exception return that does not fit' },
  { bit: 19, name: 'NOCP', meaning: 'a coprocessor that is off or not there; 10 and 11 are the FPU' },
  { bit: 24, name: 'UNALIGNED', meaning: 'an access at an address that is no multiple of its size' },
  { bit: 25, name: 'DIVBYZERO', meaning: 'a divide by zero, with CCR.DIV_0_TRP set' },
];

const HFSR_BITS: readonly FaultBit[] = [
  { bit: 1, name: 'VECTTBL', meaning: 'a vector could not be read' },
  { bit: 30, name: 'FORCED', meaning: 'a fault whose own handler is off, or not urgent enough' },
  { bit: 31, name: 'DEBUGEVT', meaning: 'a debug event, such as BKPT, without a debugger' },
];

const DFSR_BITS: readonly FaultBit[] = [
  { bit: 0, name: 'HALTED', meaning: 'a debugger asked to halt' },
  { bit: 1, name: 'BKPT', meaning: 'a BKPT instruction' },
  { bit: 2, name: 'DWTTRAP', meaning: 'a watchpoint of the DWT' },
  { bit: 3, name: 'VCATCH', meaning: 'a vector that a debugger waits for' },
  { bit: 4, name: 'EXTERNAL', meaning: 'a debug request from outside the core' },
];

export const isSet = (value: number, bit: number): boolean => ((value >>> bit) & 1) === 1;

/** The registers in which a bit is set. */
export function faultWords({ cfsr, hfsr, dfsr }: FaultStatus): FaultWords[] {
  const registers = [
    { register: 'CFSR', value: cfsr >>> 0, known: CFSR_BITS },
    { register: 'HFSR', value: hfsr >>> 0, known: HFSR_BITS },
    { register: 'DFSR', value: dfsr >>> 0, known: DFSR_BITS },
  ] as const;
  return registers
    .filter(({ value }) => value !== 0)
    .map(({ register, value, known }) => {
      const set = known.filter(({ bit }) => isSet(value, bit));
      return { register, value, bits: set.map(({ name, meaning }) => ({ name, meaning })) };
    });
}
