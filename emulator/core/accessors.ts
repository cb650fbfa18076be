/**
 * The fast ways to memory, for the two windows that nearly every access hits. What they cannot do goes the
 * slow way.
 *
 * One subtraction and one unsigned comparison a window: for words and halfwords the offset is rotated, so
 * that an unaligned one compares as far out of range.
 */

/** A range of guest addresses that lies in the host buffer. */
export interface Window {
  readonly start: number;
  readonly size: number;
  /** Byte offset in the buffer, a multiple of 4. */
  readonly offset: number;
  readonly writable: boolean;
}

/** The functions that generated code calls. Each takes a guest address as an i32. */
export interface Accessors {
  load8(address: number): number;
  load8s(address: number): number;
  load16(address: number): number;
  load16s(address: number): number;
  load32(address: number): number;
  loadAligned16(address: number): number;
  loadAligned32(address: number): number;
  store8(address: number, value: number): void;
  store16(address: number, value: number): void;
  store32(address: number, value: number): void;
  storeAligned16(address: number, value: number): void;
  storeAligned32(address: number, value: number): void;
}

/** Accesses that are unaligned, or outside the two windows. */
export interface SlowAccess {
  load(address: number, size: number, aligned: boolean): number;
  store(address: number, size: number, value: number, aligned: boolean): void;
}

/** A window as typed arrays over the host buffer. */
interface View {
  readonly base: number;
  readonly words: Int32Array;
  readonly halfwords: Uint16Array;
  readonly bytes: Uint8Array;
}

const NOTHING: Window = { start: 0, size: 0, offset: 0, writable: false };

function viewOf(buffer: ArrayBufferLike, { start, size, offset }: Window): View {
  return {
    base: start | 0,
    words: new Int32Array(buffer, offset, size >>> 2),
    halfwords: new Uint16Array(buffer, offset, size >>> 1),
    bytes: new Uint8Array(buffer, offset, size),
  };
}

type Loads = Pick<Accessors, Extract<keyof Accessors, `load${string}`>>;
type Stores = Pick<Accessors, Extract<keyof Accessors, `store${string}`>>;

function makeLoads(first: View, second: View, slow: SlowAccess): Loads {
  const { base: base1, words: words1, halfwords: halves1, bytes: bytes1 } = first;
  const { base: base2, words: words2, halfwords: halves2, bytes: bytes2 } = second;
  const [wordCount1, halfCount1, byteCount1] = [words1.length, halves1.length, bytes1.length];
  const [wordCount2, halfCount2, byteCount2] = [words2.length, halves2.length, bytes2.length];
  const load32 = (address: number, aligned: boolean): number => {
    const a = (address - base1) | 0;
    const i = (a >>> 2) | (a << 30);
    if (i >>> 0 < wordCount1) return words1[i] as number;
    const b = (address - base2) | 0;
    const j = (b >>> 2) | (b << 30);
    return j >>> 0 < wordCount2 ? (words2[j] as number) : slow.load(address, 4, aligned);
  };
  const load16 = (address: number, aligned: boolean): number => {
    const a = (address - base1) | 0;
    const i = (a >>> 1) | (a << 31);
    if (i >>> 0 < halfCount1) return halves1[i] as number;
    const b = (address - base2) | 0;
    const j = (b >>> 1) | (b << 31);
    return j >>> 0 < halfCount2 ? (halves2[j] as number) : slow.load(address, 2, aligned);
  };
  const load8 = (address: number): number => {
    const i = (address - base1) >>> 0;
    if (i < byteCount1) return bytes1[i] as number;
    const j = (address - base2) >>> 0;
    return j < byteCount2 ? (bytes2[j] as number) : slow.load(address, 1, false);
  };
  return {
    load8,
    load8s: (a) => (load8(a) << 24) >> 24,
    load16: (a) => load16(a, false),
    load16s: (a) => (load16(a, false) << 16) >> 16,
    load32: (a) => load32(a, false),
    loadAligned16: (a) => load16(a, true),
    loadAligned32: (a) => load32(a, true),
  };
}

function makeStores({ base, words, halfwords, bytes }: View, slow: SlowAccess): Stores {
  const [wordCount, halfCount, byteCount] = [words.length, halfwords.length, bytes.length];
  const store32 = (address: number, value: number, aligned: boolean): void => {
    const a = (address - base) | 0;
    const i = (a >>> 2) | (a << 30);
    if (i >>> 0 < wordCount) words[i] = value;
    else slow.store(address, 4, value, aligned);
  };
  const store16 = (address: number, value: number, aligned: boolean): void => {
    const a = (address - base) | 0;
    const i = (a >>> 1) | (a << 31);
    if (i >>> 0 < halfCount) halfwords[i] = value;
    else slow.store(address, 2, value, aligned);
  };
  const store8 = (address: number, value: number): void => {
    const i = (address - base) >>> 0;
    if (i < byteCount) bytes[i] = value;
    else slow.store(address, 1, value, false);
  };
  return {
    store8,
    store16: (a, v) => store16(a, v, false),
    store32: (a, v) => store32(a, v, false),
    storeAligned16: (a, v) => store16(a, v, true),
    storeAligned32: (a, v) => store32(a, v, true),
  };
}

const isApart = (a: Window, b: Window): boolean =>
  a.offset + a.size <= b.offset || b.offset + b.size <= a.offset;

/** RAM and code memory that nearly every access hits: the first of each; code may lie in other RAM. */
export function fastWindows(windows: readonly Window[]): { readonly ram: Window; readonly rom: Window } {
  const ram = windows.find((w) => w.writable) ?? NOTHING;
  const rom = windows.find((w) => !w.writable) ?? windows.find((w) => isApart(w, ram)) ?? NOTHING;
  return { ram, rom };
}

export function makeAccessors(
  buffer: ArrayBufferLike,
  windows: readonly Window[],
  slow: SlowAccess,
): Accessors {
  const { ram, rom } = fastWindows(windows);
  const first = viewOf(buffer, ram);
  return { ...makeLoads(first, viewOf(buffer, rom), slow), ...makeStores(first, slow) };
}
