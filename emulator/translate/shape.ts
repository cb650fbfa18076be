/**
 * What the control flow needs to know of an instruction before its code is made, read off its meaning: where
 * it goes, what it asks of the core, and by which registers it reaches memory.
 */
import type { Decoded } from '../decode/decoder.js';
import { usesFloat } from '../isa/insn.js';
import type { Access, Flag, Hint, Ops, Values } from '../isa/ops.js';
import type { KnownAccess } from './block-code.js';

export interface Shape {
  /** The interpreter runs it. */
  readonly interpreted: boolean;
  readonly usesFloat: boolean;
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

class ShapeOps implements Ops<Knowledge> {
  interpreted = false;
  jump: Shape['jump'] = 'none';
  target = 0;
  conditional = false;
  writesLink = false;
  writesFlags = false;
  newITState = 0;
  accesses: KnownAccess[] = [];
  constantAccesses = 0;
  sets: (readonly [number, Known])[] = [];
  compared: Known;
  whileNotZero = false;
  writes = 0;
  loads = 0;
  stores = 0;
  loadSize = 0;
  divides = false;
  private inside = 0;

  constructor(
    private readonly address: number,
    readonly inITBlock: boolean,
  ) {}

  R = (n: number): Known => ({ register: n, value: 0 });
  setR = (n: number, value: Known): void => {
    this.writes |= 1 << n;
    this.sets.push([n, value]);
    if (n === 14) this.writesLink = true;
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
    if (isNumber(address)) this.constantAccesses++;
    else if (address?.register !== undefined && address.minus === undefined)
      this.accesses.push({ register: address.register, offset: address.value, size });
  }
  load = (access: Access, address: Known): undefined => {
    this.loads++;
    this.loadSize = access.size;
    if (access.unprivileged === true) this.interpreted = true;
    this.access(access, address);
  };
  store = (access: Access, address: Known): void => {
    this.stores++;
    if (access.unprivileged === true || this.inside > 0) this.interpreted = true;
    this.access(access, address);
  };
  if = (condition: Knowledge['bool'], then: () => void, otherwise?: () => void): void => {
    this.whileNotZero = condition === 'not Z';
    this.inside++;
    then();
    otherwise?.();
    this.inside--;
  };
  branch = (target: Known): void => {
    this.conditional = this.inside > 0;
    this.jump = isNumber(target) ? 'direct' : 'computed';
    this.target = ((target?.value ?? 0) & ~1) >>> 0;
  };
  branchExchange = (): void => {
    this.jump = 'exchange';
  };
  branchLinkExchange = (): void => {
    this.jump = 'linkExchange';
  };
  setITState = (state: number): void => {
    this.newITState = state;
  };
  private interpret = (): undefined => {
    this.interpreted = true;
  };
  hint = (hint: Hint): void => {
    if (hint === 'WFI' || hint === 'WFE') this.interpreted = true;
  };
  supervisorCall = this.interpret;
  breakpoint = this.interpret;
  undefinedInstruction = this.interpret;
  readSpecial = this.interpret;
  writeSpecial = this.interpret;
  changeProcessorState = this.interpret;
  writeFPSCR = this.interpret;

  private flags = (): void => {
    this.writesFlags = true;
  };
  setNZ = (result: Known): void => {
    this.writesFlags = true;
    this.compared = result;
  };
  setFlagNZ = this.flags;
  setC = this.flags;
  setV = this.flags;
  private divide = (): undefined => {
    this.divides = true;
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

export function shapeOf({ insn, fields }: Decoded, address: number, inITBlock: boolean): Shape {
  const ops = new ShapeOps(address, inITBlock);
  insn.meaning(ops, fields);
  const { interpreted, jump, target, conditional, writesLink, writesFlags, newITState } = ops;
  const { accesses, constantAccesses, sets, compared, whileNotZero } = ops;
  const { writes, loads, stores, loadSize, divides } = ops;
  return {
    interpreted,
    usesFloat: usesFloat(insn),
    jump,
    target,
    conditional,
    writesLink,
    writesFlags,
    newITState,
    accesses,
    constantAccesses,
    sets,
    compared,
    whileNotZero,
    writes,
    loads,
    stores,
    loadSize,
    divides,
  };
}
