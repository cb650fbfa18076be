/**
 * The architectural state of the core (DDI 0403, B1.3-B1.4), as 32-bit words in one block of memory that the
 * interpreter and translated code share. Not here: memory, NVIC, SysTick.
 */

/** Indices into `x`, the words beside R0-R15 and S0-S31. */
export const X = {
  /** N is the sign of this word, Z says whether this word is zero: both come from a result as it is. */
  N: 0,
  Z: 1,
  /** 0 or 1. */
  C: 2,
  V: 3,
  Q: 4,
  GE: 5,
  ITSTATE: 6,
  /** IPSR: the number of the exception being handled, 0 in Thread mode. */
  IPSR: 7,
  PRIMASK: 8,
  BASEPRI: 9,
  FAULTMASK: 10,
  /** CONTROL: nPRIV bit 0, SPSEL bit 1, FPCA bit 2. */
  CONTROL: 11,
  /** The stack pointer that is not in use: PSP while MSP is in R13 and the other way round. */
  OTHER_SP: 12,
  /** The lowest values R13 and OTHER_SP have held. */
  SP_LOWEST: 13,
  OTHER_SP_LOWEST: 14,
  /** FPSCR without NZCV's home elsewhere: all of it lies here. */
  FPSCR: 15,
  EXCLUSIVE: 16,
  /** The event register of WFE and SEV. */
  EVENT_REGISTER: 17,
  /** Cycles left until the machine must look up: counts down. */
  COUNTDOWN: 18,
  /** What an instruction reports to the loop that runs it. */
  SIGNAL: 19,
  SIGNAL_ARGUMENT: 20,
  /** Bits of `Outcome`. */
  OUTCOME: 21,
  /** Cycles an instruction's data added to its own cost: divide steps, unaligned accesses. */
  EXTRA: 22,
  /** FP registers still to be stacked for an exception that reserved their frame (FPCCR.LSPACT). */
  LAZY_FP: 23,
  /** What translated code leaves behind where it is not as after a branch: the timing automaton's state. */
  TIMING_STATE: 24,
  /** 1 while LDRT, STRT and their kin access memory: as unprivileged code does. */
  AS_UNPRIVILEGED: 26,
  /** 1 while EPSR.T is 0. */
  NOT_THUMB: 27,
  /** The clock of translated code, one doubleword that counts down: instructions low, cycles high. */
  UNIT_INSTRUCTIONS: 28,
  UNIT_CYCLES: 29,
  /** Not 0 when an access that translated code asked the host for has failed. */
  UNIT_FAILED: 30,
  /**
   * From here on a measurement's, which no reset clears. Where a store is one that it wants to see: see
   * StoreWatch.
   */
  WATCH_START: 40,
  WATCH_SIZE: 41,
  /**
   * What a measurement knows of the moment: SP below FRAME_LOWEST is the last frame's lowest; below
   * STACK_LOWEST it is to be told; that many bytes from there on are the stack's that SP may be set to.
   */
  FRAME_LOWEST: 42,
  STACK_LOWEST: 43,
  STACK_SPAN: 44,
  /** The last frame's function by its number, and its SP on entry. */
  TOP_FUNCTION: 45,
  ENTRY_SP: 46,
  /** The last branch that was no call. */
  LEFT_FROM: 47,
  LEFT_TO: 48,
} as const;

/** Bits of CONTROL (B1.4.4). */
export const CONTROL = { nPRIV: 1, SPSEL: 2, FPCA: 4 } as const;

/** Why an instruction did not simply go on to the next. */
export const Signal = {
  none: 0,
  /** A memory access failed; the bus holds the details. */
  memoryFault: 1,
  undefinedInstruction: 2,
  supervisorCall: 3,
  breakpoint: 4,
  /** A branch to an address without bit 0: UsageFault.INVSTATE at the target. */
  invalidState: 5,
  /** EXC_RETURN was loaded into the PC in Handler mode. */
  exceptionReturn: 6,
  waitForInterrupt: 7,
  waitForEvent: 8,
  /** An FP instruction with CP10 and CP11 off, or one of a coprocessor that the core lacks. */
  noCoprocessor: 9,
  /** The machine was asked to stop before this address. */
  stopHere: 10,
  unmodelledAccess: 12,
  /** A divide by zero with CCR.DIV_0_TRP set. */
  divideByZero: 13,
  /** No memory answers where the instruction should be. */
  fetchFault: 14,
  /** Lazy stacking could not store the FP registers. */
  lazyStacking: 15,
  /** The interpreter has come to where translated code begins. */
  translated: 16,
} as const;

/** Bits of X.OUTCOME: what the timing model needs to know beside the record's facts. */
export const Outcome = { taken: 1, skipped: 2 } as const;

export const STATE_BYTES = 512;

/** Byte offsets of S0 and of `x` from the state's first byte; R0 is at 0. */
export const S_OFFSET = 64;
export const X_OFFSET = 192;
/** FPCCR and the rest reset elsewhere; CONTROL, masks and flags reset to 0 with the words. */

export class CoreState {
  /** R0..R15; R13 is the stack pointer in use, R15 the address of the instruction to run next. */
  readonly r: Int32Array;
  /** S0..S31 as bits. */
  readonly s: Int32Array;
  readonly x: Int32Array;
  private psp0: number | undefined;

  /** @param offset in bytes, a multiple of 4; STATE_BYTES are used */
  constructor(buffer: ArrayBufferLike, offset: number) {
    this.r = new Int32Array(buffer, offset, 16);
    this.s = new Int32Array(buffer, offset + S_OFFSET, 32);
    this.x = new Int32Array(buffer, offset + X_OFFSET, 64);
  }

  /** The same words in a block of their own. */
  copy(): CoreState {
    const words = new Uint8Array(this.r.buffer, this.r.byteOffset, STATE_BYTES).slice();
    const copy = new CoreState(words.buffer, 0);
    copy.psp0 = this.psp0;
    return copy;
  }

  reset(): void {
    this.r.fill(0);
    this.s.fill(0);
    this.x.fill(0, 0, X.WATCH_START);
    this.x[X.Z] = 1;
    this.psp0 = undefined;
    this.r[14] = -1;
    this.x[X.SP_LOWEST] = -1;
    this.x[X.OTHER_SP_LOWEST] = -1;
  }

  /** APSR: N, Z, C, V, Q in bits 31:27, GE in 19:16. */
  get apsr(): number {
    const x = this.x;
    const nzcv =
      ((word(x, X.N) < 0 ? 8 : 0) | (word(x, X.Z) === 0 ? 4 : 0) | (word(x, X.C) << 1) | word(x, X.V)) << 28;
    return nzcv | (word(x, X.Q) << 27) | (word(x, X.GE) << 16);
  }

  set apsr(value: number) {
    this.x[X.N] = value;
    this.x[X.Z] = value & 0x40000000 ? 0 : 1;
    this.x[X.C] = (value >>> 29) & 1;
    this.x[X.V] = (value >>> 28) & 1;
    this.x[X.Q] = (value >>> 27) & 1;
    this.x[X.GE] = (value >>> 16) & 0xf;
  }

  /** xPSR as exception entry stacks it: APSR, ITSTATE in 26:25 and 15:10, T, IPSR. */
  get xpsr(): number {
    const it = word(this.x, X.ITSTATE);
    const thumb = word(this.x, X.NOT_THUMB) === 0 ? 1 << 24 : 0;
    return this.apsr | ((it & 3) << 25) | ((it >>> 2) << 10) | thumb | word(this.x, X.IPSR);
  }

  /** Everything but IPSR and T, which the exception model sets. */
  setFlagsAndIT(xpsr: number): void {
    this.apsr = xpsr;
    this.x[X.ITSTATE] = ((xpsr >>> 25) & 3) | ((xpsr >>> 8) & 0xfc);
  }

  get handlerMode(): boolean {
    return word(this.x, X.IPSR) !== 0;
  }

  get privileged(): boolean {
    return this.handlerMode || (word(this.x, X.CONTROL) & 1) === 0;
  }

  /** True while R13 is PSP. */
  get onProcessStack(): boolean {
    return !this.handlerMode && (word(this.x, X.CONTROL) & CONTROL.SPSEL) !== 0;
  }

  /** Puts the right stack pointer into R13 after IPSR or CONTROL.SPSEL may have changed. */
  selectStack(wasProcess: boolean): void {
    if (this.onProcessStack === wasProcess) return;
    const { r, x } = this;
    const sp = word(r, 13);
    r[13] = word(x, X.OTHER_SP);
    x[X.OTHER_SP] = sp;
    const lowest = word(x, X.SP_LOWEST);
    x[X.SP_LOWEST] = word(x, X.OTHER_SP_LOWEST);
    x[X.OTHER_SP_LOWEST] = lowest;
  }

  /** Writes R13 and keeps its lowest value. */
  setSP(value: number): void {
    this.r[13] = value & ~3;
    if (word(this.r, 13) >>> 0 < word(this.x, X.SP_LOWEST) >>> 0) this.x[X.SP_LOWEST] = value & ~3;
  }

  get msp(): number {
    return this.onProcessStack ? word(this.x, X.OTHER_SP) : word(this.r, 13);
  }

  get psp(): number {
    return this.onProcessStack ? word(this.r, 13) : word(this.x, X.OTHER_SP);
  }

  setMSP(value: number): void {
    if (this.onProcessStack) this.setOtherSP(value);
    else this.setSP(value);
  }

  setPSP(value: number): void {
    this.psp0 ??= value & ~3;
    if (this.onProcessStack) this.setSP(value);
    else this.setOtherSP(value);
  }

  /** The first value PSP was given: where the process stack starts. Undefined before. */
  get firstPSP(): number | undefined {
    return this.psp0;
  }

  private setOtherSP(value: number): void {
    this.x[X.OTHER_SP] = value & ~3;
    if ((value & ~3) >>> 0 < word(this.x, X.OTHER_SP_LOWEST) >>> 0) this.x[X.OTHER_SP_LOWEST] = value & ~3;
  }
}

/** A typed array's element: in range by construction. */
export function word(array: Int32Array, index: number): number {
  return array[index] as number;
}
