/**
 * What the control flow needs to know of an instruction before its code is made, read off its meaning: where
 * it goes, what it asks of the core, and by which registers it reaches memory.
 */
import type { Decoded } from '../decode/decoder.js';
import { usesFloat } from '../isa/insn.js';
import type { Access, Hint, Ops, Values } from '../isa/ops.js';
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
  /** R0..R14 as bits of a mask. */
  readonly writes: number;
  readonly loads: number;
  readonly stores: number;
  /** Bytes of its last load. */
  readonly loadSize: number;
  readonly divides: boolean;
}

/** A number known at translation, a register and a number, or nothing. */
type Known = { readonly register?: number; readonly value: number } | undefined;

interface Knowledge extends Values {
  readonly i32: Known;
  readonly i64: undefined;
  readonly f32: undefined;
  readonly bool: undefined;
}

const nothing = (): undefined => undefined;
const ofConstants =
  (fold: (a: number, b: number) => number) =>
  (a: Known, b: Known): Known =>
    a !== undefined && b !== undefined && a.register === undefined && b.register === undefined
      ? { value: fold(a.value, b.value) | 0 }
      : undefined;

class ShapeOps implements Ops<Knowledge> {
  interpreted = false;
  jump: Shape['jump'] = 'none';
  target = 0;
  conditional = false;
  writesLink = false;
  writesFlags = false;
  newITState = 0;
  accesses: KnownAccess[] = [];
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
  setR = (n: number): void => {
    this.writes |= 1 << n;
    if (n === 14) this.writesLink = true;
  };
  PC = (): Known => ({ value: (this.address + 4) | 0 });
  imm = (value: number): Known => ({ value: value | 0 });
  add = (a: Known, b: Known): Known => {
    if (a === undefined || b === undefined) return undefined;
    if (a.register !== undefined && b.register !== undefined) return undefined;
    const register = a.register ?? b.register;
    const value = (a.value + b.value) | 0;
    return register === undefined ? { value } : { register, value };
  };
  sub = (a: Known, b: Known): Known =>
    b === undefined || b.register !== undefined ? undefined : this.add(a, { value: -b.value | 0 });
  and = ofConstants((a, b) => a & b);
  or = ofConstants((a, b) => a | b);
  shl = ofConstants((a, b) => a << b);

  private access({ size }: Access, address: Known): void {
    if (address?.register !== undefined)
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
  if = (_condition: undefined, then: () => void, otherwise?: () => void): void => {
    this.inside++;
    then();
    otherwise?.();
    this.inside--;
  };
  branch = (target: Known): void => {
    this.conditional = this.inside > 0;
    this.jump = target === undefined || target.register !== undefined ? 'computed' : 'direct';
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
  setNZ = this.flags;
  setFlagNZ = this.flags;
  setC = this.flags;
  setV = this.flags;
  private divide = (): undefined => {
    this.divides = true;
  };
  divS = this.divide;
  divU = this.divide;

  barrier = nothing;
  flag = nothing;
  setQ = nothing;
  GE = nothing;
  setGE = nothing;
  mul = nothing;
  xor = nothing;
  not = nothing;
  shr = nothing;
  sar = nothing;
  ror = nothing;
  clz = nothing;
  eq = nothing;
  ltS = nothing;
  ltU = nothing;
  carryOut = nothing;
  overflowOut = nothing;
  bool = nothing;
  both = nothing;
  either = nothing;
  negate = nothing;
  toI32 = nothing;
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
  const { accesses, writes, loads, stores, loadSize, divides } = ops;
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
    writes,
    loads,
    stores,
    loadSize,
    divides,
  };
}
