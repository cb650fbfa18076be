/**
 * Memory as the core sees it: windows of RAM and flash in one host buffer, everything else through the bus.
 * An access that cannot be done leaves its reason here and sets X.SIGNAL; nothing throws.
 */
import { Signal, word, X } from './state.js';

/** A range of guest addresses that lies in the host buffer. */
export interface Window {
  readonly start: number;
  readonly size: number;
  /** Byte offset in the buffer, a multiple of 4. */
  readonly offset: number;
  readonly writable: boolean;
}

/** What is not memory: device registers, and the addresses where nothing answers. */
export interface DeviceSpace {
  /** The value, `undefined` when a device there does not model it, `null` when nothing answers (a bus error). */
  load(address: number, size: number): number | undefined | null;
  /** True when done; as above otherwise. */
  store(address: number, size: number, value: number): true | undefined | null;
}

/** Why the last access failed. */
export interface AccessFault {
  readonly kind: 'bus' | 'unaligned';
  readonly address: number;
  readonly size: number;
  readonly write: boolean;
}

export interface MemoryOptions {
  readonly buffer: ArrayBufferLike;
  /** The two that are tried first are the first writable and the first read-only one. */
  readonly windows: readonly Window[];
  readonly devices: DeviceSpace;
  /** The state's words, for SIGNAL and EXTRA. */
  readonly x: Int32Array;
  /** Cycles an unaligned access adds. */
  readonly unalignedExtra: (address: number, size: number, load: boolean) => number;
}

const NOTHING: Window = { start: 0, size: 0, offset: 0, writable: false };

/** The functions that generated code calls. Each takes a guest address as an i32. */
export interface Accessors {
  load8(address: number): number;
  load8s(address: number): number;
  load16(address: number): number;
  load16s(address: number): number;
  load32(address: number): number;
  loadAligned16(address: number): number;
  loadAligned32(address: number): number;
  store8(address: number, value: number): void;
  store16(address: number, value: number): void;
  store32(address: number, value: number): void;
  storeAligned16(address: number, value: number): void;
  storeAligned32(address: number, value: number): void;
}

export class Memory {
  readonly accessors: Accessors;
  /** Set by the system control block: CCR.UNALIGN_TRP. */
  trapUnaligned = false;
  private readonly view: DataView;
  private lastFault: AccessFault = { kind: 'bus', address: 0, size: 4, write: false };
  private readonly options: MemoryOptions;

  constructor(options: MemoryOptions) {
    this.options = options;
    this.view = new DataView(options.buffer);
    this.accessors = this.makeAccessors();
  }

  /** The reason of the last memoryFault signal. */
  get fault(): AccessFault {
    return this.lastFault;
  }

  windowAt(address: number, size: number): Window | undefined {
    const at = address >>> 0;
    return this.options.windows.find((w) => at >= w.start && at + size <= w.start + w.size);
  }

  /** A halfword of code, or undefined where no memory answers. */
  fetch(address: number): number | undefined {
    const window = this.windowAt(address, 2);
    return window && this.view.getUint16(window.offset + (address >>> 0) - window.start, true);
  }

  /** The memory around an address, to fetch code from. */
  codeAt(
    address: number,
  ): { start: number; size: number; writable: boolean; halfwords: Uint16Array } | undefined {
    const window = this.windowAt(address, 2);
    if (window === undefined) return undefined;
    const { start, size, writable, offset } = window;
    return { start, size, writable, halfwords: new Uint16Array(this.options.buffer, offset, size >>> 1) };
  }

  /** Writes bytes wherever there is memory, flash included, as a programmer or a debug probe does. */
  program(address: number, bytes: Uint8Array): void {
    bytes.forEach((value, k) => {
      const at = (address + k) >>> 0;
      const window = this.windowAt(at, 1);
      if (window !== undefined) this.view.setUint8(window.offset + at - window.start, value);
    });
  }

  /** An aligned word as the core's own hardware (exceptions) reads it: undefined when it cannot. */
  readWord(address: number): number | undefined {
    const value = this.loadSlow(address, 4, true);
    return this.takeSignal() ? undefined : value;
  }

  /** As readWord; false when it cannot be written. */
  writeWord(address: number, value: number): boolean {
    this.storeSlow(address, 4, value, true);
    return !this.takeSignal();
  }

  private takeSignal(): boolean {
    const failed = word(this.options.x, X.SIGNAL) !== Signal.none;
    this.options.x[X.SIGNAL] = Signal.none;
    return failed;
  }

  private fail(kind: AccessFault['kind'], address: number, size: number, write: boolean): number {
    this.lastFault = { kind, address: address >>> 0, size, write };
    this.options.x[X.SIGNAL] = Signal.memoryFault;
    return 0;
  }

  private unmodelled(address: number, size: number, write: boolean): number {
    this.lastFault = { kind: 'bus', address: address >>> 0, size, write };
    this.options.x[X.SIGNAL] = Signal.unmodelledAccess;
    return 0;
  }

  /** True when the access may go on; an unaligned one is charged for. */
  private alignmentAllows(address: number, size: number, aligned: boolean, load: boolean): boolean {
    if ((address & (size - 1)) === 0) return true;
    if (aligned || this.trapUnaligned) {
      this.fail('unaligned', address, size, !load);
      return false;
    }
    const { x } = this.options;
    x[X.EXTRA] = word(x, X.EXTRA) + this.options.unalignedExtra(address, size, load);
    return true;
  }

  private loadSlow(address: number, size: number, aligned: boolean): number {
    if (!this.alignmentAllows(address, size, aligned, true)) return 0;
    const window = this.windowAt(address, size);
    if (window !== undefined) {
      const at = window.offset + (address >>> 0) - window.start;
      if (size === 4) return this.view.getInt32(at, true);
      return size === 2 ? this.view.getUint16(at, true) : this.view.getUint8(at);
    }
    const value = this.options.devices.load(address >>> 0, size);
    if (value === undefined) return this.unmodelled(address, size, false);
    return value ?? this.fail('bus', address, size, false);
  }

  private storeSlow(address: number, size: number, value: number, aligned: boolean): void {
    if (!this.alignmentAllows(address, size, aligned, false)) return;
    const window = this.windowAt(address, size);
    if (window?.writable) {
      const at = window.offset + (address >>> 0) - window.start;
      if (size === 4) this.view.setInt32(at, value, true);
      else if (size === 2) this.view.setInt16(at, value, true);
      else this.view.setInt8(at, value);
      return;
    }
    const done = window === undefined ? this.options.devices.store(address >>> 0, size, value) : null;
    if (done === undefined) this.unmodelled(address, size, true);
    else if (done === null) this.fail('bus', address, size, true);
  }

  /**
   * Fast paths first: one subtraction and one unsigned comparison a window. For words and halfwords the offset is
   * rotated, so that an unaligned one compares as far out of range and takes the slow path.
   */
  private makeAccessors(): Accessors {
    const { buffer, windows } = this.options;
    const ram = windows.find((w) => w.writable) ?? NOTHING;
    const rom = windows.find((w) => !w.writable) ?? windows.find((w) => w !== ram) ?? NOTHING;
    const [ramBase, ramWords, ramHalves, ramBytes] = [
      ram.start | 0,
      ram.size >>> 2,
      ram.size >>> 1,
      ram.size,
    ];
    const [romBase, romWords, romHalves, romBytes] = [
      rom.start | 0,
      rom.size >>> 2,
      rom.size >>> 1,
      rom.size,
    ];
    const ram32 = new Int32Array(buffer, ram.offset, ramWords);
    const ram16 = new Uint16Array(buffer, ram.offset, ramHalves);
    const ram8 = new Uint8Array(buffer, ram.offset, ramBytes);
    const rom32 = new Int32Array(buffer, rom.offset, romWords);
    const rom16 = new Uint16Array(buffer, rom.offset, romHalves);
    const rom8 = new Uint8Array(buffer, rom.offset, romBytes);

    const load32 = (address: number, aligned: boolean): number => {
      const a = (address - ramBase) | 0;
      const i = (a >>> 2) | (a << 30);
      if (i >>> 0 < ramWords) return ram32[i] as number;
      const b = (address - romBase) | 0;
      const j = (b >>> 2) | (b << 30);
      return j >>> 0 < romWords ? (rom32[j] as number) : this.loadSlow(address, 4, aligned);
    };
    const load16 = (address: number, aligned: boolean): number => {
      const a = (address - ramBase) | 0;
      const i = (a >>> 1) | (a << 31);
      if (i >>> 0 < ramHalves) return ram16[i] as number;
      const b = (address - romBase) | 0;
      const j = (b >>> 1) | (b << 31);
      return j >>> 0 < romHalves ? (rom16[j] as number) : this.loadSlow(address, 2, aligned);
    };
    const load8 = (address: number): number => {
      const i = (address - ramBase) >>> 0;
      if (i < ramBytes) return ram8[i] as number;
      const j = (address - romBase) >>> 0;
      return j < romBytes ? (rom8[j] as number) : this.loadSlow(address, 1, false);
    };
    const store32 = (address: number, value: number, aligned: boolean): void => {
      const a = (address - ramBase) | 0;
      const i = (a >>> 2) | (a << 30);
      if (i >>> 0 < ramWords) ram32[i] = value;
      else this.storeSlow(address, 4, value, aligned);
    };
    const store16 = (address: number, value: number, aligned: boolean): void => {
      const a = (address - ramBase) | 0;
      const i = (a >>> 1) | (a << 31);
      if (i >>> 0 < ramHalves) ram16[i] = value;
      else this.storeSlow(address, 2, value, aligned);
    };
    return {
      load8,
      load8s: (a) => (load8(a) << 24) >> 24,
      load16: (a) => load16(a, false),
      load16s: (a) => (load16(a, false) << 16) >> 16,
      load32: (a) => load32(a, false),
      loadAligned16: (a) => load16(a, true),
      loadAligned32: (a) => load32(a, true),
      store8: (address, value) => {
        const i = (address - ramBase) >>> 0;
        if (i < ramBytes) ram8[i] = value;
        else this.storeSlow(address, 1, value, false);
      },
      store16: (a, v) => store16(a, v, false),
      store32: (a, v) => store32(a, v, false),
      storeAligned16: (a, v) => store16(a, v, true),
      storeAligned32: (a, v) => store32(a, v, true),
    };
  }
}
