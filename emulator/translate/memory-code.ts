/** Memory in a unit's code: RAM by inline range checks, constants, and slow ways where those fall short. */
import type { Access } from '../isa/ops.js';
import type { BlockCode } from './block-code.js';
import type { Reach } from './instruction-graph.js';
import type { KnownAccess } from './shape.js';
import { binary, constant, inLocal, isConstant, operation, splitOffset, type Value } from './value.js';
import type { MemoryOperator } from './wasm-encoding.js';
import type { WasmFunction } from './wasm-function.js';

/** Memory the unit may touch without leaving: guest range and its place in the host buffer. */
export interface FastWindow {
  readonly start: number;
  readonly size: number;
  readonly offset: number;
  readonly writable: boolean;
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

/** What an unaligned access costs, where it does not trap. */
export interface UnalignedAccess {
  /** Cycles added, by the low bits of the address. */
  extra(address: number, size: number, load: boolean): number;
  /** Takes cycles from the stack, and off the clock. */
  charge(): void;
}

/** Bytes around a base that one check covers at most. */
const WIDEST = 4096;

export interface MemoryCodeOptions {
  readonly ram: FastWindow;
  /** A byte of memory that cannot change. */
  readonly constantByte: (address: number) => number | undefined;
  /** Memory that is read at once where an instruction goes the slow way. */
  readonly rom: FastWindow;
  readonly slow: SlowAccess;
  /** Undefined: they trap. */
  readonly unaligned: UnalignedAccess | undefined;
  /** Before words are stored, where that is measured. */
  readonly storing?: ((address: Value, words: number) => void) | undefined;
}

export class MemoryCode {
  /** Every access is known to hit RAM. */
  isChecked = false;
  /** How far the instruction's accesses may lead. */
  reach: Reach = 'ram';
  /** Accesses further on in the block by the same register, before it is written. */
  upcoming: (register: number) => readonly KnownAccess[] = () => [];
  private readonly code: BlockCode;
  private readonly options: MemoryCodeOptions;
  private readonly checked = new Map<Value, CheckedRange>();

  constructor(code: BlockCode, options: MemoryCodeOptions) {
    this.code = code;
    this.options = options;
  }

  beginBlock(): void {
    this.checked.clear();
  }

  load(access: Access, address: Value, words: number, asFloat: boolean): Value {
    const known = isConstant(address) ? this.constantAt(access, address.constant) : undefined;
    if (known !== undefined) return known;
    if (this.reach !== 'ram') return this.loadAnywhere(access, address, asFloat);
    const place = this.placeOf(access.size, address, words);
    this.pushAddress(place);
    this.code.f.memory(asFloat ? 'f32.load' : loadOperator(access), place.offset);
    return asFloat ? operation('i32.reinterpret_f32', this.code.popped('f32')) : this.code.popped('i32');
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
      this.code.push(value.operands[0] as Value).memory('f32.store', place.offset);
      return;
    }
    this.code.push(value).memory(STORES[access.size] as MemoryOperator, place.offset);
  }

  /** RAM, then code memory, then RAM at unaligned addresses, then the host. */
  private loadAnywhere(access: Access, address: Value, asFloat: boolean): Value {
    const { f } = this.code;
    const { ram, rom, slow } = this.options;
    const result = this.code.temporary(asFloat ? 'f32' : 'i32');
    const fromHost = (): void => {
      if (this.reach !== 'host') {
        f.const(1);
        this.code.leaveIf();
        return;
      }
      this.unalignedOr(access, address, true, from, () => {
        this.code.push(address);
        slow.load(access);
        if (asFloat) f.op('f32.reinterpret_i32');
        f.set(result);
      });
    };
    const from = (window: FastWindow): void => {
      this.code.push(binary('i32.sub', address, constant(window.start)));
      f.memory(asFloat ? 'f32.load' : loadOperator(access), window.offset).set(result);
    };
    this.code.bound(address);
    this.code.asideDo(() => {
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
    const { f } = this.code;
    const { ram, slow } = this.options;
    const toRam = (): void => {
      this.code.push(binary('i32.sub', address, constant(ram.start)));
      this.code.push(value).memory(STORES[access.size] as MemoryOperator, ram.offset);
    };
    this.code.bound(address);
    this.code.bound(value);
    this.code.asideDo(() => {
      this.pushInside(access.size, address, ram).if('ram');
      toRam();
      f.else();
      this.unalignedOr(access, address, false, toRam, () => {
        this.code.push(address);
        this.code.push(value);
        slow.store(access);
      });
      f.end();
    });
  }

  /** What is not an aligned access to RAM: an unaligned one, or something else. */
  private unalignedOr(
    { size, aligned }: Access,
    address: Value,
    load: boolean,
    access: (window: FastWindow) => void,
    otherwise: () => void,
  ): void {
    const { ram, unaligned } = this.options;
    if (unaligned === undefined || aligned === true || size === 1) {
      otherwise();
      return;
    }
    const { f } = this.code;
    const relative = binary('i32.sub', address, constant(ram.start));
    this.code.push(binary('i32.lt_u', relative, constant(ram.size - size + 1))).if('unaligned');
    access(ram);
    const extras = [0, 1, 2, 3].map((low) =>
      (low & (size - 1)) === 0 ? 0 : unaligned.extra(low, size, load),
    );
    const packed = extras.reduce((sum, extra, low) => sum | (extra << (8 * low)), 0);
    if (packed !== 0) {
      const shift = binary('i32.shl', binary('i32.and', address, constant(3)), constant(3));
      const extra = binary('i32.and', binary('i32.shr_u', constant(packed), shift), constant(0xff));
      this.code.push(extra);
      unaligned.charge();
    }
    f.else();
    otherwise();
    f.end();
  }

  /** 1 when an access is aligned and inside a window. */
  private pushInside(size: number, address: Value, window: FastWindow): WasmFunction {
    const relative = binary('i32.sub', address, constant(window.start));
    const index = binary('i32.rotr', relative, constant(size >>> 1));
    return this.code.push(binary('i32.lt_u', index, constant(Math.floor(window.size / size))));
  }

  private pushAddress({ address }: Place): void {
    if (address === undefined) this.code.f.const(0);
    else this.code.push(address);
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
        this.code.f.const(1);
        this.code.leaveIf();
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
    this.code
      .push(index)
      .const(Math.floor((ram.size - span) / range.alignment) + 1)
      .op('i32.ge_u');
    this.code.leaveIf();
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
      const { base: held, offset } = splitOffset(this.code.read(n));
      if (held !== base) continue;
      return this.upcoming(n).map((access) => ({ ...access, offset: access.offset + offset }));
    }
    return [];
  }
}

const loadOperator = ({ size, signed }: Access): MemoryOperator =>
  LOADS[`${size}${signed === true ? 's' : ''}`] as MemoryOperator;
