/** Compiles a record's bit pattern into masks and field positions. */
import { InternalError } from '../errors.js';
import type { AnyFields, Insn } from '../isa/insn.js';

export interface Pattern {
  readonly insn: Insn;
  /** 2 or 4 bytes. */
  readonly size: 2 | 4;
  /** Bits that must match, and their value; a 32-bit encoding has its first halfword high. */
  readonly mask: number;
  readonly value: number;
  /** Bits the manual calls (1): set by the encoder, ignored by the decoder. */
  readonly shouldBeOne: number;
  /** For each field its bit positions, most significant first. */
  readonly fields: ReadonlyArray<readonly [letter: string, positions: readonly number[]]>;
}

export function compilePattern(insn: Insn): Pattern {
  const bits = insn.bits.replace(/ /g, '');
  if (bits.length !== 16 && bits.length !== 32) {
    throw new InternalError(
      `${insn.name} ${insn.encoding}: bits has ${bits.length} characters, needs 16 or 32`,
    );
  }
  let mask = 0;
  let value = 0;
  let shouldBeOne = 0;
  const fields = new Map<string, number[]>();
  for (let k = 0; k < bits.length; k++) {
    const character = bits.charAt(k);
    const position = bits.length - 1 - k;
    const weight = 1 << position;
    if (character === '0' || character === '1') {
      mask |= weight;
      if (character === '1') value |= weight;
    } else if (character === '+') shouldBeOne |= weight;
    else if (character !== '-') {
      const positions = fields.get(character);
      if (positions === undefined) fields.set(character, [position]);
      else positions.push(position);
    }
  }
  return { insn, size: bits.length === 16 ? 2 : 4, mask, value, shouldBeOne, fields: [...fields] };
}

export function extractFields(pattern: Pattern, word: number): AnyFields {
  const values: Record<string, number> = {};
  for (const [letter, positions] of pattern.fields) {
    let value = 0;
    for (const position of positions) value = (value << 1) | ((word >>> position) & 1);
    values[letter] = value;
  }
  return values;
}

export function matches(pattern: Pattern, word: number): boolean {
  return (word & pattern.mask) === pattern.value;
}

/** Which of two overlapping patterns is tried first: the one whose fixed bits include the other's. */
function moreSpecific(a: Pattern, b: Pattern): boolean {
  return a.mask !== b.mask && (a.mask & b.mask) === b.mask;
}

/** Does the record accept this word, by its pattern and by `when`? */
export function accepts(pattern: Pattern, word: number): boolean {
  if (!matches(pattern, word | 0)) return false;
  return pattern.insn.when?.(extractFields(pattern, word)) ?? true;
}

/** Words that match both patterns, their free bits filled by a fixed sequence. */
function commonWords(a: Pattern, b: Pattern): number[] {
  let fill = 1;
  return Array.from({ length: 256 }, () => {
    fill = (Math.imul(fill, 1664525) + 1013904223) | 0;
    const free = (fill ^ (fill >>> 15)) & ~(a.mask | b.mask) & (a.size === 2 ? 0xffff : -1);
    return (a.value | b.value | free) >>> 0;
  });
}

/**
 * Refuses two patterns that overlap when neither is more specific, unless their `when` tells them apart on
 * every word tried.
 */
export function checkTable(patterns: readonly Pattern[]): void {
  for (const [k, a] of patterns.entries()) {
    for (const b of patterns.slice(k + 1)) {
      const overlap = a.size === b.size && ((a.value ^ b.value) & a.mask & b.mask) === 0;
      if (!overlap || moreSpecific(a, b) || moreSpecific(b, a)) continue;
      const word = commonWords(a, b).find((w) => accepts(a, w) && accepts(b, w));
      if (word === undefined) continue;
      const name = (p: Pattern): string => `${p.insn.name} ${p.insn.encoding} (${p.insn.bits})`;
      throw new InternalError(
        `${name(a)} and ${name(b)} both accept 0x${word.toString(16)} and neither is more specific: ` +
          'fix one pattern, or tell them apart by `when`',
      );
    }
  }
}

/** The most fixed bits first: a pattern that is more specific than another has more of them. */
export function bySpecificity(a: Pattern, b: Pattern): number {
  return bitCount(b.mask) - bitCount(a.mask);
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
