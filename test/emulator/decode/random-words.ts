/** A repeatable source of random words, and random instruction words of a record. For tests only. */
import { encode } from '../../../emulator/decode/encoder.js';
import { accepts, type Pattern } from '../../../emulator/decode/pattern.js';

/** Gives another unsigned word each time. */
export type Random = () => number;

/** Marsaglia's xorshift (13, 17, 5), its output multiplied so that low bits are as good as high ones. */
export function makeRandom(seed: number): Random {
  let x = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return Math.imul(x, 0x2c1b3c6d) >>> 0;
  };
}

/** 0 .. n-1 */
export function below(random: Random, n: number): number {
  return Math.floor((random() / 2 ** 32) * n);
}

export function pick<T>(random: Random, among: ArrayLike<T>): T {
  return among[below(random, among.length)] as T;
}

/** A field's value: any, but more often than chance would have it zero or all ones. */
function anyField(random: Random): number {
  const choice = below(random, 16);
  return choice < 2 ? 0 : choice === 2 ? -1 : random();
}

/** A word of the record, random but for the bits the manual asks for; undefined when none came up. */
export function randomWord(pattern: Pattern, random: Random): number | undefined {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const fields = Object.fromEntries(pattern.fields.map(([letter]) => [letter, anyField(random)]));
    const word = encode(pattern, fields);
    if (accepts(pattern, word)) return word;
  }
  return undefined;
}

/** The halfwords of an instruction in memory order. */
export function halfwordsOf(word: number, size: 2 | 4): number[] {
  return size === 2 ? [word] : [word >>> 16, word & 0xffff];
}
