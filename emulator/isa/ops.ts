/**
 * The abstract operations in which every instruction's meaning is written (Arm ARM DDI 0403, A7.7
 * pseudocode).
 *
 * A reader of the instruction records implements `Ops`: the interpreter carries JavaScript source, the
 * translator WebAssembly values, the hazard analysis sets of registers. Nothing here computes anything.
 *
 * Rules for implementers:
 * - a register read, a flag read and a load give a value that is bound there and then: writing the register
 *   afterwards does not change it;
 * - an i32 is signed, shifts by an i32 use its low five bits, an f32 is carried with all its NaN bits;
 * - an operation that faults abandons the instruction: what is written after it does not happen.
 */
export interface Values {
  readonly i32: unknown;
  readonly i64: unknown;
  readonly f32: unknown;
  readonly bool: unknown;
}

export type Flag = 'N' | 'Z' | 'C' | 'V';

/** One memory access: MemU when `aligned` is absent, MemA (faults when unaligned) when it is set. */
export interface Access {
  readonly size: 1 | 2 | 4;
  readonly signed?: boolean;
  readonly aligned?: boolean;
  /** LDRT and its kin: checked as an unprivileged access. */
  readonly unprivileged?: boolean;
}

export type Hint = 'NOP' | 'YIELD' | 'WFE' | 'WFI' | 'SEV' | 'DBG';
export type Barrier = 'DMB' | 'DSB' | 'ISB';

/** Integer values, registers and flags. */
export interface IntegerOps<V extends Values> {
  /** Core register 0..14. R13 is the current stack pointer. */
  R(n: number): V['i32'];
  /** Writing R13 clears its bits 1:0. */
  setR(n: number, value: V['i32']): void;
  /** The PC as an instruction reads it: its own address + 4. */
  PC(): V['i32'];
  imm(value: number): V['i32'];

  flag(flag: Flag): V['bool'];
  /** N and Z from a result. */
  setNZ(result: V['i32']): void;
  /** N and Z themselves, as VMRS moves them. */
  setFlagNZ(n: V['bool'], z: V['bool']): void;
  setC(carry: V['bool']): void;
  setV(overflow: V['bool']): void;
  /** Sets APSR.Q when true, else leaves it (sticky). */
  setQ(saturated: V['bool']): void;
  /** APSR.GE, bits 3:0. */
  GE(): V['i32'];
  setGE(flags: V['i32']): void;

  add(a: V['i32'], b: V['i32']): V['i32'];
  sub(a: V['i32'], b: V['i32']): V['i32'];
  mul(a: V['i32'], b: V['i32']): V['i32'];
  and(a: V['i32'], b: V['i32']): V['i32'];
  or(a: V['i32'], b: V['i32']): V['i32'];
  xor(a: V['i32'], b: V['i32']): V['i32'];
  not(a: V['i32']): V['i32'];
  shl(a: V['i32'], amount: V['i32']): V['i32'];
  shr(a: V['i32'], amount: V['i32']): V['i32'];
  sar(a: V['i32'], amount: V['i32']): V['i32'];
  ror(a: V['i32'], amount: V['i32']): V['i32'];
  /** Count of leading zeros, 32 for 0. */
  clz(a: V['i32']): V['i32'];
  /** Truncating quotient; 0 for a zero divisor, -2^31 / -1 gives -2^31. */
  divS(a: V['i32'], b: V['i32']): V['i32'];
  divU(a: V['i32'], b: V['i32']): V['i32'];

  eq(a: V['i32'], b: V['i32']): V['bool'];
  ltS(a: V['i32'], b: V['i32']): V['bool'];
  ltU(a: V['i32'], b: V['i32']): V['bool'];
  /** Carry out of bit 31 of x + y + carryIn = result. */
  carryOut(x: V['i32'], y: V['i32'], result: V['i32']): V['bool'];
  /** Signed overflow of x + y + carryIn = result. */
  overflowOut(x: V['i32'], y: V['i32'], result: V['i32']): V['bool'];

  bool(value: boolean): V['bool'];
  both(a: V['bool'], b: V['bool']): V['bool'];
  either(a: V['bool'], b: V['bool']): V['bool'];
  negate(a: V['bool']): V['bool'];
  /** 1 or 0. */
  toI32(a: V['bool']): V['i32'];
  select(condition: V['bool'], whenTrue: V['i32'], whenFalse: V['i32']): V['i32'];
  selectBool(condition: V['bool'], whenTrue: V['bool'], whenFalse: V['bool']): V['bool'];

  /** The 64-bit product of two signed or unsigned words. */
  mulLongS(a: V['i32'], b: V['i32']): V['i64'];
  mulLongU(a: V['i32'], b: V['i32']): V['i64'];
  /** A doubleword from its two words; from one word, zero-extended. */
  long(high: V['i32'], low: V['i32']): V['i64'];
  addLong(a: V['i64'], b: V['i64']): V['i64'];
  low(a: V['i64']): V['i32'];
  high(a: V['i64']): V['i32'];
}

/** Memory, control flow and the system. */
export interface SystemOps<V extends Values> {
  load(access: Access, address: V['i32']): V['i32'];
  store(access: Access, address: V['i32'], value: V['i32']): void;
  /** LDREX and STREX: the local monitor, opened by `markExclusive`, shut by `clearExclusive`. */
  markExclusive(): void;
  isExclusive(): V['bool'];
  clearExclusive(): void;

  if(condition: V['bool'], then: () => void, otherwise?: () => void): void;
  /** BranchWritePC: an address whose bit 0 is ignored. */
  branch(target: V['i32']): void;
  /** BXWritePC: EXC_RETURN in Handler mode, else bit 0 must be 1 (UsageFault.INVSTATE). */
  branchExchange(target: V['i32']): void;
  /** BLXWritePC: as above without EXC_RETURN. */
  branchLinkExchange(target: V['i32']): void;

  supervisorCall(imm8: number): void;
  breakpoint(imm8: number): void;
  /** UsageFault.UNDEFINSTR. */
  undefinedInstruction(): void;
  hint(hint: Hint): void;
  barrier(barrier: Barrier): void;
  setITState(firstcondMask: number): void;

  /** MRS and MSR by SYSm; `mask` is bits 11:10 of MSR's second halfword. */
  readSpecial(SYSm: number): V['i32'];
  writeSpecial(SYSm: number, mask: number, value: V['i32']): void;
  changeProcessorState(disable: boolean, affectPRIMASK: boolean, affectFAULTMASK: boolean): void;
}

/** FPv4-SP. Arithmetic follows FPSCR (rounding, FZ, DN) and sets its cumulative flags. */
export interface FloatOps<V extends Values> {
  S(n: number): V['f32'];
  setS(n: number, value: V['f32']): void;
  bitsOf(a: V['f32']): V['i32'];
  fromBits(a: V['i32']): V['f32'];
  fpAdd(a: V['f32'], b: V['f32']): V['f32'];
  fpSub(a: V['f32'], b: V['f32']): V['f32'];
  fpMul(a: V['f32'], b: V['f32']): V['f32'];
  fpDiv(a: V['f32'], b: V['f32']): V['f32'];
  fpSqrt(a: V['f32']): V['f32'];
  /** addend + a * b, rounded once. */
  fpMulAdd(addend: V['f32'], a: V['f32'], b: V['f32']): V['f32'];
  /** FPSCR.NZCV from a comparison; a quiet NaN sets IOC when `signalling`. */
  fpCompare(a: V['f32'], b: V['f32'], signalling: boolean): void;
  /** To a fixed-point word of `fractionBits`; towards zero, else as FPSCR rounds. */
  fpToFixed(
    a: V['f32'],
    width: 16 | 32,
    fractionBits: number,
    unsigned: boolean,
    towardsZero: boolean,
  ): V['i32'];
  /** From a fixed-point word; to nearest, else as FPSCR rounds. */
  fixedToFP(a: V['i32'], fractionBits: number, unsigned: boolean, toNearest: boolean): V['f32'];
  /** Half precision in the low 16 bits. */
  halfToFP(a: V['i32']): V['f32'];
  fpToHalf(a: V['f32']): V['i32'];
  readFPSCR(): V['i32'];
  writeFPSCR(value: V['i32']): void;
}

export interface Ops<V extends Values> extends IntegerOps<V>, SystemOps<V>, FloatOps<V> {
  /** InITBlock(): 16-bit data processing sets flags only outside one. */
  readonly inITBlock: boolean;
}
