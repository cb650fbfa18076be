/**
 * The frame of an exception on a stack (DDI 0403, B1.5.6-B1.5.8). When one is pushed or popped is the
 * exception model's business.
 *
 *   word 0-7    R0 R1 R2 R3 R12 LR, return address, xPSR (bit 9: padded by 4 bytes)
 *   word 8-25   S0-S15 FPSCR reserved, with FP context only
 */
import type { Memory } from './memory.js';
import { type CoreState, word, X } from './state.js';

/** Bytes. */
export const BASIC_FRAME = 32;
const EXTENDED_FRAME = 104;

const BASIC_WORDS = 8;
/** With S0-S15 and FPSCR. */
const FLOAT_WORDS = 25;
const PADDED = 1 << 9;

/** Moves the stack pointer down over a frame and stores its basic part. False: it cannot be stored. */
export function pushFrame(state: CoreState, memory: Memory, withFloat: boolean, align: boolean): boolean {
  const { r } = state;
  const sp = word(r, 13);
  const padded = align && (sp & 4) !== 0;
  const frame = (sp - (withFloat ? EXTENDED_FRAME : BASIC_FRAME)) & (align ? ~4 : -1);
  const xpsr = (state.xpsr & ~PADDED) | (padded ? PADDED : 0);
  state.setSP(frame);
  const words = [0, 1, 2, 3, 12, 14, 15].map((n) => word(r, n));
  return [...words, xpsr].every((value, k) => memory.writeWord(frame + 4 * k, value, state.privileged));
}

/** @param at where S0 goes */
export function storeFloatFrame(
  { s, x }: CoreState,
  memory: Memory,
  at: number,
  privileged: boolean,
): boolean {
  const words = [...s.subarray(0, 16), word(x, X.FPSCR)];
  return words.every((value, k) => memory.writeWord(at + 4 * k, value, privileged));
}

/** The words of the frame at an address; undefined when one cannot be read. */
export function readFrame(
  memory: Memory,
  frame: number,
  withFloat: boolean,
  privileged: boolean,
): Int32Array | undefined {
  const words = new Int32Array(withFloat ? FLOAT_WORDS : BASIC_WORDS);
  for (let k = 0; k < words.length; k++) {
    const value = memory.readWord(frame + 4 * k, privileged);
    if (value === undefined) return undefined;
    words[k] = value;
  }
  return words;
}

export function loadFloatFrame(state: CoreState, words: Int32Array): void {
  for (let n = 0; n < 16; n++) state.s[n] = word(words, BASIC_WORDS + n);
  state.x[X.FPSCR] = word(words, FLOAT_WORDS - 1);
}

/** Takes registers and flags from a frame and moves the stack pointer in use up over it. @returns its xPSR */
export function loadBasicFrame(state: CoreState, words: Int32Array, withFloat: boolean): number {
  const { r } = state;
  [0, 1, 2, 3, 12, 14].forEach((n, k) => {
    r[n] = word(words, k);
  });
  r[15] = word(words, 6) & ~1;
  const xpsr = word(words, 7);
  const size = withFloat ? EXTENDED_FRAME : BASIC_FRAME;
  r[13] = (word(r, 13) + size) | ((xpsr & PADDED) !== 0 ? 4 : 0);
  state.setFlagsAndIT(xpsr);
  return xpsr;
}
