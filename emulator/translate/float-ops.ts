/**
 * Floating point of a unit. The fast body holds while FPSCR rounds to nearest, FZ and DN are off and IXC is
 * set: then a normal result of the host's own operation is the whole answer. What is not (a NaN, an infinity,
 * a result that is tiny) leaves the unit. The exact body asks the interpreter's arithmetic each time.
 */
import type { BlockCode } from './block-code.js';
import { FLOAT_SLOT, SLOT } from './slots.js';
import { binary, constant, inverse, isConstant, operation, type Value } from './value.js';
import type { Local } from './wasm-function.js';

/** The interpreter's arithmetic: operands and results are bits in an i32. */
export type FloatCall =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'sqrt'
  | 'mulAdd'
  | 'compare'
  | 'toFixed'
  | 'fromFixed'
  | 'fromHalf'
  | 'toHalf';

export interface FloatOptions {
  readonly exact: boolean;
  /** Emits a call; the operands are on the stack, the result is left there. FPSCR is in memory meanwhile. */
  call(name: FloatCall): void;
  /** Between FPSCR's local and the state's memory, around a call. */
  storeFPSCR(): void;
  loadFPSCR(): void;
}

/** High words of 2^-126 and of the doubles just below the overflow of a single. */
const SMALLEST_NORMAL_HIGH = 0x38100000;
const OVERFLOW_HIGH = 0x47efffff;
/** Twice the bits of infinity, and of the smallest normal single. */
const INFINITY_DOUBLED = 0xff000000 | 0;
const NORMAL_DOUBLED = 0x01000000;

export class FloatOps {
  readonly code: BlockCode;
  /** The instruction's arithmetic is the host's. */
  protected byHost = false;
  private readonly float: FloatOptions;

  constructor(code: BlockCode, float: FloatOptions) {
    this.code = code;
    this.float = float;
  }

  S = (n: number): Value => this.code.read(FLOAT_SLOT + n);
  setS = (n: number, value: Value): void => this.code.write(FLOAT_SLOT + n, value);
  bitsOf = (a: Value): Value =>
    a.operator === 'f32.reinterpret_i32' ? (a.operands[0] as Value) : operation('i32.reinterpret_f32', a);
  fromBits = (a: Value): Value =>
    a.operator === 'i32.reinterpret_f32' ? (a.operands[0] as Value) : operation('f32.reinterpret_i32', a);

  fpAdd = (a: Value, b: Value): Value =>
    this.isExact ? this.result('add', a, b) : this.finite(operation('f32.add', a, b));
  fpSub = (a: Value, b: Value): Value =>
    this.isExact ? this.result('sub', a, b) : this.finite(operation('f32.sub', a, b));
  fpMul = (a: Value, b: Value): Value =>
    this.isExact ? this.result('mul', a, b) : this.single(this.product(a, b));
  fpDiv = (a: Value, b: Value): Value => {
    if (this.isExact) return this.result('div', a, b);
    const quotient = this.code.bound(operation('f32.div', a, b));
    const distance = binary('i32.sub', this.doubledBits(quotient), constant(NORMAL_DOUBLED + 1));
    this.leaveIf(operation('i32.ge_u', distance, constant(INFINITY_DOUBLED - NORMAL_DOUBLED - 1)));
    return quotient;
  };
  fpSqrt = (a: Value): Value =>
    this.isExact ? this.result('sqrt', a) : this.finite(operation('f32.sqrt', a));

  /** The double sum is the answer but where it lies half-way between two singles: then its error decides. */
  fpMulAdd = (addend: Value, a: Value, b: Value): Value => {
    if (this.isExact) return this.result('mulAdd', addend, a, b);
    const { code } = this;
    const product = code.bound(this.product(a, b));
    const c = code.bound(operation('f64.promote_f32', addend));
    const sum = code.temporary('f64');
    code.push(product);
    code
      .push(c)
      .op('f64.add')
      .tee(sum)
      .op('i64.reinterpret_f64', 'i32.wrap_i64')
      .const(0x1fffffff)
      .op('i32.and');
    code.f.const(0x10000000).op('i32.eq').if('half-way');
    this.roundToOdd(product, c, sum);
    code.f.end();
    code.f.get(sum);
    return this.single(code.popped('f64'));
  };

  /** Sets the last bit of an inexact sum whose last bit is 0, towards its error. */
  private roundToOdd(product: Value, c: Value, sum: Local): void {
    const { code } = this;
    const { f } = code;
    const [part, error] = [code.temporary('f64'), code.temporary('f64')];
    f.get(sum);
    code.push(product).op('f64.sub').set(part);
    code.push(product).get(sum).get(part).op('f64.sub', 'f64.sub');
    code.push(c).get(part).op('f64.sub', 'f64.add').set(error);
    f.get(error).constDouble(0).op('f64.ne').if('inexact');
    f.get(sum).op('i64.reinterpret_f64').constLong(1).constLong(-1);
    f.get(error).constDouble(0).op('f64.gt').get(sum).constDouble(0).op('f64.gt', 'i32.eq').select();
    f.op('i64.add', 'f64.reinterpret_i64').set(sum).end();
  }

  private product(a: Value, b: Value): Value {
    return operation('f64.mul', operation('f64.promote_f32', a), operation('f64.promote_f32', b));
  }

  /** An exact or correctly prepared double as a single: zero, or in the normal range, it rounds once. */
  private single(value: Value): Value {
    const { code } = this;
    const double = code.bound(value);
    const word = operation('i64.shr_u', operation('i64.reinterpret_f64', double), this.long32);
    // Without its sign; zero, less one, is the largest number.
    const high = code.bound(binary('i32.shl', operation('i32.wrap_i64', word), constant(1)));
    const belowZero = binary('i32.add', high, constant(-1));
    code.leaveIfEither(
      operation('i32.lt_u', belowZero, constant(2 * SMALLEST_NORMAL_HIGH - 1)),
      operation('i32.ge_u', high, constant(2 * OVERFLOW_HIGH)),
    );
    return operation('f32.demote_f64', double);
  }

  /** In the exact body, and where the fast one was left often. */
  private get isExact(): boolean {
    return this.float.exact || this.byHost;
  }

  private get long32(): Value {
    return operation('i64.extend_i32_u', constant(32));
  }

  private doubledBits(value: Value): Value {
    return binary('i32.shl', this.bitsOf(value), constant(1));
  }

  /** A finite sum or root is right as it is: when it is tiny it is exact. */
  private finite(value: Value): Value {
    const result = this.code.bound(value);
    this.leaveIf(operation('i32.ge_u', this.doubledBits(result), constant(INFINITY_DOUBLED)));
    return result;
  }

  private leaveIf(condition: Value): void {
    this.code.push(condition);
    this.code.leaveIf();
  }

  fpCompare = (a: Value, b: Value, signalling: boolean): void => {
    if (this.isExact) {
      this.call('compare', [this.bitsOf(a), this.bitsOf(b), constant(signalling ? 1 : 0)]);
      return;
    }
    const nan = (x: Value): Value => operation('i32.gt_u', this.doubledBits(x), constant(INFINITY_DOUBLED));
    const unordered = [a, b].filter((x) => !isNumber(x)).map(nan);
    if (unordered.length > 0) this.leaveIf(unordered.reduce((x, y) => binary('i32.or', x, y)));
    const [same, less] = [operation('f32.eq', a, b), operation('f32.lt', a, b)];
    const others = binary('i32.and', this.code.read(SLOT.FPSCR), constant(0x0fffffff));
    // 6 when equal, 8 when less, 2 when greater: NZCV.
    const nzcv = binary(
      'i32.add',
      binary('i32.add', binary('i32.mul', same, constant(4)), binary('i32.mul', less, constant(6))),
      constant(2),
    );
    const word = binary('i32.or', others, binary('i32.shl', nzcv, constant(28)));
    this.code.write(SLOT.FPSCR, word.thatIs({ ordering: { same, less } }));
  };

  /** A flag that VMRS takes out of FPSCR: bit 31 - n of a comparison's, in `FPSCR << n < 0`. */
  protected flagOfFloat(shifted: Value, zero: Value): Value | undefined {
    if (!isConstant(zero) || zero.constant !== 0) return undefined;
    const [inner, by] = shifted.operator === 'i32.shl' ? shifted.operands : [shifted, constant(0)];
    const ordering = inner?.meaning.ordering;
    if (ordering === undefined || by === undefined || !isConstant(by) || by.constant > 3) return undefined;
    return [ordering.less, ordering.same, inverse(ordering.less), constant(0)][by.constant];
  }

  fpToFixed = (
    a: Value,
    width: 16 | 32,
    fractionBits: number,
    unsigned: boolean,
    towardsZero: boolean,
  ): Value => {
    if (this.isExact || width !== 32 || !towardsZero) {
      const how = (unsigned ? 1 : 0) | (towardsZero ? 2 : 0);
      return this.call('toFixed', [this.bitsOf(a), constant(width), constant(fractionBits), constant(how)]);
    }
    const { code } = this;
    code
      .push(operation('f64.promote_f32', a))
      .constDouble(2 ** fractionBits)
      .op('f64.mul');
    const scaled = code.popped('f64');
    const [low, high] = unsigned ? [-1, 2 ** 32] : [-(2 ** 31) - 1, 2 ** 31];
    code.push(scaled).constDouble(low).op('f64.gt');
    code.push(scaled).constDouble(high).op('f64.lt', 'i32.and', 'i32.eqz');
    code.leaveIf();
    return operation(unsigned ? 'i32.trunc_f64_u' : 'i32.trunc_f64_s', scaled);
  };
  fixedToFP = (a: Value, fractionBits: number, unsigned: boolean, toNearest: boolean): Value => {
    if (this.isExact) {
      const how = (unsigned ? 1 : 0) | (toNearest ? 2 : 0);
      return this.fromBits(this.call('fromFixed', [a, constant(fractionBits), constant(how)]));
    }
    const { code } = this;
    code.push(operation(unsigned ? 'f64.convert_i32_u' : 'f64.convert_i32_s', a));
    code.f.constDouble(2 ** -fractionBits).op('f64.mul', 'f32.demote_f64');
    return code.popped('f32');
  };
  halfToFP = (a: Value): Value => this.fromBits(this.call('fromHalf', [a]));
  fpToHalf = (a: Value): Value => this.call('toHalf', [this.bitsOf(a)]);
  readFPSCR = (): Value => this.code.read(SLOT.FPSCR);
  writeFPSCR = (): void => undefined;

  private result(name: FloatCall, ...operands: readonly Value[]): Value {
    return this.fromBits(this.call(name, operands.map(this.bitsOf)));
  }

  private call(name: FloatCall, operands: readonly Value[]): Value {
    const { code, float } = this;
    code.push(code.read(SLOT.FPSCR));
    float.storeFPSCR();
    for (const operand of operands) code.push(operand);
    float.call(name);
    const result = code.popped('i32');
    float.loadFPSCR();
    code.write(SLOT.FPSCR, code.popped('i32'));
    return result;
  }
}

/** A constant that is no NaN. */
function isNumber(value: Value): boolean {
  const [bits] = value.operands;
  const isConstantSingle = value.operator === 'f32.reinterpret_i32' && bits !== undefined && isConstant(bits);
  return isConstantSingle && (bits.constant & 0x7fffffff) <= 0x7f800000;
}
