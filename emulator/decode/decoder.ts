/** Finds the record of an instruction word. */
import { INSTRUCTIONS } from '../isa/index.js';
import type { AnyFields, Insn } from '../isa/insn.js';
import { bySpecificity, compilePattern, extractFields, matches, type Pattern } from './pattern.js';

export interface Decoded {
  readonly insn: Insn;
  readonly fields: AnyFields;
  /** Bytes: 2 or 4. */
  readonly size: 2 | 4;
  /** 16 or 32 bits, first halfword high. */
  readonly word: number;
}

/** That no two of them contradict is proved by a test, by `checkTable`, and not at every start. */
export const PATTERNS: readonly Pattern[] = INSTRUCTIONS.map(compilePattern);

/** Patterns that a first halfword leaves possible, most specific first. */
const candidates: (readonly Pattern[] | undefined)[] = new Array(0x10000);

/** The first halfword of a 32-bit instruction has 0b11101, 0b11110 or 0b11111 on top (A5.1). */
export function isWide(halfword: number): boolean {
  return halfword >>> 11 >= 0b11101;
}

function candidatesFor(halfword: number): readonly Pattern[] {
  let found = candidates[halfword];
  if (found === undefined) {
    const [size, shift] = isWide(halfword) ? [4, 16] : [2, 0];
    found = PATTERNS.filter(
      (p) => p.size === size && (((p.value >>> shift) ^ halfword) & (p.mask >>> shift) & 0xffff) === 0,
    ).sort(bySpecificity);
    candidates[halfword] = found;
  }
  return found;
}

/** What stands at an address; undefined where memory ends, or the table has no record. */
export function decodeAt(
  fetch: (address: number) => number | undefined,
  address: number,
): Decoded | undefined {
  const first = fetch(address);
  const second = first !== undefined && isWide(first) ? fetch(address + 2) : 0;
  return first === undefined || second === undefined ? undefined : decode(first, second);
}

/**
 * The record for these halfwords, or undefined when the table has none. The second counts only if the first
 * is wide.
 */
export function decode(first: number, second: number): Decoded | undefined {
  const wide = isWide(first);
  const word = wide ? ((first << 16) | second) >>> 0 : first;
  for (const pattern of candidatesFor(first)) {
    if (!matches(pattern, word | 0)) continue;
    const fields = extractFields(pattern, word);
    if (pattern.insn.when?.(fields) ?? true) return { insn: pattern.insn, fields, size: pattern.size, word };
  }
  return undefined;
}
