/**
 * The text of every 16-bit encoding and of a sample of each 32-bit record, against GNU objdump. M4LAB_WORDS
 * sets how many random 32-bit words are drawn beside them, in IT blocks and out (200,000 when absent).
 */
import { describe, expect, it } from 'vitest';
import { type Decoded, decode, PATTERNS } from '../../../emulator/decode/decoder.js';
import { disassemble } from '../../../emulator/decode/disassembler.js';
import { encode } from '../../../emulator/decode/encoder.js';
import { noteFigure } from '../../conformance/figures.js';
import { disassemble as objdump } from '../../witness/objdump.js';
import { type Difference, HALFWORD_DIFFERENCES, WORD_DIFFERENCES } from './objdump-differences.js';
import { makeRandom, randomWord } from './random-words.js';

/** Below are the 16-bit encodings; a halfword from here on is the first of a 32-bit one. */
const FIRST_WIDE = 0xe800;
const WORDS_A_RECORD = 400;
const RANDOM_WORDS = Number(process.env.M4LAB_WORDS ?? 200_000);
const EQ = 0;

const used = new Set<Difference>();

function decodeWord(word: number): Decoded | undefined {
  return word < 0x10000 ? decode(word, 0) : decode(word >>> 16, word & 0xffff);
}

/** Words whose text differs and is on no list; a word of which one text is lost counts too. */
function unexplained(words: readonly number[], inItBlock: boolean, known: readonly Difference[]): string[] {
  const witness = objdump(words, { inItBlock });
  let named = 0;
  const lines = words.flatMap((word, k) => {
    const decoded = decodeWord(word);
    const ours = decoded === undefined ? 'undefined' : disassemble(decoded, 0, inItBlock ? EQ : undefined);
    if (ours === witness[k]) return [];
    const reason = known.find(({ matches }) => matches(word, decoded));
    if (reason === undefined) return [`0x${word.toString(16)}: ours '${ours}', objdump '${witness[k]}'`];
    used.add(reason);
    named++;
    return [];
  });
  noteFigure(`texts of ${inItBlock ? 'a conditional' : 'an'} encoding compared`, words.length);
  noteFigure('differences with a name', named);
  return lines;
}

function sample(seed: number): number[] {
  const random = makeRandom(seed);
  return PATTERNS.filter(({ size }) => size === 4).flatMap((pattern) =>
    Array.from({ length: WORDS_A_RECORD }, () => randomWord(pattern, random) ?? []).flat(),
  );
}

/** Random 32-bit encodings that the table decodes, with the bits the manual calls (0) and (1) so. */
function randomWords(seed: number): number[] {
  const random = makeRandom(seed);
  const words: number[] = [];
  for (let k = 0; k < RANDOM_WORDS; k++) {
    const word = (random() | 0xe8000000) >>> 0;
    const decoded = decodeWord(word);
    const owner = PATTERNS.find(({ insn }) => insn === decoded?.insn);
    if (owner !== undefined && encode(owner, decoded?.fields ?? {}) === word) words.push(word);
  }
  return words;
}

describe.each([
  ['outside an IT block', false],
  ['in an IT block', true],
] as const)('text %s', (_title, inItBlock) => {
  it('is objdump’s for every 16-bit encoding', () => {
    const halfwords = Array.from({ length: FIRST_WIDE }, (_, k) => k);
    expect(unexplained(halfwords, inItBlock, HALFWORD_DIFFERENCES).slice(0, 20)).toEqual([]);
  });

  it(`is objdump’s for ${WORDS_A_RECORD} encodings of each 32-bit record`, () => {
    const words = sample(inItBlock ? 22 : 21);
    expect(words.length).toBeGreaterThan(150 * WORDS_A_RECORD);
    expect(unexplained(words, inItBlock, WORD_DIFFERENCES).slice(0, 20)).toEqual([]);
  });

  it('is objdump’s for random 32-bit encodings', { timeout: 60_000 + RANDOM_WORDS }, () => {
    const words = randomWords(inItBlock ? 32 : 31);
    noteFigure('random words drawn', RANDOM_WORDS);
    noteFigure('of which are encodings', words.length);
    expect(words.length).toBeGreaterThan(RANDOM_WORDS / 10);
    expect(unexplained(words, inItBlock, WORD_DIFFERENCES).slice(0, 20)).toEqual([]);
  });
});

describe('the list of differences', () => {
  const all = [...HALFWORD_DIFFERENCES, ...WORD_DIFFERENCES];
  it('has none that no word needs', () => {
    expect(all.filter((difference) => !used.has(difference)).map(({ name }) => name)).toEqual([]);
  });
});
