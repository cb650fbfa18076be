/** The translator's reading of an instruction: its meaning as expressions and code of a block. */
import type { Access, Barrier, Flag, Hint, Ops, Values } from '../isa/ops.js';
import { type BlockCode, overflowOf } from './block-code.js';
import { FloatOps, type FloatOptions } from './float-ops.js';
import type { Reach } from './instruction-graph.js';
import type { MemoryCode } from './memory-code.js';
import { SLOT } from './slots.js';
import {
  binary,
  type Comparison,
  comparisonOf,
  conjunction,
  constant,
  equal,
  inverse,
  isConstant,
  operation,
  sameSigns,
  selection,
  splitOffset,
  type Value,
} from './value.js';

export interface Symbolic extends Values {
  readonly i32: Value;
  readonly i64: Value;
  readonly f32: Value;
  /** An i32 of 0 or 1. */
  readonly bool: Value;
}

/** Where the instruction goes, when not to the next one. */
export interface Jump {
  /** Undefined: always. */
  readonly condition: Value | undefined;
  readonly target: Value;
}

/** What of an instruction its code depends on. */
export interface InstructionContext {
  readonly address: number;
  readonly inITBlock: boolean;
  readonly usesFloat: boolean;
  /** Of words that it loads or stores, one after the other. */
  readonly words: number;
  readonly reach: Reach;
}

/** What a unit calls of the host. */
export interface HostCalls {
  /** Takes dividend and divisor from the stack; charges the cycles that a divide of them takes. */
  chargeDivide(signed: boolean): void;
}

export class BlockOps extends FloatOps implements Ops<Symbolic> {
  /** Set by an instruction that jumps. */
  jump: Jump | undefined;
  private context: InstructionContext = {
    address: 0,
    inITBlock: false,
    usesFloat: false,
    words: 1,
    reach: 'ram',
  };
  private condition: Value | undefined;
  private accesses = 0;
  private compared: { readonly result: Value; readonly of: Comparison | undefined } | undefined;
  private readonly host: HostCalls;
  private readonly memory: MemoryCode;

  constructor(code: BlockCode, memory: MemoryCode, host: HostCalls, float: FloatOptions) {
    super(code, float);
    this.memory = memory;
    this.host = host;
  }

  begin(context: InstructionContext): void {
    this.context = context;
    this.jump = undefined;
    this.accesses = 0;
    this.byHost = context.reach === 'host';
    this.memory.reach = context.reach;
    this.code.beginInstruction();
  }

  get inITBlock(): boolean {
    return this.context.inITBlock;
  }

  R = (n: number): Value => this.code.read(n);
  setR = (n: number, value: Value): void => {
    if (n !== 13) {
      this.code.write(n, value);
      return;
    }
    const sp = this.code.bound(this.isAligned(value) ? value : this.and(value, constant(~3)));
    const lowest = this.code.read(SLOT.SP_LOWEST);
    this.code.write(13, sp);
    this.code.write(SLOT.SP_LOWEST, selection(operation('i32.lt_u', sp, lowest), sp, lowest));
  };
  /** SP and a multiple of four. */
  private isAligned(value: Value): boolean {
    const [sp, moved] = [splitOffset(this.code.read(13)), splitOffset(value)];
    return sp.base !== undefined && sp.base === moved.base && ((moved.offset - sp.offset) & 3) === 0;
  }
  PC = (): Value => constant(this.context.address + 4);
  imm = (value: number): Value => constant(value);

  flag = (flag: Flag): Value => {
    if (flag === 'C') return this.code.c;
    if (flag === 'V') return this.code.v;
    const value = this.code.read(SLOT[flag]);
    if (value.meaning.truth !== undefined) return value.meaning.truth;
    return flag === 'N' ? operation('i32.lt_s', value, constant(0)) : equal(value, constant(0));
  };
  setNZ = (result: Value): void => {
    this.code.write(SLOT.N, result);
    this.code.write(SLOT.Z, result);
  };
  setFlagNZ = (n: Value, z: Value): void => {
    this.code.write(SLOT.N, binary('i32.sub', constant(0), n).thatIs({ truth: n }));
    this.code.write(SLOT.Z, binary('i32.xor', z, constant(1)).thatIs({ truth: z }));
  };
  setC = (carry: Value): void => this.code.writeCarry(carry);
  setV = (overflow: Value): void => this.code.writeOverflow(overflow);
  setQ = (saturated: Value): void =>
    this.code.write(SLOT.Q, binary('i32.or', this.code.read(SLOT.Q), saturated));
  GE = (): Value => this.code.read(SLOT.GE);
  setGE = (flags: Value): void => this.code.write(SLOT.GE, flags);

  add = (a: Value, b: Value): Value => binary('i32.add', a, b);
  sub = (a: Value, b: Value): Value =>
    isConstant(b) ? binary('i32.add', a, constant(-b.constant)) : binary('i32.sub', a, b);
  mul = (a: Value, b: Value): Value => binary('i32.mul', a, b);
  and = (a: Value, b: Value): Value => binary('i32.and', a, b);
  or = (a: Value, b: Value): Value => binary('i32.or', a, b);
  xor = (a: Value, b: Value): Value => binary('i32.xor', a, b);
  not = (a: Value): Value => binary('i32.xor', a, constant(-1));
  shl = (a: Value, n: Value): Value => binary('i32.shl', a, n);
  shr = (a: Value, n: Value): Value => binary('i32.shr_u', a, n);
  sar = (a: Value, n: Value): Value => binary('i32.shr_s', a, n);
  ror = (a: Value, n: Value): Value => binary('i32.rotr', a, n);
  clz = (a: Value): Value => (isConstant(a) ? constant(Math.clz32(a.constant)) : operation('i32.clz', a));
  divS = (a: Value, b: Value): Value => this.divide(a, b, true);
  divU = (a: Value, b: Value): Value => this.divide(a, b, false);

  /** The interpreter has a divisor of 0, which may trap, and the one quotient that WebAssembly lacks. */
  private divide(a: Value, b: Value, signed: boolean): Value {
    const { code } = this;
    const zero = operation('i32.eqz', b);
    const overflows = conjunction(equal(b, constant(-1)), equal(a, constant(-0x80000000)));
    code.push(signed ? binary('i32.or', zero, overflows) : zero);
    code.leaveIf();
    const quotient = code.bound(operation(signed ? 'i32.div_s' : 'i32.div_u', a, b));
    code.push(a);
    code.push(b);
    this.host.chargeDivide(signed);
    return quotient;
  }

  eq = (a: Value, b: Value): Value => sameSigns(a, b) ?? equal(a, b);
  ltS = (a: Value, b: Value): Value => this.flagOfFloat(a, b) ?? binary('i32.lt_s', a, b);
  ltU = (a: Value, b: Value): Value => binary('i32.lt_u', a, b);

  carryOut = (x: Value, y: Value, result: Value): Value => {
    const of = this.comparison(x, y, result);
    if (of !== undefined) return binary('i32.ge_u', of.x, of.y).thatIs({ comparison: { flag: 'C', of } });
    const both = this.or(this.and(x, y), this.and(this.or(x, y), this.not(result)));
    return this.shr(both, constant(31));
  };
  overflowOut = (x: Value, y: Value, result: Value): Value => {
    const of = this.comparison(x, y, result);
    if (of !== undefined) return overflowOf(of).thatIs({ comparison: { flag: 'V', of } });
    return this.shr(this.and(this.xor(x, result), this.xor(y, result)), constant(31));
  };
  /** One object for both flags of a result, so that they are seen to belong together. */
  private comparison(x: Value, y: Value, result: Value): Comparison | undefined {
    if (this.compared?.result !== result) this.compared = { result, of: comparisonOf(x, y, result) };
    return this.compared.of;
  }

  bool = (value: boolean): Value => constant(value ? 1 : 0);
  both = (a: Value, b: Value): Value => conjunction(a, b);
  either = (a: Value, b: Value): Value => binary('i32.or', a, b);
  negate = inverse;
  toI32 = (a: Value): Value => a;
  select = selection;
  selectBool = selection;

  mulLongS = (a: Value, b: Value): Value => this.multiplyLong(a, b, 'i64.extend_i32_s');
  mulLongU = (a: Value, b: Value): Value => this.multiplyLong(a, b, 'i64.extend_i32_u');
  private multiplyLong(a: Value, b: Value, extend: 'i64.extend_i32_s' | 'i64.extend_i32_u'): Value {
    return operation('i64.mul', operation(extend, a), operation(extend, b));
  }
  long = (high: Value, low: Value): Value =>
    operation(
      'i64.or',
      operation('i64.shl', operation('i64.extend_i32_u', high), this.thirtyTwo),
      operation('i64.extend_i32_u', low),
    );
  addLong = (a: Value, b: Value): Value => operation('i64.add', a, b);
  low = (a: Value): Value => operation('i32.wrap_i64', a);
  high = (a: Value): Value => operation('i32.wrap_i64', operation('i64.shr_u', a, this.thirtyTwo));
  private get thirtyTwo(): Value {
    return operation('i64.extend_i32_u', constant(32));
  }

  load = (access: Access, address: Value): Value =>
    this.memory.load(access, address, this.wordsLeft(address), this.context.usesFloat && access.size === 4);
  store = (access: Access, address: Value, value: Value): void =>
    this.memory.store(access, address, value, this.wordsLeft(address));
  /** The first access is checked for those of the same instruction that follow it. */
  private wordsLeft(address: Value): number {
    const first = this.accesses++ === 0;
    return first && splitOffset(address).base !== undefined ? Math.max(1, this.context.words) : 1;
  }

  markExclusive = (): void => this.code.write(SLOT.EXCLUSIVE, constant(1));
  isExclusive = (): Value => this.code.read(SLOT.EXCLUSIVE);
  clearExclusive = (): void => this.code.write(SLOT.EXCLUSIVE, constant(0));

  /** Around a branch alone: what else is conditional the interpreter runs. */
  if = (condition: Value, then: () => void): void => {
    this.condition = condition;
    then();
    this.condition = undefined;
  };
  branch = (target: Value): void => {
    this.jump = { condition: this.condition, target: this.and(target, constant(~1)) };
  };
  branchExchange = (target: Value): void => {
    this.jump = { condition: undefined, target };
  };
  branchLinkExchange = this.branchExchange;

  hint = (hint: Hint): void => {
    if (hint === 'SEV') this.code.write(SLOT.EVENT_REGISTER, constant(1));
  };
  barrier = (_barrier: Barrier): void => undefined;
  setITState = (): void => undefined;
  supervisorCall = (): void => undefined;
  breakpoint = (): void => undefined;
  undefinedInstruction = (): void => undefined;
  readSpecial = (): Value => constant(0);
  writeSpecial = (): void => undefined;
  changeProcessorState = (): void => undefined;
}
