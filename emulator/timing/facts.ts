/**
 * What the timing model knows of an instruction before it runs: read off its record by carrying sets of registers
 * through its meaning. Not how many cycles that costs.
 */
import { type AnyFields, type CycleClass, type Insn, usesFloat } from '../isa/insn.js';
import type { Ops, Values } from '../isa/ops.js';

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

interface Sets extends Values {
  readonly i32: number;
  readonly i64: number;
  readonly f32: number;
  readonly bool: number;
}

/** Carries, as each value, the core registers it was made from. */
class FactReader {
  reads = 0;
  writes = 0;
  addressReads = 0;
  floatReads = 0;
  floatWrites = 0;
  loads = 0;
  stores = 0;
  writesPC = false;
  refetches = false;

  ops(inITBlock: boolean): Ops<Sets> {
    const none = (): number => 0;
    const of = (a: number): number => a;
    const join = (a: number, b: number): number => a | b;
    const branch = (): void => {
      this.writesPC = true;
    };
    return {
      inITBlock,
      R: (n) => {
        this.reads |= 1 << n;
        return 1 << n;
      },
      setR: (n) => {
        this.writes |= 1 << n;
      },
      S: (n) => {
        this.floatReads |= 1 << n;
        return 0;
      },
      setS: (n) => {
        this.floatWrites |= 1 << n;
      },
      load: (_access, address) => {
        this.loads++;
        this.addressReads |= address;
        return 0;
      },
      store: (_access, address) => {
        this.stores++;
        this.addressReads |= address;
      },
      if: (_condition, then, otherwise) => {
        then();
        otherwise?.();
      },
      barrier: (kind) => {
        if (kind === 'ISB') this.refetches = true;
      },
      branch,
      branchExchange: branch,
      branchLinkExchange: branch,
      PC: none,
      imm: none,
      flag: none,
      setNZ: none,
      setFlagNZ: none,
      setC: none,
      setV: none,
      setQ: none,
      add: join,
      sub: join,
      mul: join,
      and: join,
      or: join,
      xor: join,
      not: of,
      shl: join,
      shr: join,
      sar: join,
      ror: join,
      clz: of,
      divS: join,
      divU: join,
      eq: join,
      ltS: join,
      ltU: join,
      carryOut: join,
      overflowOut: join,
      bool: none,
      both: join,
      either: join,
      negate: of,
      toI32: of,
      select: (c, a, b) => c | a | b,
      selectBool: (c, a, b) => c | a | b,
      mulLongS: join,
      mulLongU: join,
      long: join,
      addLong: join,
      low: of,
      high: of,
      markExclusive: none,
      takeExclusive: none,
      clearExclusive: none,
      supervisorCall: none,
      breakpoint: none,
      undefinedInstruction: none,
      hint: none,
      setITState: none,
      readSpecial: none,
      writeSpecial: none,
      changeProcessorState: none,
      bitsOf: of,
      fromBits: of,
      fpAdd: join,
      fpSub: join,
      fpMul: join,
      fpDiv: join,
      fpSqrt: of,
      fpMulAdd: (a, b, c) => a | b | c,
      fpCompare: none,
      fpToFixed: of,
      fixedToFP: of,
      halfToFP: of,
      fpToHalf: of,
      readFPSCR: none,
      writeFPSCR: none,
    };
  }
}

/** @param address of the instruction: only bit 1 counts */
export function factsOf(
  insn: Insn,
  fields: AnyFields,
  size: 2 | 4,
  address: number,
  inITBlock: boolean,
): Facts {
  const reader = new FactReader();
  insn.meaning(reader.ops(inITBlock), fields);
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
