/**
 * The translator's reading of an instruction: its meaning as WebAssembly. Every value is bound to a local at
 * once.
 *
 * What the fast path cannot do (memory outside RAM and flash, an unaligned access, an FP corner case) leaves
 * the unit before the instruction has changed anything, and the interpreter runs the instruction: a side
 * exit.
 */

import { X } from '../core/state.js';
import { InternalError } from '../errors.js';
import type { Access, Barrier, Flag, Hint, Ops, Values } from '../isa/ops.js';
import type { GuestState } from './guest-state.js';
import type { Local, MemoryOpcode, Opcode, WasmFunction, WasmType } from './wasm-function.js';

export type I32 = Local | number;

export interface Wasm extends Values {
  /** A local, or a constant known at translation. */
  readonly i32: I32;
  readonly i64: Local;
  readonly f32: Local;
  /** 0 or 1. */
  readonly bool: I32;
}

/** Thrown where the interpreter must run the instruction: the unit ends before it. */
export class Untranslatable extends Error {}

/** Memory the unit may touch without leaving: guest range and its place in the host buffer. */
export interface FastWindow {
  readonly start: number;
  readonly size: number;
  readonly offset: number;
  readonly writable: boolean;
}

/** What the control flow around an instruction does for it. */
export interface UnitExits {
  /** Leaves the unit with this instruction still to run. */
  sideExit(): void;
  /** The instruction is done and the next one is at `target`. */
  jump(target: number): void;
}

const LOADS: Readonly<Record<string, MemoryOpcode>> = {
  '4': 'i32.load',
  '2': 'i32.load16_u',
  '2s': 'i32.load16_s',
  '1': 'i32.load8_u',
  '1s': 'i32.load8_s',
};
const STORES: Readonly<Record<number, MemoryOpcode>> = { 4: 'i32.store', 2: 'i32.store16', 1: 'i32.store8' };

/** High words of 2^-126 and of the doubles just below the overflow of a single. */
const SMALLEST_NORMAL_HIGH = 0x38100000;
const OVERFLOW_HIGH = 0x47efffff;
const EXPONENT = 0x7f800000;

export class WasmOps implements Ops<Wasm> {
  inITBlock = false;
  /** ITSTATE that an IT instruction asked for. */
  newITState: number | undefined;
  private changed = false;

  constructor(
    private readonly f: WasmFunction,
    private readonly state: GuestState,
    private readonly ram: FastWindow,
    private readonly constantWord: (address: number) => number | undefined,
    private readonly exits: UnitExits,
    private pc = 0,
  ) {}

  /** Begins the next instruction. */
  begin(pc: number, inITBlock: boolean): void {
    this.pc = pc;
    this.inITBlock = inITBlock;
    this.newITState = undefined;
    this.changed = false;
  }

  private push(value: I32): WasmFunction {
    return typeof value === 'number' ? this.f.const(value) : this.f.get(value);
  }

  private bind(type: WasmType): Local {
    const local = this.f.local(type);
    this.f.set(local);
    return local;
  }

  private unary(op: Opcode, a: I32, fold: (a: number) => number): I32 {
    if (typeof a === 'number') return fold(a) | 0;
    this.push(a).op(op);
    return this.bind('i32');
  }

  private binary(op: Opcode, a: I32, b: I32, fold: (a: number, b: number) => number): I32 {
    if (typeof a === 'number' && typeof b === 'number') return fold(a, b) | 0;
    this.push(a);
    this.push(b).op(op);
    return this.bind('i32');
  }

  /** Leaves the unit when the condition on the stack holds. */
  private leaveIf(): void {
    if (this.changed)
      throw new InternalError(`a side exit at ${this.pc.toString(16)} after the instruction took effect`);
    this.f.if('side exit');
    this.exits.sideExit();
    this.f.end();
  }

  R = (n: number): I32 => {
    this.f.get(this.state.r[n] as Local);
    return this.bind('i32');
  };
  setR = (n: number, value: I32): void => {
    this.changed = true;
    const register = this.state.r[n] as Local;
    if (n !== 13) {
      this.push(value).set(register);
      return;
    }
    const lowest = this.state.word(X.SP_LOWEST);
    this.push(this.and(value, ~3)).set(register);
    this.f.get(register).get(lowest).get(register).get(lowest).op('i32.lt_u', 'select').set(lowest);
  };
  PC = (): I32 => (this.pc + 4) | 0;
  imm = (value: number): I32 => value | 0;

  flag = (flag: Flag): I32 => {
    const local = this.state.word(X[flag]);
    if (flag === 'N') this.f.get(local).const(0).op('i32.lt_s');
    else if (flag === 'Z') this.f.get(local).op('i32.eqz');
    else this.f.get(local);
    return this.bind('i32');
  };
  setNZ = (result: I32): void => {
    this.changed = true;
    this.push(result).set(this.state.word(X.N));
    this.push(result).set(this.state.word(X.Z));
  };
  setFlagNZ = (n: I32, z: I32): void => {
    this.changed = true;
    this.push(this.sub(0, n)).set(this.state.word(X.N));
    this.push(this.xor(z, 1)).set(this.state.word(X.Z));
  };
  setC = (carry: I32): void => this.setFlagWord(X.C, carry);
  setV = (overflow: I32): void => this.setFlagWord(X.V, overflow);
  setQ = (saturated: I32): void => {
    this.f.get(this.state.word(X.Q));
    this.push(saturated).op('i32.or').set(this.state.word(X.Q));
    this.changed = true;
  };
  GE = (): I32 => {
    this.f.get(this.state.word(X.GE));
    return this.bind('i32');
  };
  setGE = (flags: I32): void => {
    this.changed = true;
    this.push(flags).set(this.state.word(X.GE));
  };
  private setFlagWord(index: typeof X.C | typeof X.V, value: I32): void {
    this.changed = true;
    this.push(value).set(this.state.word(index));
  }

  add = (a: I32, b: I32): I32 => this.binary('i32.add', a, b, (x, y) => x + y);
  sub = (a: I32, b: I32): I32 => this.binary('i32.sub', a, b, (x, y) => x - y);
  mul = (a: I32, b: I32): I32 => this.binary('i32.mul', a, b, Math.imul);
  and = (a: I32, b: I32): I32 => this.binary('i32.and', a, b, (x, y) => x & y);
  or = (a: I32, b: I32): I32 => this.binary('i32.or', a, b, (x, y) => x | y);
  xor = (a: I32, b: I32): I32 => this.binary('i32.xor', a, b, (x, y) => x ^ y);
  not = (a: I32): I32 => this.xor(a, -1);
  shl = (a: I32, n: I32): I32 => this.binary('i32.shl', a, n, (x, y) => x << y);
  shr = (a: I32, n: I32): I32 => this.binary('i32.shr_u', a, n, (x, y) => x >>> y);
  sar = (a: I32, n: I32): I32 => this.binary('i32.shr_s', a, n, (x, y) => x >> y);
  ror = (a: I32, n: I32): I32 => this.binary('i32.rotr', a, n, (x, y) => (x >>> y) | (x << (32 - y)));
  clz = (a: I32): I32 => this.unary('i32.clz', a, Math.clz32);
  /** Its time depends on its operands. */
  divS = (): I32 => this.untranslatable();
  divU = (): I32 => this.untranslatable();

  eq = (a: I32, b: I32): I32 => this.binary('i32.eq', a, b, (x, y) => (x === y ? 1 : 0));
  ltS = (a: I32, b: I32): I32 => this.binary('i32.lt_s', a, b, (x, y) => (x < y ? 1 : 0));
  ltU = (a: I32, b: I32): I32 => this.binary('i32.lt_u', a, b, (x, y) => (x >>> 0 < y >>> 0 ? 1 : 0));
  carryOut = (x: I32, y: I32, result: I32): I32 =>
    this.shr(this.or(this.and(x, y), this.and(this.or(x, y), this.not(result))), 31);
  overflowOut = (x: I32, y: I32, result: I32): I32 =>
    this.shr(this.and(this.xor(x, result), this.xor(y, result)), 31);

  bool = (value: boolean): I32 => (value ? 1 : 0);
  both = (a: I32, b: I32): I32 => this.and(a, b);
  either = (a: I32, b: I32): I32 => this.or(a, b);
  negate = (a: I32): I32 => this.unary('i32.eqz', a, (x) => (x === 0 ? 1 : 0));
  toI32 = (a: I32): I32 => a;
  select = (condition: I32, a: I32, b: I32): I32 => {
    this.push(a);
    this.push(b);
    this.push(condition).op('select');
    return this.bind('i32');
  };
  selectBool = (condition: I32, a: I32, b: I32): I32 => this.select(condition, a, b);

  mulLongS = (a: I32, b: I32): Local => this.multiplyLong(a, b, 'i64.extend_i32_s');
  mulLongU = (a: I32, b: I32): Local => this.multiplyLong(a, b, 'i64.extend_i32_u');
  private multiplyLong(a: I32, b: I32, extend: Opcode): Local {
    this.push(a).op(extend);
    this.push(b).op(extend, 'i64.mul');
    return this.bind('i64');
  }
  long = (high: I32, low: I32): Local => {
    this.push(high).op('i64.extend_i32_u').constLong(32).op('i64.shl');
    this.push(low).op('i64.extend_i32_u', 'i64.or');
    return this.bind('i64');
  };
  addLong = (a: Local, b: Local): Local => {
    this.f.get(a).get(b).op('i64.add');
    return this.bind('i64');
  };
  low = (a: Local): I32 => {
    this.f.get(a).op('i32.wrap_i64');
    return this.bind('i32');
  };
  high = (a: Local): I32 => {
    this.f.get(a).constLong(32).op('i64.shr_u', 'i32.wrap_i64');
    return this.bind('i32');
  };

  load = (access: Access, address: I32): I32 => {
    if (typeof address === 'number' && access.size === 4 && (address & 3) === 0) {
      const known = this.constantWord(address);
      if (known !== undefined) return known;
    }
    this.push(this.inRam(address, access.size));
    this.f.memory(
      LOADS[`${access.size}${access.signed === true ? 's' : ''}`] as MemoryOpcode,
      this.ram.offset,
    );
    return this.bind('i32');
  };
  store = (access: Access, address: I32, value: I32): void => {
    this.push(this.inRam(address, access.size));
    this.push(value).memory(STORES[access.size] as MemoryOpcode, this.ram.offset);
  };
  /**
   * The offset in RAM; what is outside, or unaligned, leaves the unit: rotated, both compare as out of range.
   */
  private inRam(address: I32, size: 1 | 2 | 4): I32 {
    const offset = this.sub(address, this.ram.start | 0);
    const index = this.ror(offset, size >>> 1);
    this.push(index)
      .const(this.ram.size / size)
      .op('i32.ge_u');
    this.leaveIf();
    return offset;
  }

  markExclusive = (): void => void this.f.const(1).set(this.state.word(X.EXCLUSIVE));
  isExclusive = (): I32 => {
    this.f.get(this.state.word(X.EXCLUSIVE));
    return this.bind('i32');
  };
  clearExclusive = (): void => void this.f.const(0).set(this.state.word(X.EXCLUSIVE));

  /** Opens a WebAssembly `if`; the caller ends it. */
  openIf(condition: I32): void {
    this.push(condition).if('if');
  }

  if = (condition: I32, then: () => void, otherwise?: () => void): void => {
    this.openIf(condition);
    then();
    if (otherwise !== undefined) {
      this.f.else();
      otherwise();
    }
    this.f.end();
  };
  branch = (target: I32): void => {
    if (typeof target !== 'number') this.untranslatable();
    else this.exits.jump(target & ~1);
  };
  branchExchange = (): void => void this.untranslatable();
  branchLinkExchange = (): void => void this.untranslatable();

  supervisorCall = (): void => void this.untranslatable();
  breakpoint = (): void => void this.untranslatable();
  undefinedInstruction = (): void => void this.untranslatable();
  hint = (hint: Hint): void => {
    if (hint === 'WFI' || hint === 'WFE') this.untranslatable();
    else if (hint === 'SEV') this.f.const(1).set(this.state.word(X.EVENT_REGISTER));
  };
  barrier = (_barrier: Barrier): void => undefined;
  setITState = (firstcondMask: number): void => {
    this.newITState = firstcondMask;
  };
  readSpecial = (): I32 => this.untranslatable();
  writeSpecial = (): void => void this.untranslatable();
  changeProcessorState = (): void => void this.untranslatable();
  private untranslatable(): never {
    throw new Untranslatable();
  }

  S = (n: number): Local => {
    this.f.get(this.state.s[n] as Local);
    return this.bind('f32');
  };
  setS = (n: number, value: Local): void => {
    this.changed = true;
    this.f.get(value).set(this.state.s[n] as Local);
  };
  bitsOf = (a: Local): I32 => {
    this.f.get(a).op('i32.reinterpret_f32');
    return this.bind('i32');
  };
  fromBits = (a: I32): Local => {
    this.push(a).op('f32.reinterpret_i32');
    return this.bind('f32');
  };
  fpAdd = (a: Local, b: Local): Local => this.sum('f32.add', a, b);
  fpSub = (a: Local, b: Local): Local => this.sum('f32.sub', a, b);
  /**
   * A finite sum is right as it is: when it is tiny it is exact, and IXC is set already in a unit's fast
   * body.
   */
  private sum(op: Opcode, a: Local, b: Local): Local {
    this.f.get(a).get(b).op(op);
    const result = this.bind('f32');
    this.f.get(result).op('i32.reinterpret_f32').const(EXPONENT).op('i32.and').const(EXPONENT).op('i32.eq');
    this.leaveIf();
    return result;
  }
  /** The double product is exact: zero, or in the normal range of a single, it rounds once to the answer. */
  fpMul = (a: Local, b: Local): Local => {
    this.f.get(a).op('f64.promote_f32').get(b).op('f64.promote_f32', 'f64.mul');
    const product = this.bind('f64');
    this.f.get(product).op('i64.reinterpret_f64').constLong(32).op('i64.shr_u', 'i32.wrap_i64');
    const high = this.and(this.bind('i32'), 0x7fffffff);
    this.push(this.sub(high, SMALLEST_NORMAL_HIGH))
      .const(OVERFLOW_HIGH - SMALLEST_NORMAL_HIGH)
      .op('i32.ge_u');
    this.push(high).const(0).op('i32.ne', 'i32.and');
    this.leaveIf();
    this.f.get(product).op('f32.demote_f64');
    return this.bind('f32');
  };
  fpDiv = (): Local => this.untranslatable();
  fpSqrt = (): Local => this.untranslatable();
  fpMulAdd = (): Local => this.untranslatable();
  fpCompare = (): void => void this.untranslatable();
  fpToFixed = (): I32 => this.untranslatable();
  fixedToFP = (): Local => this.untranslatable();
  halfToFP = (): Local => this.untranslatable();
  fpToHalf = (): I32 => this.untranslatable();
  readFPSCR = (): I32 => this.untranslatable();
  writeFPSCR = (): void => void this.untranslatable();
}
