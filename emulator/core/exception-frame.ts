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
const XPSR_WORD = 7;
/** Core registers in the order of a frame; R15 is the return address. */
const STACKED: readonly number[] = [0, 1, 2, 3, 12, 14, 15];
const FLOAT_REGISTERS = 16;
/** With S0-S15 and FPSCR. */
const FLOAT_WORDS = 25;
const PADDED = 1 << 9;

/**
 * Moves the stack pointer down over a frame and stores its basic part. False: it cannot be stored.
 * @param ipsr what xPSR has of it beside the state's own
 */
export function pushFrame(
  state: CoreState,
  memory: Memory,
  withFloat: boolean,
  align: boolean,
  ipsr: number,
): boolean {
  const { r } = state;
  const sp = word(r, 13);
  const padded = align && (sp & 4) !== 0;
  const frame = (sp - (withFloat ? EXTENDED_FRAME : BASIC_FRAME)) & (align ? ~4 : -1);
  const xpsr = (state.xpsr & ~PADDED) | (padded ? PADDED : 0) | ipsr;
  state.setSP(frame);
  const { privileged } = state;
  for (let k = 0; k < STACKED.length; k++) {
    const value = word(r, STACKED[k] as number);
    if (!memory.writeWord(frame + 4 * k, value, privileged)) return false;
  }
  return memory.writeWord(frame + 4 * XPSR_WORD, xpsr, privileged);
}

/** @param at where S0 goes */
export function storeFloatFrame(
  { s, x }: CoreState,
  memory: Memory,
  at: number,
  privileged: boolean,
): boolean {
  for (let n = 0; n < FLOAT_REGISTERS; n++)
    if (!memory.writeWord(at + 4 * n, word(s, n), privileged)) return false;
  return memory.writeWord(at + 4 * FLOAT_REGISTERS, word(x, X.FPSCR), privileged);
}

/** The words of the frame at an address; undefined when one cannot be read. */
export function readFrame(
  memory: Memory,
  frame: number,
  withFloat: boolean,
  privileged: boolean,
): readonly number[] | undefined {
  const words: number[] = [];
  for (let k = 0; k < (withFloat ? FLOAT_WORDS : BASIC_WORDS); k++) {
    const value = memory.readWord(frame + 4 * k, privileged);
    if (value === undefined) return undefined;
    words.push(value);
  }
  return words;
}

export function loadFloatFrame(state: CoreState, words: readonly number[]): void {
  for (let n = 0; n < FLOAT_REGISTERS; n++) state.s[n] = words[BASIC_WORDS + n] as number;
  state.x[X.FPSCR] = words[FLOAT_WORDS - 1] as number;
}

/** Takes registers and flags from a frame and moves the stack pointer in use up over it. @returns its xPSR */
export function loadBasicFrame(
  state: CoreState,
  words: readonly number[],
  withFloat: boolean,
  aligned: boolean,
): number {
  const { r } = state;
  for (let k = 0; k < STACKED.length; k++) r[STACKED[k] as number] = words[k] as number;
  r[15] = word(r, 15) & ~1;
  const xpsr = words[XPSR_WORD] as number;
  const size = withFloat ? EXTENDED_FRAME : BASIC_FRAME;
  r[13] = (word(r, 13) + size) | (aligned && (xpsr & PADDED) !== 0 ? 4 : 0);
  state.setFlagsAndIT(xpsr);
  return xpsr;
}
