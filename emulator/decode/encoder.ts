/** Makes an instruction word from a record's fields: for fuzzers and tests. */
import type { AnyFields } from '../isa/insn.js';
import type { Pattern } from './pattern.js';

/** The word (first halfword high); bits the manual calls (0) and (1) have those values. */
export function encode(pattern: Pattern, fields: AnyFields): number {
  let word = pattern.value | pattern.shouldBeOne;
  for (const [letter, positions] of pattern.fields) {
    const value = fields[letter] ?? 0;
    positions.forEach((position, k) => {
      if ((value >>> (positions.length - 1 - k)) & 1) word |= 1 << position;
    });
  }
  return word >>> 0;
}
