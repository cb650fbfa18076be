/**
 * Where our text and GNU objdump's (binutils 2.40) differ, each with its reason. objdump decodes every Arm
 * architecture at once, so that what ARMv7-M leaves free may have a later architecture's text. An entry that
 * no word needs fails the test.
 */
import type { Decoded } from '../../../emulator/decode/decoder.js';

export interface Difference {
  readonly name: string;
  readonly reason: string;
  /** `decoded` is undefined where the table has no record. */
  readonly matches: (word: number, decoded: Decoded | undefined) => boolean;
}

export const HALFWORD_DIFFERENCES: readonly Difference[] = [
  {
    name: 'BX and BLX with bits 2:0 set',
    reason: 'the bits are (0), ignored here; ARMv8-M has BXNS and BLXNS there',
    matches: (word) => (word & 0xff00) === 0x4700 && (word & 7) !== 0,
  },
  {
    name: 'CPS with bit 3 or bit 2',
    reason: 'bits 3:2 are (0) in ARMv7-M, ignored here; bit 2 is A for an A-profile core',
    matches: (word) => (word & 0xffe0) === 0xb660 && (word & 0xc) !== 0,
  },
  {
    name: 'SETPAN and SETEND',
    reason: 'not in ARMv7-M: undefined here',
    matches: (word) => (word & 0xffe0) === 0xb600 || (word & 0xfff7) === 0xb650,
  },
  { name: 'HLT', reason: 'ARMv8: undefined here', matches: (word) => (word & 0xffc0) === 0xba80 },
  { name: 'SEVL', reason: 'a hint of ARMv8, a NOP here', matches: (word) => word === 0xbf50 },
];

const named = (decoded: Decoded | undefined, ...names: readonly string[]): boolean =>
  names.includes(decoded?.insn.name ?? '');
const field = (decoded: Decoded | undefined, letter: string): number => decoded?.fields[letter] ?? -1;
/** SYSm values that ARMv7-M allots (B5.1.1). */
const SPECIAL = [0, 1, 2, 3, 5, 6, 7, 8, 9, 16, 17, 18, 19, 20];
const VECTOR_MULTIPLE = ['VLDM', 'VSTM'];
/** DSB and DMB options that have a name in ARMv7. */
const BARRIERS = [2, 3, 6, 7, 10, 11, 14, 15];

export const WORD_DIFFERENCES: readonly Difference[] = [
  {
    name: 'the two Rm fields of REV, RBIT and CLZ unequal',
    reason: 'UNPREDICTABLE; objdump prints the first field, the second is read',
    matches: (_word, d) =>
      named(d, 'REV', 'REV16', 'REVSH', 'RBIT', 'CLZ') && field(d, 'n') !== field(d, 'm'),
  },
  {
    name: 'an empty bit field in BFI and BFC',
    reason: 'UNPREDICTABLE; objdump prints the negative width as unsigned',
    matches: (_word, d) => named(d, 'BFI', 'BFC') && field(d, 'e') < field(d, 'i'),
  },
  {
    name: 'MRS and MSR of a register that ARMv7-M lacks',
    reason: 'UNPREDICTABLE; objdump has names of other profiles',
    matches: (_word, d) => named(d, 'MRS', 'MSR') && !SPECIAL.includes(field(d, 's')),
  },
  {
    name: 'VLDM and VSTM of no register, or past the last',
    reason: 'UNPREDICTABLE; objdump counts down from the first register, or prints an overflow',
    matches: (_word, d) => {
      if (!named(d, ...VECTOR_MULTIPLE)) return false;
      const [i, first] = [field(d, 'i'), field(d, 'd')];
      const double = (d?.insn.bits.replace(/ /g, '')[23] ?? '0') === '1';
      return (
        i < (double ? 2 : 1) ||
        (double ? first + (i >>> 1) > 16 : ((first & 15) << 1) + (first >>> 4) + i > 32)
      );
    },
  },
  {
    name: 'VLDM with the PC as base',
    reason: 'ARMv8-M has VSCCLRM there; a load relative to the PC here',
    matches: (word) => (word & 0xffbf0f00) >>> 0 === 0xec9f0a00 || (word & 0xffbf0f00) >>> 0 === 0xec9f0b00,
  },
  {
    name: 'LDM with the PC as base',
    reason: 'UNPREDICTABLE; ARMv8.1-M has CLRM there',
    matches: (word) => word >>> 16 === 0xe89f,
  },
  {
    name: 'STREX of R15 without offset',
    reason: 'UNPREDICTABLE; ARMv8-M has TT there',
    matches: (word) => (word & 0xfff0f03f) >>> 0 === 0xe840f000,
  },
  {
    name: 'options of DSB and DMB',
    reason: 'reserved in ARMv7-M, where they do what SY does; later architectures named them',
    matches: (_word, d) => named(d, 'DSB', 'DMB') && !BARRIERS.includes(field(d, 'o')),
  },
  {
    name: 'loads of R15 that are no memory hint',
    reason: 'UNPREDICTABLE: with writeback or unprivileged; objdump prints a preload',
    matches: (word, d) => (d?.insn.name.startsWith('LDR') ?? false) && (word & 0xf800) === 0xf800,
  },
  {
    name: 'literal loads with an offset like 0xExx, subtracted',
    reason: 'R15 as base is a literal load; objdump takes the bits for LDRT',
    matches: (word) => (word & 0xfe9f0f00) >>> 0 === 0xf81f0e00,
  },
  {
    name: 'LDRD and STRD that write an unchanged base back',
    reason: 'the encoding has W = 1; objdump drops the `!` with the zero offset',
    matches: (_word, d) =>
      named(d, 'LDRD (immediate)', 'STRD (immediate)') && field(d, 'w') === 1 && field(d, 'i') === 0,
  },
  {
    name: 'SMMLA, SMMUL and SMMLS of R15',
    reason: 'UNPREDICTABLE as result or accumulator; ARMv8.1-M has AUTG, BXAUT and PACG there',
    matches: (_word, d) =>
      named(d, 'SMMLA, SMMLAR', 'SMMUL, SMMULR', 'SMMLS, SMMLSR') &&
      (field(d, 'a') === 15 || field(d, 'd') === 15),
  },
  {
    name: 'hints of later architectures',
    reason: 'ARMv7-M runs what it does not allot as a NOP',
    matches: (_word, d) => named(d, 'NOP-compatible hint'),
  },
];
