/**
 * Code of one block of the guest: what its registers hold as expressions, turned into code where they are
 * needed; memory by inline range checks; and the side exits, where the unit is left with an instruction still
 * to run.
 */
import type { Access } from '../isa/ops.js';
import type { Reach } from './instruction-graph.js';
import { FLAG_X, FLAG_Y, type Slots } from './slots.js';
import {
  binary,
  type Comparison,
  constant,
  inLocal,
  isConstant,
  operation,
  splitOffset,
  type Value,
} from './value.js';
import type { MemoryOperator, Operator, WasmType } from './wasm-encoding.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** Memory the unit may touch without leaving: guest range and its place in the host buffer. */
export interface FastWindow {
  readonly start: number;
  readonly size: number;
  readonly offset: number;
  readonly writable: boolean;
}

/** One access of an instruction whose address is a register and a constant. */
export interface KnownAccess {
  readonly register: number;
  readonly offset: number;
  readonly size: 1 | 2 | 4;
}

/** What a block knows about memory around a base: that all of it is RAM, and how it is aligned. */
interface CheckedRange {
  readonly low: number;
  readonly high: number;
  /** Offsets equal to this modulo `alignment` are aligned to it. */
  readonly at: number;
  readonly alignment: number;
}

/** Where an access is, once it is known to hit RAM. */
interface Place {
  /** Undefined: at a constant place. */
  readonly address: Value | undefined;
  /** Byte offset of the host buffer to add. */
  readonly offset: number;
}

/** Ways to memory that go through the host. */
export interface SlowAccess {
  /** Takes an address from the stack and leaves what is there. */
  load(access: Access): void;
  /** Takes an address and a value from the stack. */
  store(access: Access): void;
}

const LOADS: Readonly<Record<string, MemoryOperator>> = {
  '4': 'i32.load',
  '2': 'i32.load16_u',
  '2s': 'i32.load16_s',
  '1': 'i32.load8_u',
  '1s': 'i32.load8_s',
};
const STORES: Readonly<Record<number, MemoryOperator>> = {
  4: 'i32.store',
  2: 'i32.store16',
  1: 'i32.store8',
};

/** Operators that an expression has at most before it is computed. */
const LARGEST = 24;
/** Bytes around a base that one check covers at most. */
const WIDEST = 4096;

export interface BlockCodeOptions {
  readonly f: WasmFunction;
  readonly slots: Slots;
  readonly ram: FastWindow;
  /** A byte of memory that cannot change. */
  readonly constantByte: (address: number) => number | undefined;
  /** Memory that is read at once where an instruction goes the slow way. */
  readonly rom: FastWindow;
  readonly slow: SlowAccess;
  /** Before words are stored, where that is measured. */
  readonly storing?: ((address: Value, words: number) => void) | undefined;
  /** Leaves the unit before the instruction; `setRegisters` puts them where they are looked for. */
  readonly leave: (setRegisters: () => void) => void;
}

export class BlockCode {
  readonly f: WasmFunction;
  readonly slots: Slots;
  /** Every access is known to hit RAM. */
  isChecked = false;
  /** How far the instruction's accesses may lead. */
  reach: Reach = 'ram';
  /** Accesses further on in the block by the same register, before it is written. */
  upcoming: (register: number) => readonly KnownAccess[] = () => [];
  private readonly options: BlockCodeOptions;
  private readonly current = new Map<number, Value>();
  private readonly homes = new Map<number, Value>();
  private readonly pools: Record<WasmType, Local[]> = { i32: [], i64: [], f32: [], f64: [] };
  private readonly taken: Record<WasmType, number> = { i32: 0, i64: 0, f32: 0, f64: 0 };
  private readonly checked = new Map<Value, CheckedRange>();
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
    this.options = options;
  }

  beginBlock(): void {
    this.current.clear();
    this.homes.clear();
    this.checked.clear();
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
      this.options.leave(() => this.setLocals([...registers, ...this.flagOperands(...this.flagsBefore)]));
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
    const of = carry?.comparison?.of;
    const sameV = of !== undefined && overflow?.comparison?.of === of;
    const { x, y } = sameV ? of : operandsWith(carry ?? this.homeC, overflow ?? this.homeV);
    return [
      [FLAG_X, x],
      [FLAG_Y, y],
    ];
  }

  load(access: Access, address: Value, words: number, asFloat: boolean): Value {
    const known = isConstant(address) ? this.constantAt(access, address.constant) : undefined;
    if (known !== undefined) return known;
    if (this.reach !== 'ram') return this.loadAnywhere(access, address, asFloat);
    const place = this.placeOf(access.size, address, words);
    this.pushAddress(place);
    this.f.memory(asFloat ? 'f32.load' : loadOperator(access), place.offset);
    return asFloat ? operation('i32.reinterpret_f32', this.popped('f32')) : this.popped('i32');
  }

  store(access: Access, address: Value, value: Value, words: number): void {
    if (this.reach === 'host') {
      this.options.storing?.(address, 1);
      this.storeAnywhere(access, address, value);
      return;
    }
    const place = this.placeOf(access.size, address, words);
    this.options.storing?.(address, words);
    this.pushAddress(place);
    if (value.operator === 'i32.reinterpret_f32' && access.size === 4) {
      this.push(value.operands[0] as Value).memory('f32.store', place.offset);
      return;
    }
    this.push(value).memory(STORES[access.size] as MemoryOperator, place.offset);
  }

  /** RAM, then code memory, then the host. */
  private loadAnywhere(access: Access, address: Value, asFloat: boolean): Value {
    const { f } = this;
    const { ram, rom, slow } = this.options;
    const result = this.temporary(asFloat ? 'f32' : 'i32');
    const fromHost = (): void => {
      if (this.reach !== 'host') {
        f.const(1);
        this.leaveIf();
        return;
      }
      this.push(address);
      slow.load(access);
      if (asFloat) f.op('f32.reinterpret_i32');
      f.set(result);
    };
    const from = (window: FastWindow): void => {
      this.push(binary('i32.sub', address, constant(window.start)));
      f.memory(asFloat ? 'f32.load' : loadOperator(access), window.offset).set(result);
    };
    this.bound(address);
    this.asideDo(() => {
      this.pushInside(access.size, address, ram).if('ram');
      from(ram);
      f.else();
      this.pushInside(access.size, address, rom).if('rom');
      from(rom);
      f.else();
      fromHost();
      f.end().end();
    });
    const value = inLocal(result);
    return asFloat ? operation('i32.reinterpret_f32', value) : value;
  }

  private storeAnywhere(access: Access, address: Value, value: Value): void {
    const { f } = this;
    const { ram, slow } = this.options;
    this.bound(address);
    this.bound(value);
    this.asideDo(() => {
      this.pushInside(access.size, address, ram).if('ram');
      this.push(binary('i32.sub', address, constant(ram.start)));
      this.push(value).memory(STORES[access.size] as MemoryOperator, ram.offset);
      f.else();
      this.push(address);
      this.push(value);
      slow.store(access);
      f.end();
    });
  }

  /** 1 when an access is aligned and inside a window. */
  private pushInside(size: number, address: Value, window: FastWindow): WasmFunction {
    const relative = binary('i32.sub', address, constant(window.start));
    const index = binary('i32.rotr', relative, constant(size >>> 1));
    return this.push(binary('i32.lt_u', index, constant(Math.floor(window.size / size))));
  }

  private pushAddress({ address }: Place): void {
    if (address === undefined) this.f.const(0);
    else this.push(address);
  }

  /** What code memory holds at a constant, aligned address. */
  private constantAt({ size, signed }: Access, address: number): Value | undefined {
    if ((address & (size - 1)) !== 0) return undefined;
    let value = 0;
    for (let k = size - 1; k >= 0; k--) {
      const byte = this.options.constantByte(address + k);
      if (byte === undefined) return undefined;
      value = (value << 8) | byte;
    }
    const unused = 32 - 8 * size;
    return constant(signed === true ? (value << unused) >> unused : value);
  }

  /** Where in RAM an access is; what is outside, or unaligned, leaves the unit. */
  private placeOf(size: 1 | 2 | 4, address: Value, words: number): Place {
    const { ram } = this.options;
    const { base, offset } = splitOffset(address);
    const fromRam = (offset - ram.start) | 0;
    if (base === undefined) {
      const inside = fromRam >= 0 && fromRam + size * words <= ram.size && (offset & (size - 1)) === 0;
      if (!inside) {
        this.f.const(1);
        this.leaveIf();
      }
      return { address: undefined, offset: ram.offset + (inside ? fromRam : 0) };
    }
    if (!this.isChecked && !this.hits(base, offset, size)) this.check(base, offset, size, words);
    return { address: binary('i32.add', base, constant(fromRam)), offset: ram.offset };
  }

  private hits(base: Value, offset: number, size: number): boolean {
    const range = this.checked.get(base);
    if (range === undefined || offset < range.low || offset + size > range.high) return false;
    return size === 1 || (size <= range.alignment && ((offset - range.at) & (size - 1)) === 0);
  }

  /** One test for this access and for those that follow by the same base. */
  private check(base: Value, offset: number, size: 1 | 2 | 4, words: number): void {
    const { ram } = this.options;
    const range = this.widened(base, {
      low: offset,
      high: offset + size * words,
      at: offset,
      alignment: size,
    });
    const start = range.at - Math.floor((range.at - range.low) / range.alignment) * range.alignment;
    const low = start > range.low ? start - range.alignment : start;
    const span = range.high - low;
    const relative = binary('i32.add', base, constant((low - ram.start) | 0));
    const index = binary('i32.rotr', relative, constant(range.alignment >>> 1));
    this.push(index)
      .const(Math.floor((ram.size - span) / range.alignment) + 1)
      .op('i32.ge_u');
    this.leaveIf();
    this.checked.set(base, { ...range, low });
  }

  private widened(base: Value, first: CheckedRange): CheckedRange {
    let range = first;
    for (const { offset, size } of this.sharing(base)) {
      const low = Math.min(range.low, offset);
      const high = Math.max(range.high, offset + size);
      const fits = size <= range.alignment && ((offset - range.at) & (size - 1)) === 0;
      if (fits && high - low <= WIDEST) range = { ...range, low, high };
    }
    return range;
  }

  private sharing(base: Value): readonly KnownAccess[] {
    for (let n = 0; n < 15; n++) {
      const { base: held, offset } = splitOffset(this.read(n));
      if (held !== base) continue;
      return this.upcoming(n).map((access) => ({ ...access, offset: access.offset + offset }));
    }
    return [];
  }
}

const loadOperator = ({ size, signed }: Access): MemoryOperator =>
  LOADS[`${size}${signed === true ? 's' : ''}`] as MemoryOperator;

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
