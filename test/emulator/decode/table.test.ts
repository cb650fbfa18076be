/** The instruction table against itself: patterns, decoder, encoder and examples, one test a record. */
import { describe, expect, it } from 'vitest';
import { decode, isWide, PATTERNS } from '../../../emulator/decode/decoder.js';
import { disassemble } from '../../../emulator/decode/disassembler.js';
import { encode } from '../../../emulator/decode/encoder.js';
import {
  accepts,
  checkTable,
  compilePattern,
  extractFields,
  type Pattern,
} from '../../../emulator/decode/pattern.js';
import { type Insn, insn } from '../../../emulator/isa/insn.js';
import { makeRandom, randomWord } from './random-words.js';

const title = ({ insn: { name, encoding, bits } }: Pattern): string => `${name} ${encoding} (${bits})`;
const decodeWord = (word: number, size: 2 | 4) =>
  size === 2 ? decode(word, 0) : decode(word >>> 16, word & 0xffff);

/** The bits a record gives a meaning to: all but '-' and '+'. */
function meaningful(pattern: Pattern): number {
  let mask = pattern.mask;
  for (const [, positions] of pattern.fields) for (const position of positions) mask |= 1 << position;
  return mask;
}

describe.each(PATTERNS.map((pattern) => [title(pattern), pattern] as const))('%s', (_title, pattern) => {
  const [word, text] = pattern.insn.example;

  it('has an example that decodes to it, reads as its text, and encodes back', () => {
    const decoded = decodeWord(word, pattern.size);
    expect(decoded?.insn).toBe(pattern.insn);
    expect(decoded?.size).toBe(pattern.size);
    expect(decoded && disassemble(decoded, 0)).toBe(text);
    expect(encode(pattern, decoded?.fields ?? {})).toBe(word);
  });

  it('decodes what it encodes', () => {
    const random = makeRandom(1);
    for (let k = 0; k < 100; k++) {
      const made = randomWord(pattern, random);
      expect(made).toBeDefined();
      const decoded = decodeWord(made as number, pattern.size);
      expect(decoded).toBeDefined();
      // A more specific record may have taken the word; it must give it back all the same.
      const owner = PATTERNS.find((p) => p.insn === decoded?.insn) as Pattern;
      expect(encode(owner, decoded?.fields ?? {})).toBe(made);
    }
  });
});

describe('the table', () => {
  it('decodes each halfword to one record or none, and encodes it back but for ignored bits', () => {
    const wrong: string[] = [];
    let decodedCount = 0;
    for (let halfword = 0; halfword < 0x10000; halfword++) {
      if (isWide(halfword)) continue;
      const decoded = decode(halfword, 0);
      const accepting = PATTERNS.filter((p) => p.size === 2 && accepts(p, halfword));
      const owner = accepting.find((p) => p.insn === decoded?.insn);
      if ((decoded === undefined) !== (accepting.length === 0)) wrong.push(halfword.toString(16));
      if (decoded === undefined || owner === undefined) continue;
      decodedCount++;
      if (((encode(owner, decoded.fields) ^ halfword) & meaningful(owner)) !== 0)
        wrong.push(halfword.toString(16));
    }
    expect(wrong).toEqual([]);
    expect(decodedCount).toBeGreaterThan(58_000);
  });

  it('gives a random word to one record, and encodes it back but for ignored bits', () => {
    const random = makeRandom(2);
    let decodedCount = 0;
    for (let k = 0; k < 300_000; k++) {
      const word = (random() | 0xe8000000) >>> 0;
      const decoded = decode(word >>> 16, word & 0xffff);
      if (decoded === undefined) continue;
      decodedCount++;
      const owner = PATTERNS.find((p) => p.insn === decoded.insn) as Pattern;
      if (((encode(owner, decoded.fields) ^ word) & meaningful(owner)) !== 0)
        expect(`${title(owner)} 0x${word.toString(16)}`).toBe('encoded back');
    }
    expect(decodedCount).toBeGreaterThan(50_000);
  });

  it('orders overlapping records: the one that is tried first has every fixed bit of the other', () => {
    const random = makeRandom(3);
    const ambiguous = new Set<string>();
    for (const pattern of PATTERNS) {
      for (let k = 0; k < 200; k++) {
        const word = randomWord(pattern, random) as number;
        const decoded = decodeWord(word, pattern.size);
        if (decoded === undefined || decoded.insn === pattern.insn) continue;
        const owner = PATTERNS.find((p) => p.insn === decoded.insn) as Pattern;
        if ((owner.mask & pattern.mask) !== pattern.mask)
          ambiguous.add(`${title(owner)} over ${title(pattern)}`);
      }
    }
    expect([...ambiguous]).toEqual([]);
  });
});

describe('a bad table', () => {
  const madeUp = (bits: string, more: Partial<Insn> = {}): Pattern =>
    compilePattern({
      ...insn({
        name: 'Made up',
        encoding: 'T1',
        bits: '0100 0001 01 mmm ddd',
        asm: () => 'made up',
        cycles: 'alu',
        example: [0x4140, 'made up'],
        meaning: () => undefined,
      }),
      bits,
      ...more,
    });

  it('is accepted as it stands (control)', () => {
    expect(() => checkTable(PATTERNS)).not.toThrow();
  });

  it('is refused when a pattern overlaps another and neither is more specific', () => {
    expect(() => checkTable([...PATTERNS, madeUp('0100 00xx 0100 0ddd')])).toThrow(
      /Made up T1 .* neither is more specific/s,
    );
    expect(() => checkTable([...PATTERNS, madeUp('0100 0001 01 mmm ddd')])).toThrow(
      /ADC \(register\) T1 .* and Made up T1/,
    );
  });

  it('is accepted when the new pattern is more specific, or `when` tells the two apart', () => {
    expect(() => checkTable([...PATTERNS, madeUp('0100 0001 0100 0ddd')])).not.toThrow();
    expect(() =>
      checkTable([...PATTERNS, madeUp('0100 00xx 0100 0ddd', { when: () => false })]),
    ).not.toThrow();
  });

  it('is refused when a pattern has neither 16 nor 32 bits', () => {
    expect(() => madeUp('0100 0001 01 mmm dd')).toThrow(/Made up T1: bits has 15 characters, needs 16 or 32/);
    expect(() => madeUp('0100 0001 01 mmm ddd 0')).toThrow(/has 17 characters/);
  });

  it('concatenates a letter that stands twice', () => {
    const pattern = madeUp('0100 0001 d1 mmm ddd');
    expect(extractFields(pattern, 0x41c5)).toEqual({ d: 13, m: 0 });
    expect(encode(pattern, { d: 13, m: 0 })).toBe(0x41c5);
  });
});
