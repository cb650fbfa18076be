/**
 * Code of one block of the guest: what its registers hold as expressions, turned into code where they are
 * needed, and the side exits, where the unit is left with an instruction still to run.
 */
import { FLAG_X, FLAG_Y, type Slots } from './slots.js';
import { binary, type Comparison, constant, inLocal, isConstant, operation, type Value } from './value.js';
import type { Operator, WasmType } from './wasm-encoding.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** Operators that an expression has at most before it is computed. */
const LARGEST = 24;
export interface BlockCodeOptions {
  readonly f: WasmFunction;
  readonly slots: Slots;
  /** Leaves the unit before the instruction; `setRegisters` puts them where they are looked for. */
  readonly leave: (setRegisters: () => void) => void;
}

export class BlockCode {
  readonly f: WasmFunction;
  readonly slots: Slots;
  private readonly leaveBefore: BlockCodeOptions['leave'];
  private readonly current = new Map<number, Value>();
  private readonly homes = new Map<number, Value>();
  private readonly pools: Record<WasmType, Local[]> = { i32: [], i64: [], f32: [], f64: [] };
  private readonly taken: Record<WasmType, number> = { i32: 0, i64: 0, f32: 0, f64: 0 };
  private carry: Value | undefined;
  private overflow: Value | undefined;
  /** Above 0 in code that is left at its end: nothing computed there is there later. */
  private aside = 0;
  /** What the instruction being translated has changed, as it was before it. */
  private readonly before = new Map<number, Value | undefined>();
  private flagsBefore: readonly [Value | undefined, Value | undefined] = [undefined, undefined];

  constructor(options: BlockCodeOptions) {
    this.f = options.f;
    this.slots = options.slots;
    this.leaveBefore = options.leave;
  }

  beginBlock(): void {
    this.current.clear();
    this.homes.clear();
    this.carry = this.overflow = undefined;
    for (const type of Object.keys(this.taken) as WasmType[]) this.taken[type] = 0;
  }

  beginInstruction(): void {
    this.before.clear();
    this.flagsBefore = [this.carry, this.overflow];
  }

  temporary(type: WasmType): Local {
    const pool = this.pools[type];
    const index = this.taken[type]++;
    pool[index] ??= this.f.local(type);
    return pool[index] as Local;
  }

  read(slot: number): Value {
    return this.current.get(slot) ?? this.home(slot);
  }

  private home(slot: number): Value {
    let value = this.homes.get(slot);
    if (value === undefined) {
      value = inLocal(this.slots.local(slot));
      this.homes.set(slot, value);
    }
    return value;
  }

  write(slot: number, value: Value): void {
    this.slots.write(slot);
    if (!this.before.has(slot)) this.before.set(slot, this.current.get(slot));
    this.current.set(slot, value.size > LARGEST ? this.bound(value) : value);
  }

  /** C and V as truth values. */
  get c(): Value {
    return this.carry ?? this.homeC;
  }
  get v(): Value {
    return this.overflow ?? this.homeV;
  }
  private get homeC(): Value {
    return operation('i32.ge_u', this.home(FLAG_X), this.home(FLAG_Y));
  }
  private get homeV(): Value {
    return overflowOf({ x: this.home(FLAG_X), y: this.home(FLAG_Y) });
  }

  writeCarry(value: Value): void {
    this.slots.write(FLAG_X);
    this.carry = value;
  }

  writeOverflow(value: Value): void {
    this.slots.write(FLAG_X);
    this.overflow = value;
  }

  /** Puts a value on WebAssembly's stack. */
  push(value: Value): WasmFunction {
    const { f } = this;
    if (value.local !== undefined) return f.get(value.local);
    if (value.operator === 'const') return f.const(value.constant);
    for (const operand of value.operands) this.push(operand);
    if (value.operator === 'select') f.select();
    else f.op(value.operator as Operator);
    if (this.aside === 0) {
      value.local = this.temporary(value.type);
      f.tee(value.local);
    }
    return f;
  }

  /** The value, computed by now. */
  bound(value: Value): Value {
    if (value.local !== undefined || isConstant(value)) return value;
    const local = this.temporary(value.type);
    this.push(value).set(local);
    value.local = local;
    return value;
  }

  /** What lies on the stack, as a value. */
  popped(type: WasmType): Value {
    const local = this.temporary(type);
    this.f.set(local);
    return inLocal(local);
  }

  /** Code that does not come back. */
  asideDo(emit: () => void): void {
    this.aside++;
    emit();
    this.aside--;
  }

  /** As `leaveIf`, when one of two conditions holds. */
  leaveIfEither(one: Value, other: Value): void {
    const { f } = this;
    f.block('both fine').block('not fine');
    this.push(one).branchIf('not fine');
    this.push(other).op('i32.eqz').branchIf('both fine');
    f.end();
    this.leave();
    f.end();
  }

  /**
   * Leaves the unit, with the instruction still to run, when the condition on the stack holds. Registers are
   * then as they were before it, whatever of it was translated; what it stored it will store again.
   */
  leaveIf(): void {
    this.f.if('side exit');
    this.leave();
    this.f.end();
  }

  private leave(): void {
    this.asideDo(() => {
      const registers = [...this.current].flatMap(([slot, value]): [number, Value][] => {
        const was = this.before.has(slot) ? this.before.get(slot) : value;
        return was === undefined ? [] : [[slot, was]];
      });
      this.leaveBefore(() => this.setLocals([...registers, ...this.flagOperands(...this.flagsBefore)]));
    });
  }

  /** Puts every register that the block has changed where the next block looks for it. */
  writeBack(): void {
    this.setLocals([...this.current, ...this.flagOperands(this.carry, this.overflow)]);
  }

  private setLocals(values: readonly [slot: number, value: Value][]): void {
    const changed = values.filter(([slot, value]) => value !== this.homes.get(slot));
    for (const [, value] of changed) this.push(value);
    for (const [slot] of changed.reverse()) this.f.set(this.slots.local(slot));
  }

  private flagOperands(carry: Value | undefined, overflow: Value | undefined): [number, Value][] {
    if (carry === undefined && overflow === undefined) return [];
    const of = carry?.meaning.comparison?.of;
    const sameV = of !== undefined && overflow?.meaning.comparison?.of === of;
    const { x, y } = sameV ? of : operandsWith(carry ?? this.homeC, overflow ?? this.homeV);
    return [
      [FLAG_X, x],
      [FLAG_Y, y],
    ];
  }
}

/** x - y overflows: x and y differ in sign, and so do x and the difference. */
export function overflowOf({ x, y }: Comparison): Value {
  const difference = binary('i32.sub', x, y);
  const both = binary('i32.and', binary('i32.xor', x, y), binary('i32.xor', x, difference));
  return binary('i32.shr_u', both, constant(31));
}

/** Operands whose subtraction has these flags: see `Slots`. */
function operandsWith(c: Value, v: Value): Comparison {
  const x = binary('i32.add', binary('i32.mul', v, constant(0x7fffffff)), c);
  const onlyV = binary('i32.and', v, binary('i32.xor', c, constant(1)));
  return { x, y: binary('i32.sub', constant(1), binary('i32.shl', onlyV, constant(1))) };
}
