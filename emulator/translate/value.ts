/**
 * What a guest register, a flag or an intermediate result holds at a point of a block: an expression that is
 * turned into code only where it is needed. What nobody needs, such as most flags, is never computed.
 */
import type { Operator, WasmType } from './wasm-encoding.js';
import { operatorType } from './wasm-encoding.js';
import type { Local } from './wasm-function.js';

/** The operands of the subtraction whose borrow or overflow a flag is. */
export interface Comparison {
  readonly x: Value;
  readonly y: Value;
}

/** What is known of a value beside how it is computed. */
export interface Meaning {
  /** Of a flag: C is x >= y unsigned, V is the overflow of x - y. */
  readonly comparison?: { readonly flag: 'C' | 'V'; readonly of: Comparison };
  /** Of a word that stands for N or Z: the flag itself, where that is simpler. */
  readonly truth?: Value;
  /** Of FPSCR after a comparison: what it found. */
  readonly ordering?: { readonly same: Value; readonly less: Value };
}

const NO_MEANING: Meaning = {};
const NO_OPERANDS: readonly Value[] = [];

export class Value {
  /** Where it lies: of a `local` from the beginning, of others once they were computed on the way here. */
  local: Local | undefined = undefined;
  /** Operators in it that were not computed when it was made. */
  readonly size: number;

  /**
   * @param constant of a constant i32, signed
   */
  constructor(
    readonly type: WasmType,
    readonly operator: Operator | 'const' | 'local' | 'select',
    readonly operands: readonly Value[],
    readonly constant = 0,
    readonly meaning = NO_MEANING,
  ) {
    let size = operands.length === 0 ? 0 : 1;
    for (const operand of operands) if (operand.local === undefined) size += operand.size;
    this.size = size;
  }

  /** The same value, of which more is known. */
  thatIs(meaning: Meaning): Value {
    const value = new Value(this.type, this.operator, this.operands, this.constant, meaning);
    value.local = this.local;
    return value;
  }
}

export function constant(value: number): Value {
  return new Value('i32', 'const', NO_OPERANDS, value | 0);
}

export function inLocal(local: Local): Value {
  const value = new Value(local.type, 'local', NO_OPERANDS);
  value.local = local;
  return value;
}

export function isConstant(value: Value): boolean {
  return value.operator === 'const';
}

export function operation(operator: Operator, ...operands: readonly Value[]): Value {
  return new Value(operatorType(operator), operator, operands);
}

export function selection(condition: Value, whenTrue: Value, whenFalse: Value): Value {
  if (isConstant(condition)) return condition.constant !== 0 ? whenTrue : whenFalse;
  return new Value(whenTrue.type, 'select', [whenTrue, whenFalse, condition]);
}

type Fold = (a: number, b: number) => number;

const FOLDS: Readonly<Partial<Record<Operator, Fold>>> = {
  'i32.add': (a, b) => a + b,
  'i32.sub': (a, b) => a - b,
  'i32.mul': Math.imul,
  'i32.and': (a, b) => a & b,
  'i32.or': (a, b) => a | b,
  'i32.xor': (a, b) => a ^ b,
  'i32.shl': (a, b) => a << b,
  'i32.shr_u': (a, b) => a >>> b,
  'i32.shr_s': (a, b) => a >> b,
  'i32.rotr': (a, b) => (a >>> b) | (a << (32 - b)),
  'i32.eq': (a, b) => (a === b ? 1 : 0),
  'i32.ne': (a, b) => (a !== b ? 1 : 0),
  'i32.lt_s': (a, b) => (a < b ? 1 : 0),
  'i32.lt_u': (a, b) => (a >>> 0 < b >>> 0 ? 1 : 0),
  'i32.ge_u': (a, b) => (a >>> 0 >= b >>> 0 ? 1 : 0),
  'i32.ge_s': (a, b) => (a >= b ? 1 : 0),
};

const UNCHANGED_BY_ZERO: ReadonlySet<string> = new Set([
  ...['i32.add', 'i32.sub', 'i32.or', 'i32.xor'],
  ...['i32.shl', 'i32.shr_u', 'i32.shr_s', 'i32.rotr'],
]);

/** What an operator gives whose second operand is a constant that changes nothing. */
function identity(operator: Operator, a: Value, b: Value): Value | undefined {
  if (!isConstant(b)) return undefined;
  const { constant: value } = b;
  if (value === 0 && UNCHANGED_BY_ZERO.has(operator)) return a;
  if (value === -1 && operator === 'i32.and') return a;
  return value === 0 && operator === 'i32.and' ? b : undefined;
}

/** An i32 operator of two operands, made simpler where that shows at once. */
export function binary(operator: Operator, a: Value, b: Value): Value {
  const fold = FOLDS[operator];
  if (isConstant(a) && isConstant(b) && fold !== undefined) return constant(fold(a.constant, b.constant));
  if (operator === 'i32.add') return sum(a, b);
  return identity(operator, a, b) ?? operation(operator, a, b);
}

const notOperand = (value: Value): Value | undefined =>
  value.operator === 'i32.xor' && value.operands[1]?.constant === -1 && isConstant(value.operands[1])
    ? value.operands[0]
    : undefined;

/** Constants meet at the end; x + NOT(y) + 1 is x - y. */
function sum(a: Value, b: Value): Value {
  if (isConstant(a)) return sum(b, a);
  if (!isConstant(b)) return operation('i32.add', a, b);
  if (b.constant === 0) return a;
  const [x, y] = a.operands;
  if (a.operator !== 'i32.add' || x === undefined || y === undefined) return operation('i32.add', a, b);
  if (isConstant(y)) return sum(x, constant(y.constant + b.constant));
  const subtrahend = b.constant === 1 ? notOperand(y) : undefined;
  return subtrahend === undefined ? operation('i32.add', a, b) : operation('i32.sub', x, subtrahend);
}

/** An address as a base and an offset. */
export function splitOffset(value: Value): { readonly base: Value | undefined; readonly offset: number } {
  if (isConstant(value)) return { base: undefined, offset: value.constant };
  const [base, offset] = value.operands;
  if (value.operator === 'i32.add' && offset !== undefined && isConstant(offset))
    return { base, offset: offset.constant };
  return { base: value, offset: 0 };
}

/**
 * The subtraction x - y that has the carry and the overflow of `x + addend + carryIn = result`; undefined
 * where none has.
 */
export function comparisonOf(x: Value, addend: Value, result: Value): Comparison | undefined {
  const minuend = notOperand(addend);
  if (minuend !== undefined && result.operator === 'i32.sub' && result.operands[0] === x)
    return result.operands[1] === minuend ? { x, y: minuend } : undefined;
  if (!isConstant(addend) || isConstant(x)) return undefined;
  const added = addedTo(x, result);
  if (added === undefined) return undefined;
  if (added === ((addend.constant + 1) | 0)) return { x, y: constant(~addend.constant) };
  const negated = addend.constant !== 0 && addend.constant !== -0x80000000;
  return added === addend.constant && negated ? { x, y: constant(-addend.constant) } : undefined;
}

/** The constant k of `result = x + k`. */
function addedTo(x: Value, result: Value): number | undefined {
  if (result === x) return 0;
  const [from, to] = [splitOffset(x), splitOffset(result)];
  return from.base !== undefined && from.base === to.base ? (to.offset - from.offset) | 0 : undefined;
}

const INVERSE: Readonly<Partial<Record<Value['operator'], Operator>>> = {
  'i32.eq': 'i32.ne',
  'i32.ne': 'i32.eq',
  'i32.lt_s': 'i32.ge_s',
  'i32.ge_s': 'i32.lt_s',
  'i32.gt_s': 'i32.le_s',
  'i32.le_s': 'i32.gt_s',
  'i32.lt_u': 'i32.ge_u',
  'i32.ge_u': 'i32.lt_u',
  'i32.gt_u': 'i32.le_u',
  'i32.le_u': 'i32.gt_u',
};

/** A truth value that is the other one. */
export function inverse(value: Value): Value {
  if (isConstant(value)) return constant(value.constant === 0 ? 1 : 0);
  const operator = INVERSE[value.operator];
  return operator === undefined ? operation('i32.eqz', value) : operation(operator, ...value.operands);
}

/** x = y, where x is a difference: then its operands are equal. */
export function equal(x: Value, y: Value): Value {
  if (isConstant(y) && y.constant === 0 && x.operator === 'i32.sub')
    return operation('i32.eq', ...x.operands);
  if (isConstant(y) && x.operator === 'i32.add' && x.operands[1] && isConstant(x.operands[1]))
    return binary('i32.eq', x.operands[0] as Value, constant(y.constant - x.operands[1].constant));
  return binary('i32.eq', x, y);
}

/** N = V after x - y is x >= y, signed. */
export function sameSigns(n: Value, v: Value): Value | undefined {
  const compared = v.meaning.comparison?.flag === 'V' ? v.meaning.comparison.of : undefined;
  const difference = n.operator === 'i32.lt_s' && n.operands[1]?.constant === 0 ? n.operands[0] : undefined;
  if (compared === undefined || difference === undefined) return undefined;
  return isDifference(difference, compared) ? binary('i32.ge_s', compared.x, compared.y) : undefined;
}

function isDifference(value: Value, { x, y }: Comparison): boolean {
  if (isConstant(y)) return addedTo(x, value) === (-y.constant | 0);
  return value.operator === 'i32.sub' && value.operands[0] === x && value.operands[1] === y;
}

/** `at least` and `not equal` of the same operands are one comparison. */
export function conjunction(a: Value, b: Value): Value {
  const [x, y] = a.operands;
  const sameOperands = b.operator === 'i32.ne' && b.operands[0] === x && isSame(b.operands[1], y);
  if (sameOperands && x !== undefined && y !== undefined) {
    if (a.operator === 'i32.ge_u') return operation('i32.gt_u', x, y);
    if (a.operator === 'i32.ge_s') return operation('i32.gt_s', x, y);
  }
  return binary('i32.and', a, b);
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && isConstant(a) && isConstant(b) && a.constant === b.constant;
}
