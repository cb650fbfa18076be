/**
 * Random instructions of straight-line code, from the records. What they may read is open; what they write is
 * bound, so that the code around them goes on as it was laid out: loop counters, stack and return address
 * stay, and addresses are made of registers that point somewhere on purpose.
 */
import { type Decoded, decode, PATTERNS } from '../../../emulator/decode/decoder.js';
import { encode } from '../../../emulator/decode/encoder.js';
import { accepts, type Pattern } from '../../../emulator/decode/pattern.js';
import type { AnyFields, CycleClass } from '../../../emulator/isa/insn.js';
import { type Facts, factsOf } from '../../../emulator/timing/facts.js';
import { below, halfwordsOf, pick, type Random } from '../decode/random-words.js';

const mask = (...registers: readonly number[]): number => registers.reduce((sum, n) => sum | (1 << n), 0);

/** R6 is a small index; R7, R9 and R10 point to memory; R8 and R11 count. The rest is data. */
export const INDEX = 6;
export const POINTERS = [7, 9, 10] as const;
export const DATA_REGISTERS = [0, 1, 2, 3, 4, 5, 12] as const;
const WRITABLE = mask(...DATA_REGISTERS);
const MOVABLE = mask(...POINTERS);
/** Of the frame that a function has below its SP. */
const FRAME_WORDS = 16;
const SP = 13;

const EXCLUDED: ReadonlySet<CycleClass> = new Set<CycleClass>([
  'branch',
  'branchRegister',
  'tableBranch',
  'it',
  'exception',
  'wait',
  'system',
]);
/** One in so many of these is taken: they end most of what a translator could do in one go. */
const RARE: ReadonlyMap<CycleClass, number> = new Map<CycleClass, number>([
  ['hint', 6],
  ['barrier', 8],
  ['fpSystem', 4],
  ['exclusive', 4],
]);

const CANDIDATES = PATTERNS.filter(({ insn }) => !EXCLUDED.has(insn.cycles));
const CLASSES = [...new Set(CANDIDATES.map(({ insn }) => insn.cycles))];
const BY_CLASS = new Map(
  CLASSES.map((kind) => [kind, CANDIDATES.filter(({ insn }) => insn.cycles === kind)]),
);
/** Firmware's own mixture, roughly. */
const WEIGHTED: readonly CycleClass[] = [
  ...CLASSES,
  ...Array<CycleClass>(14).fill('alu'),
  ...Array<CycleClass>(4).fill('multiply'),
  ...Array<CycleClass>(5).fill('load'),
  ...Array<CycleClass>(3).fill('storeImmediate'),
  ...Array<CycleClass>(3).fill('fpArithmetic'),
  ...(['fpMultiplyAccumulate', 'fpLoad', 'fpStore'] as const),
];

function anyField(random: Random): number {
  const choice = below(random, 12);
  return choice === 0 ? 0 : choice === 1 ? -1 : random();
}

function steered(pattern: Pattern, random: Random): AnyFields {
  const fields = Object.fromEntries(pattern.fields.map(([letter]) => [letter, anyField(random)]));
  const isMemory =
    /load|store|exclusive|hint/i.test(pattern.insn.cycles) && pattern.insn.cycles !== 'loadLiteral';
  const [, bits = []] = pattern.fields.find(([letter]) => letter === 'n') ?? [];
  if (!isMemory || bits.length === 0) return fields;
  const n = bits.length === 3 ? POINTERS[0] : pick(random, POINTERS);
  // Most offsets keep a pointer aligned.
  const i = fields.i === undefined || below(random, 6) === 0 ? {} : { i: fields.i & ~3 };
  return { ...fields, ...i, n, m: INDEX };
}

function isAllowed(
  { reads: _reads, writes, addressReads, stores, writesPC, ...facts }: Facts,
  fields: AnyFields,
): boolean {
  if (writesPC) return false;
  const isMemory = facts.loads + stores > 0;
  if ((writes & ~(isMemory ? WRITABLE | MOVABLE : WRITABLE)) !== 0) return false;
  // A pointer changes by write-back alone.
  if ((writes & MOVABLE & ~addressReads) !== 0) return false;
  if ((addressReads & ~mask(INDEX, ...POINTERS, SP)) !== 0) return false;
  const inFrame = fields.n === undefined && (fields.i ?? 0) < FRAME_WORDS;
  return stores === 0 || (addressReads & mask(SP)) === 0 || inFrame;
}

/** One instruction, as halfwords. */
export interface RandomInstruction {
  readonly halfwords: readonly number[];
  readonly pattern: Pattern;
}

function attempt(pattern: Pattern, random: Random, inITBlock: boolean): Decoded | undefined {
  const word = encode(pattern, steered(pattern, random));
  if (!accepts(pattern, word)) return undefined;
  const decoded = pattern.size === 2 ? decode(word, 0) : decode(word >>> 16, word & 0xffff);
  if (decoded?.insn !== pattern.insn) return undefined;
  const { insn, fields, size } = decoded;
  if (insn.unpredictable?.some(({ when }) => when(fields, inITBlock)) === true) return undefined;
  return isAllowed(factsOf(insn, fields, size, 0, inITBlock), fields) ? decoded : undefined;
}

export function randomInstruction(random: Random, inITBlock: boolean): RandomInstruction {
  for (;;) {
    const kind = pick(random, WEIGHTED);
    if (below(random, RARE.get(kind) ?? 1) !== 0) continue;
    const pattern = pick(random, BY_CLASS.get(kind) ?? []);
    for (let turn = 0; turn < 20; turn++) {
      const decoded = attempt(pattern, random, inITBlock);
      if (decoded !== undefined) return { halfwords: halfwordsOf(decoded.word, decoded.size), pattern };
    }
  }
}

/** Records of which such an instruction can be made. */
export function straightLineRecords(random: Random): readonly Pattern[] {
  return CANDIDATES.filter((pattern) =>
    Array.from({ length: 400 }).some(() => attempt(pattern, random, false) !== undefined),
  );
}
