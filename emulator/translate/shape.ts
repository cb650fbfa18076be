/**
 * What the control flow needs to know of an instruction before its code is made, read off its meaning: where
 * it goes, what it asks of the core, and by which registers it reaches memory.
 */
import type { Decoded } from '../decode/decoder.js';
import { usesFloat } from '../isa/insn.js';
import type { Access, Flag, Hint, Ops, Values } from '../isa/ops.js';

/** One access of an instruction whose address is a register and a constant. */
export interface KnownAccess {
  readonly register: number;
  readonly offset: number;
  readonly size: 1 | 2 | 4;
}

export interface Shape {
  /** The interpreter runs it. */
  readonly interpreted: boolean;
  readonly usesFloat: boolean;
  /** Writes CONTROL, a mask or a stack pointer by MSR. */
  readonly writesSpecial: boolean;
  /** How it leaves the straight line. */
  readonly jump: 'none' | 'direct' | 'computed' | 'exchange' | 'linkExchange';
  /** Of a direct jump. */
  readonly target: number;
  /** The jump depends on flags or a register. */
  readonly conditional: boolean;
  readonly writesLink: boolean;
  readonly writesFlags: boolean;
  readonly newITState: number;
  readonly accesses: readonly KnownAccess[];
  /** Accesses to addresses that are constants. */
  readonly constantAccesses: number;
  /** What core registers get, where that is known: as registers were before the instruction. */
  readonly sets: readonly (readonly [register: number, value: Known])[];
  /** The result that N and Z are set by. */
  readonly compared: Known;
  /** A conditional jump is taken while Z is clear. */
  readonly whileNotZero: boolean;
  /** R0..R14 as bits of a mask. */
  readonly writes: number;
  readonly loads: number;
  readonly stores: number;
  /** Bytes of its last load. */
  readonly loadSize: number;
  readonly divides: boolean;
}

/** A sum of a register, another one with its sign turned, and a number, each maybe absent; or unknown. */
export type Known =
  | { readonly register?: number | undefined; readonly minus?: number | undefined; readonly value: number }
  | undefined;

interface Knowledge extends Values {
  readonly i32: Known;
  readonly i64: undefined;
  readonly f32: undefined;
  readonly bool: 'Z' | 'not Z' | number | undefined;
}

const nothing = (): undefined => undefined;
const ofConstants =
  (fold: (a: number, b: number) => number) =>
  (a: Known, b: Known): Known =>
    a && b && isNumber(a) && isNumber(b) ? { value: fold(a.value, b.value) | 0 } : undefined;

const isNumber = (known: Known): boolean =>
  known !== undefined && known.register === undefined && known.minus === undefined;

/** The sum, where no more than one register of each sign is in it. */
export function sumOf(a: Known, b: Known): Known {
  if (a === undefined || b === undefined) return undefined;
  if (a.register !== undefined && b.register !== undefined) return undefined;
  if (a.minus !== undefined && b.minus !== undefined) return undefined;
  const { register = b.register, minus = b.minus } = a;
  return { register, minus, value: (a.value + b.value) | 0 };
}

/** A shape while it is being read off. */
type Draft = { -readonly [K in keyof Shape]: Shape[K] } & {
  accesses: KnownAccess[];
  sets: (readonly [register: number, value: Known])[];
};

const emptyDraft = (): Draft => ({
  interpreted: false,
  usesFloat: false,
  writesSpecial: false,
  jump: 'none',
  target: 0,
  conditional: false,
  writesLink: false,
  writesFlags: false,
  newITState: 0,
  accesses: [],
  constantAccesses: 0,
  sets: [],
  compared: undefined,
  whileNotZero: false,
  writes: 0,
  loads: 0,
  stores: 0,
  loadSize: 0,
  divides: false,
});

class ShapeOps implements Ops<Knowledge> {
  shape = emptyDraft();
  inITBlock = false;
  private address = 0;
  private inside = 0;

  begin(address: number, inITBlock: boolean): void {
    this.shape = emptyDraft();
    this.address = address;
    this.inITBlock = inITBlock;
    this.inside = 0;
  }

  R = (n: number): Known => ({ register: n, value: 0 });
  setR = (n: number, value: Known): void => {
    this.shape.writes |= 1 << n;
    this.shape.sets.push([n, value]);
    if (n === 14) this.shape.writesLink = true;
  };
  PC = (): Known => ({ value: (this.address + 4) | 0 });
  imm = (value: number): Known => ({ value: value | 0 });
  add = sumOf;
  sub = (a: Known, b: Known): Known => sumOf(a, this.negative(b));
  private negative(known: Known): Known {
    if (known === undefined) return undefined;
    return { register: known.minus, minus: known.register, value: -known.value | 0 };
  }
  not = (a: Known): Known => sumOf(this.negative(a), { value: -1 });
  flag = (flag: Flag): Knowledge['bool'] => (flag === 'Z' ? 'Z' : undefined);
  negate = (a: Knowledge['bool']): Knowledge['bool'] => (a === 'Z' ? 'not Z' : undefined);
  bool = (value: boolean): number => (value ? 1 : 0);
  toI32 = (a: Knowledge['bool']): Known => (typeof a === 'number' ? { value: a } : undefined);
  and = ofConstants((a, b) => a & b);
  or = ofConstants((a, b) => a | b);
  shl = ofConstants((a, b) => a << b);

  private access({ size }: Access, address: Known): void {
    if (isNumber(address)) this.shape.constantAccesses++;
    else if (address?.register !== undefined && address.minus === undefined)
      this.shape.accesses.push({ register: address.register, offset: address.value, size });
  }
  load = (access: Access, address: Known): undefined => {
    this.shape.loads++;
    this.shape.loadSize = access.size;
    if (access.unprivileged === true) this.shape.interpreted = true;
    this.access(access, address);
  };
  store = (access: Access, address: Known): void => {
    this.shape.stores++;
    if (access.unprivileged === true || this.inside > 0) this.shape.interpreted = true;
    this.access(access, address);
  };
  if = (condition: Knowledge['bool'], then: () => void, otherwise?: () => void): void => {
    this.shape.whileNotZero = condition === 'not Z';
    this.inside++;
    then();
    otherwise?.();
    this.inside--;
  };
  branch = (target: Known): void => {
    this.shape.conditional = this.inside > 0;
    this.shape.jump = isNumber(target) ? 'direct' : 'computed';
    this.shape.target = ((target?.value ?? 0) & ~1) >>> 0;
  };
  branchExchange = (): void => {
    this.shape.jump = 'exchange';
  };
  branchLinkExchange = (): void => {
    this.shape.jump = 'linkExchange';
  };
  setITState = (state: number): void => {
    this.shape.newITState = state;
  };
  private interpret = (): undefined => {
    this.shape.interpreted = true;
  };
  hint = (hint: Hint): void => {
    if (hint === 'WFI' || hint === 'WFE') this.shape.interpreted = true;
  };
  supervisorCall = this.interpret;
  breakpoint = this.interpret;
  undefinedInstruction = this.interpret;
  readSpecial = this.interpret;
  writeSpecial = (): void => {
    this.shape.interpreted = this.shape.writesSpecial = true;
  };
  changeProcessorState = this.interpret;
  writeFPSCR = this.interpret;

  private flags = (): void => {
    this.shape.writesFlags = true;
  };
  setNZ = (result: Known): void => {
    this.shape.writesFlags = true;
    this.shape.compared = result;
  };
  setFlagNZ = this.flags;
  setC = this.flags;
  setV = this.flags;
  private divide = (): undefined => {
    this.shape.divides = true;
  };
  divS = this.divide;
  divU = this.divide;

  barrier = nothing;
  setQ = nothing;
  GE = nothing;
  setGE = nothing;
  mul = nothing;
  xor = nothing;
  shr = nothing;
  sar = nothing;
  ror = nothing;
  clz = nothing;
  eq = nothing;
  ltS = nothing;
  ltU = nothing;
  carryOut = nothing;
  overflowOut = nothing;
  both = nothing;
  either = nothing;
  select = nothing;
  selectBool = nothing;
  mulLongS = nothing;
  mulLongU = nothing;
  long = nothing;
  addLong = nothing;
  low = nothing;
  high = nothing;
  markExclusive = nothing;
  isExclusive = nothing;
  clearExclusive = nothing;
  S = nothing;
  setS = nothing;
  bitsOf = nothing;
  fromBits = nothing;
  fpAdd = nothing;
  fpSub = nothing;
  fpMul = nothing;
  fpDiv = nothing;
  fpSqrt = nothing;
  fpMulAdd = nothing;
  fpCompare = nothing;
  fpToFixed = nothing;
  fixedToFP = nothing;
  halfToFP = nothing;
  fpToHalf = nothing;
  readFPSCR = nothing;
}

/** One for all: making one costs more than most meanings. */
const reader = new ShapeOps();

export function shapeOf({ insn, fields }: Decoded, address: number, inITBlock: boolean): Shape {
  reader.begin(address, inITBlock);
  insn.meaning(reader, fields);
  return { ...reader.shape, usesFloat: usesFloat(insn) };
}

/** It goes elsewhere, and leaves in LR where to come back to. */
export function isCall(decoded: Decoded, address: number): boolean {
  const { jump, writesLink } = shapeOf(decoded, address, false);
  return jump !== 'none' && writesLink;
}
