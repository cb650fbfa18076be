/** Damaged copies of a real ELF, the same in every run: bytes, words of its tables, pieces cut and moved. */
import { below, pick, type Random } from '../decode/random-words.js';

const EXTREME_BYTES = [0, 1, 0x7f, 0x80, 0xff];
const EXTREME_WORDS = [0, 1, 4, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff, 0x20000000, 0x08000000];
const HEADER_BYTES = 52;
/** Where e_phoff and e_shoff stand. */
const TABLES = [28, 32];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

/** An offset, more often than not in the header or one of the two tables. */
function anyOffset(bytes: Uint8Array, random: Random): number {
  const choice = below(random, 4);
  if (choice === 0 || bytes.length < HEADER_BYTES) return below(random, bytes.length);
  if (choice === 1) return below(random, HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return (view.getUint32(pick(random, TABLES), true) + below(random, 400)) % bytes.length;
}

const setByte: Mutation = (bytes, random) => {
  bytes[anyOffset(bytes, random)] = below(random, 2) === 0 ? random() : pick(random, EXTREME_BYTES);
  return bytes;
};

const setWord: Mutation = (bytes, random) => {
  const offset = anyOffset(bytes, random) & ~3;
  if (offset + 4 > bytes.length) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const nearby = view.getUint32(offset, true) + below(random, 17) - 8;
  view.setUint32(offset, below(random, 2) === 0 ? nearby : pick(random, EXTREME_WORDS), true);
  return bytes;
};

const flipBit: Mutation = (bytes, random) => {
  const offset = anyOffset(bytes, random);
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << below(random, 8));
  return bytes;
};

const cut: Mutation = (bytes, random) => bytes.slice(0, below(random, bytes.length));

const movePiece: Mutation = (bytes, random) => {
  const from = anyOffset(bytes, random);
  bytes.copyWithin(anyOffset(bytes, random), from, from + below(random, 256));
  return bytes;
};

const MUTATIONS: readonly Mutation[] = [
  ...[setByte, setByte, setByte, setWord, setWord, setWord, flipBit, flipBit, movePiece],
  cut,
];

/** A copy with one to eight changes. */
export function damaged(file: Uint8Array, random: Random): Uint8Array {
  let bytes = new Uint8Array(file);
  const changes = 1 + below(random, 8);
  for (let change = 0; change < changes && bytes.length > 0; change++) {
    bytes = new Uint8Array(pick(random, MUTATIONS)(bytes, random));
  }
  return bytes;
}
