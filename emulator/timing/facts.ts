/**
 * What the timing model knows of an instruction before it runs: read off its record by carrying sets of
 * registers through its meaning. Not how many cycles that costs.
 */
import { type AnyFields, type CycleClass, type Insn, usesFloat } from '../isa/insn.js';
import type { Access, Barrier, Ops, Values } from '../isa/ops.js';

export interface Facts {
  readonly cycles: CycleClass;
  /** A 32-bit encoding. */
  readonly wide: boolean;
  /** Stands at an address whose bit 1 is set. */
  readonly oddHalfword: boolean;
  readonly usesFloat: boolean;
  /** R0..R14 as bits of a mask. */
  readonly reads: number;
  readonly writes: number;
  /** Those of which an address is made. */
  readonly addressReads: number;
  /** S0..S31 as bits of a mask. */
  readonly floatReads: number;
  readonly floatWrites: number;
  /** Words, halfwords or bytes loaded and stored. */
  readonly loads: number;
  readonly stores: number;
  readonly writesPC: boolean;
  /** ISB: what follows is fetched anew. */
  readonly refetches: boolean;
}

/** The same for facts that are equal, and for no others. */
export function factsKey(f: Facts): string {
  const flags = Number(f.wide) | (Number(f.oddHalfword) << 1) | (Number(f.usesFloat) << 2);
  const more = flags | (Number(f.writesPC) << 3) | (Number(f.refetches) << 4);
  const core = `${f.reads},${f.writes},${f.addressReads}`;
  return `${f.cycles},${more},${core},${f.floatReads},${f.floatWrites},${f.loads},${f.stores}`;
}

interface Sets extends Values {
  readonly i32: number;
  readonly i64: number;
  readonly f32: number;
  readonly bool: number;
}

const none = (): number => 0;
const of = (a: number): number => a;
const join = (a: number, b: number): number => a | b;
const joinThree = (a: number, b: number, c: number): number => a | b | c;

/** Carries, as each value, the core registers it was made from. */
class FactOps implements Ops<Sets> {
  reads = 0;
  writes = 0;
  addressReads = 0;
  floatReads = 0;
  floatWrites = 0;
  loads = 0;
  stores = 0;
  writesPC = false;
  refetches = false;
  inITBlock = false;

  begin(inITBlock: boolean): void {
    this.reads = this.writes = this.addressReads = this.floatReads = this.floatWrites = 0;
    this.loads = this.stores = 0;
    this.writesPC = this.refetches = false;
    this.inITBlock = inITBlock;
  }

  R = (n: number): number => {
    this.reads |= 1 << n;
    return 1 << n;
  };
  setR = (n: number): void => {
    this.writes |= 1 << n;
  };
  S = (n: number): number => {
    this.floatReads |= 1 << n;
    return 0;
  };
  setS = (n: number): void => {
    this.floatWrites |= 1 << n;
  };
  load = (_access: Access, address: number): number => {
    this.loads++;
    this.addressReads |= address;
    return 0;
  };
  store = (_access: Access, address: number): void => {
    this.stores++;
    this.addressReads |= address;
  };
  if = (_condition: number, then: () => void, otherwise?: () => void): void => {
    then();
    otherwise?.();
  };
  branch = (): void => {
    this.writesPC = true;
  };
  barrier = (barrier: Barrier): void => {
    this.refetches = barrier === 'ISB';
  };
  branchExchange = this.branch;
  branchLinkExchange = this.branch;

  PC = none;
  imm = none;
  flag = none;
  setNZ = none;
  setFlagNZ = none;
  setC = none;
  setV = none;
  setQ = none;
  GE = none;
  setGE = none;
  add = join;
  sub = join;
  mul = join;
  and = join;
  or = join;
  xor = join;
  not = of;
  shl = join;
  shr = join;
  sar = join;
  ror = join;
  clz = of;
  divS = join;
  divU = join;
  eq = join;
  ltS = join;
  ltU = join;
  carryOut = join;
  overflowOut = join;
  bool = none;
  both = join;
  either = join;
  negate = of;
  toI32 = of;
  select = joinThree;
  selectBool = joinThree;
  mulLongS = join;
  mulLongU = join;
  long = join;
  addLong = join;
  low = of;
  high = of;
  markExclusive = none;
  isExclusive = none;
  clearExclusive = none;
  supervisorCall = none;
  breakpoint = none;
  undefinedInstruction = none;
  hint = none;
  setITState = none;
  readSpecial = none;
  writeSpecial = none;
  changeProcessorState = none;
  bitsOf = of;
  fromBits = of;
  fpAdd = join;
  fpSub = join;
  fpMul = join;
  fpDiv = join;
  fpSqrt = of;
  fpMulAdd = joinThree;
  fpCompare = none;
  fpToFixed = of;
  fixedToFP = of;
  halfToFP = of;
  fpToHalf = of;
  readFPSCR = none;
  writeFPSCR = none;
}

/** One for all: making one costs more than most meanings. */
const reader = new FactOps();

/** @param address of the instruction: only bit 1 counts */
export function factsOf(
  insn: Insn,
  fields: AnyFields,
  size: 2 | 4,
  address: number,
  inITBlock: boolean,
): Facts {
  reader.begin(inITBlock);
  insn.meaning(reader, fields);
  const { reads, writes, addressReads, floatReads, floatWrites, loads, stores, writesPC, refetches } = reader;
  return {
    cycles: insn.cycles,
    wide: size === 4,
    oddHalfword: (address & 2) !== 0,
    usesFloat: usesFloat(insn),
    reads,
    writes,
    addressReads,
    floatReads,
    floatWrites,
    loads,
    stores,
    writesPC,
    refetches,
  };
}
