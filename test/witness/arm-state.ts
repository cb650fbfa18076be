/**
 * The registers of a Cortex-M4F at one moment, as plain 32-bit words: what goes into a witness and what comes
 * back. It is data for comparisons, with no behaviour, and shares nothing with the emulator's own state.
 */

/** Index into `ArmState.words`. R0..R15 are words 0..15, S0..S31 follow at `s0`. */
export const STATE_WORD = {
  msp: 13,
  lr: 14,
  pc: 15,
  xpsr: 16,
  fpscr: 17,
  primask: 18,
  basepri: 19,
  faultmask: 20,
  control: 21,
  psp: 22,
  s0: 24,
} as const;

export const STATE_WORDS = STATE_WORD.s0 + 32;

/** EPSR.T, set in every state that can run. */
export const XPSR_T = 1 << 24;
/** CONTROL.FPCA: a floating-point context is active, so the next FP instruction keeps FPSCR. */
export const CONTROL_FPCA = 4;

/**
 * `words` is the whole state (copy it, compare it word by word); the rest are names for parts of it.
 * R13 is MSP. R15 is the address of the instruction to run, bit 0 clear; after a step, of the next one.
 * xPSR: N Z C V Q in 31..27, ICI/IT in 26..25 and 15..10, T in 24, GE in 19..16, IPSR in 8..0 (0 only).
 * A new state is all zero but xPSR.T and CONTROL.FPCA.
 */
export class ArmState {
  readonly words = new Uint32Array(STATE_WORDS);
  readonly r = this.words.subarray(0, 16);
  readonly s = this.words.subarray(STATE_WORD.s0, STATE_WORDS);

  constructor() {
    this.xpsr = XPSR_T;
    this.control = CONTROL_FPCA;
  }

  copyFrom(other: ArmState): this {
    this.words.set(other.words);
    return this;
  }

  get xpsr(): number {
    return this.words[STATE_WORD.xpsr] as number;
  }
  set xpsr(value: number) {
    this.words[STATE_WORD.xpsr] = value;
  }
  get fpscr(): number {
    return this.words[STATE_WORD.fpscr] as number;
  }
  set fpscr(value: number) {
    this.words[STATE_WORD.fpscr] = value;
  }
  get primask(): number {
    return this.words[STATE_WORD.primask] as number;
  }
  set primask(value: number) {
    this.words[STATE_WORD.primask] = value;
  }
  get basepri(): number {
    return this.words[STATE_WORD.basepri] as number;
  }
  set basepri(value: number) {
    this.words[STATE_WORD.basepri] = value;
  }
  get faultmask(): number {
    return this.words[STATE_WORD.faultmask] as number;
  }
  set faultmask(value: number) {
    this.words[STATE_WORD.faultmask] = value;
  }
  get control(): number {
    return this.words[STATE_WORD.control] as number;
  }
  set control(value: number) {
    this.words[STATE_WORD.control] = value;
  }
  get psp(): number {
    return this.words[STATE_WORD.psp] as number;
  }
  set psp(value: number) {
    this.words[STATE_WORD.psp] = value;
  }
}
