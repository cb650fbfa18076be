/** Registers of the system control space that only say which core this is (DDI 0439, table 4-1). */
import type { Register } from '../ports.js';

/** [name, offset, value] of a Cortex-M4 with FPU. */
const CONSTANTS: readonly (readonly [string, number, number])[] = [
  ['ID_PFR0', 0xd40, 0x00000030],
  ['ID_PFR1', 0xd44, 0x00000200],
  ['ID_DFR0', 0xd48, 0x00100000],
  ['ID_AFR0', 0xd4c, 0],
  ['ID_MMFR0', 0xd50, 0x00000030],
  ['ID_MMFR1', 0xd54, 0],
  ['ID_MMFR2', 0xd58, 0],
  ['ID_MMFR3', 0xd5c, 0],
  ['ID_ISAR0', 0xd60, 0x01141110],
  ['ID_ISAR1', 0xd64, 0x02111000],
  ['ID_ISAR2', 0xd68, 0x21112231],
  ['ID_ISAR3', 0xd6c, 0x01111110],
  ['ID_ISAR4', 0xd70, 0x01310102],
  ['MVFR0', 0xf40, 0x10110021],
  ['MVFR1', 0xf44, 0x11000011],
];

/** @param interruptCount lines of the interrupt controller */
export function identificationRegisters(cpuid: number, interruptCount: number): Register[] {
  return [
    { name: 'ICTR', offset: 0x004, read: () => Math.ceil(interruptCount / 32) - 1 },
    { name: 'CPUID', offset: 0xd00, read: () => cpuid },
    ...CONSTANTS.map(([name, offset, value]) => ({ name, offset, read: () => value })),
  ];
}
