/**
 * FP operations as FloatingPoint has them and as instructions, several to a program, so that a witness runs
 * many at a time. Each instruction runs under the FPSCR in R0, or the one rounding to nearest in R12, and
 * leaves its own in a core register. Its destination, from S3 on, holds the addend to begin with.
 */
import type { FloatingPoint } from '../../../emulator/core/floating-point.js';
import { PATTERNS } from '../../../emulator/decode/decoder.js';
import { encode } from '../../../emulator/decode/encoder.js';
import { halfwordsOf } from '../decode/random-words.js';

export interface Operation {
  readonly name: string;
  /** Name of the record, and its fields beside the destination d. */
  readonly record: string;
  readonly fields: Readonly<Record<string, number>>;
  /** `addend` is what the destination holds before. */
  readonly ours: (fp: FloatingPoint, a: number, b: number, addend: number) => number;
  /** Unicorn 2.0.1 rounds a fixed-point source as FPSCR says, the manual (ST PM0214, 3.10.5) to nearest. */
  readonly roundsToNearest?: true;
}

export const A = 1;
export const B = 2;
export const FIRST_RESULT = 3;
/** Core registers that hold FPSCR for the operations, and that receive it: R1 and up. */
export const FPSCR_IN = 0;
export const NEAREST_FPSCR_IN = 12;
export const FIRST_FPSCR_OUT = 1;

/** Sd and Sm are encoded as D:Vd. */
const single = (n: number): number => (n >>> 1) | ((n & 1) << 4);

const SIGN = 0x80000000 | 0;

export const ARITHMETIC: readonly Operation[] = [
  { name: 'add', record: 'VADD', fields: { n: A, m: single(B) }, ours: (fp, a, b) => fp.add(a, b) },
  { name: 'sub', record: 'VSUB', fields: { n: A, m: single(B) }, ours: (fp, a, b) => fp.sub(a, b) },
  { name: 'mul', record: 'VMUL', fields: { n: A, m: single(B) }, ours: (fp, a, b) => fp.mul(a, b) },
  { name: 'div', record: 'VDIV', fields: { n: A, m: single(B) }, ours: (fp, a, b) => fp.div(a, b) },
  { name: 'sqrt', record: 'VSQRT', fields: { m: single(A) }, ours: (fp, a) => fp.sqrt(a) },
  { name: 'fma', record: 'VFMA', fields: { n: A, m: single(B) }, ours: (fp, a, b, c) => fp.mulAdd(c, a, b) },
  {
    name: 'fms',
    record: 'VFMS',
    fields: { n: A, m: single(B) },
    ours: (fp, a, b, c) => fp.mulAdd(c, a ^ SIGN, b),
  },
  {
    name: 'mla',
    record: 'VMLA',
    fields: { n: A, m: single(B) },
    ours: (fp, a, b, c) => fp.add(c, fp.mul(a, b)),
  },
  { name: 'cmp', record: 'VCMP, VCMPE T1', fields: { e: 0, m: single(A) }, ours: compare(false) },
  { name: 'cmpe', record: 'VCMP, VCMPE T1', fields: { e: 1, m: single(A) }, ours: compare(true) },
];

function compare(signalling: boolean): Operation['ours'] {
  return (fp, a, _b, c) => {
    fp.compare(c, a, signalling);
    return c;
  };
}

/** imm4:i of a fixed-point conversion, i on top. */
function fixedField(size: 16 | 32, fractionBits: number): { x: number; i: number } {
  const imm5 = size - fractionBits;
  return { x: size === 32 ? 1 : 0, i: (imm5 >>> 1) | ((imm5 & 1) << 4) };
}

const toFixed = (unsigned: boolean, width: 16 | 32, fraction: number): Operation => ({
  name: `to ${unsigned ? 'u' : 's'}${width} #${fraction}`,
  record: 'VCVT (to fixed-point)',
  fields: { u: unsigned ? 1 : 0, ...fixedField(width, fraction) },
  ours: (fp, _a, _b, c) => fp.toFixed(c, width, fraction, unsigned, true),
});

const fromFixed = (unsigned: boolean, width: 16 | 32, fraction: number): Operation => ({
  name: `from ${unsigned ? 'u' : 's'}${width} #${fraction}`,
  record: 'VCVT (from fixed-point)',
  fields: { u: unsigned ? 1 : 0, ...fixedField(width, fraction) },
  roundsToNearest: true,
  ours: (fp, _a, _b, c) => {
    const half = unsigned ? c & 0xffff : (c << 16) >> 16;
    return fp.fromFixed(width === 32 ? c : half, fraction, unsigned, true);
  },
});

const toInteger = (name: 'VCVT (to integer)' | 'VCVTR', unsigned: boolean): Operation => ({
  name: `${name} ${unsigned ? 'u' : 's'}32`,
  record: name,
  fields: { s: unsigned ? 0 : 1, m: single(A) },
  ours: (fp, a) => fp.toFixed(a, 32, 0, unsigned, name !== 'VCVTR'),
});

const fromInteger = (unsigned: boolean): Operation => ({
  name: `from ${unsigned ? 'u' : 's'}32`,
  record: 'VCVT (from integer)',
  fields: { s: unsigned ? 0 : 1, m: single(A) },
  ours: (fp, a) => fp.fromFixed(a, 0, unsigned, false),
});

export const INTEGER_CONVERSIONS: readonly Operation[] = [
  toInteger('VCVT (to integer)', false),
  toInteger('VCVT (to integer)', true),
  toInteger('VCVTR', false),
  toInteger('VCVTR', true),
  fromInteger(false),
  fromInteger(true),
  {
    name: 'half to single, bottom',
    record: 'VCVTB, VCVTT (to single)',
    fields: { t: 0, m: single(A) },
    ours: (fp, a) => fp.fromHalf(a & 0xffff),
  },
  {
    name: 'half to single, top',
    record: 'VCVTB, VCVTT (to single)',
    fields: { t: 1, m: single(A) },
    ours: (fp, a) => fp.fromHalf(a >>> 16),
  },
  {
    name: 'single to half, bottom',
    record: 'VCVTB, VCVTT (to half)',
    fields: { t: 0, m: single(A) },
    ours: (fp, a, _b, c) => (c & 0xffff0000) | fp.toHalf(a),
  },
  {
    name: 'single to half, top',
    record: 'VCVTB, VCVTT (to half)',
    fields: { t: 1, m: single(A) },
    ours: (fp, a, _b, c) => (c & 0xffff) | (fp.toHalf(a) << 16),
  },
];

export const FIXED_CONVERSIONS: readonly Operation[] = [
  toFixed(false, 16, 0),
  toFixed(false, 16, 8),
  toFixed(true, 16, 16),
  toFixed(false, 32, 1),
  toFixed(true, 32, 16),
  toFixed(false, 32, 31),
  fromFixed(false, 16, 0),
  fromFixed(true, 16, 15),
  fromFixed(false, 32, 1),
  fromFixed(true, 32, 32),
];

function assemble(record: string, fields: Readonly<Record<string, number>>): number[] {
  const pattern = PATTERNS.find(
    ({ insn }) => insn.name === record || `${insn.name} ${insn.encoding}` === record,
  );
  if (pattern === undefined) throw new Error(`no record is called ${record}`);
  return halfwordsOf(encode(pattern, fields), pattern.size);
}

export interface FloatProgram {
  readonly operations: readonly Operation[];
  readonly code: readonly number[];
  readonly instructions: number;
}

/** VMSR, the operation and VMRS, for each. */
export function programOf(operations: readonly Operation[]): FloatProgram {
  const code = operations.flatMap(({ record, fields, roundsToNearest }, k) => [
    ...assemble('VMSR', { t: roundsToNearest === true ? NEAREST_FPSCR_IN : FPSCR_IN }),
    ...assemble(record, { ...fields, d: single(FIRST_RESULT + k) }),
    ...assemble('VMRS', { t: FIRST_FPSCR_OUT + k }),
  ]);
  return { operations, code, instructions: 3 * operations.length };
}
