/**
 * Memory as the core sees it: windows of RAM and flash in one host buffer, everything else through the bus.
 * An access that cannot be done leaves its reason here and sets X.SIGNAL; nothing throws.
 */
import { type Accessors, makeAccessors, type Window } from './accessors.js';
import { CodeWatch } from './code-watch.js';
import { guardAccessors } from './guarded-accessors.js';
import { Signal, word, X } from './state.js';

export type { Accessors, Window } from './accessors.js';

/** What is not memory: device registers, and the addresses where nothing answers. */
export interface DeviceSpace {
  /**
   * The value, `undefined` when a device there does not model it, `null` when nothing answers (a bus
   * error).
   */
  load(address: number, size: number): number | undefined | null;
  /** True when done; as above otherwise. */
  store(address: number, size: number, value: number): true | undefined | null;
}

/** Why the last access failed. */
export interface AccessFault {
  /** `forbidden`: by the MPU; `address` is then the first byte that is. */
  readonly kind: 'bus' | 'unaligned' | 'forbidden';
  readonly address: number;
  readonly size: number;
  readonly write: boolean;
}

/** What the code that runs now may do; addresses may be signed. */
export interface AccessRights {
  /** As whom its accesses are made. */
  readonly privileged: boolean;
  /** The first byte of an access that is forbidden; undefined when none is. */
  forbidden(address: number, size: number, write: boolean, privileged: boolean): number | undefined;
  mayExecute(address: number): boolean;
  /** False where its privilege gets a bus error. */
  reachesBus(address: number): boolean;
}

export interface MemoryOptions {
  readonly buffer: ArrayBufferLike;
  /** The two that are tried first are the first writable and the first read-only one. */
  readonly windows: readonly Window[];
  readonly devices: DeviceSpace;
  /** The state's words, for SIGNAL and EXTRA. */
  readonly x: Int32Array;
  readonly protection: AccessRights;
  /** Cycles an unaligned access adds. */
  readonly unalignedExtra: (address: number, size: number, load: boolean) => number;
  /** The bit-band alias of SRAM is there: the core may be built without. Absent: it is not. */
  readonly bitBand?: boolean;
}

/** Each bit of the first megabyte of SRAM as a word of its own (DDI 0403, B3.1; DDI 0439, 3.7). */
const BIT_BAND = { start: 0x22000000, end: 0x24000000, of: 0x20000000 } as const;

export class Memory {
  /** The ways to memory while no MPU is on, and those that ask it. */
  readonly accessors: Accessors;
  readonly guarded: Accessors;
  /** What is to be told of writes; those to the first writable window it does not see. */
  readonly codeWatch = new CodeWatch();
  /** Set by the system control block: CCR.UNALIGN_TRP. */
  trapUnaligned = false;
  private readonly view: DataView;
  /** Accesses that no one answers read 0 and write nothing, instead of faulting. */
  private toleratesBusErrors = false;
  private lastFault: AccessFault = { kind: 'bus', address: 0, size: 4, write: false };
  private readonly options: MemoryOptions;

  constructor(options: MemoryOptions) {
    this.options = options;
    this.view = new DataView(options.buffer);
    this.accessors = makeAccessors(options.buffer, options.windows, {
      load: (address, size, aligned) => this.loadSlow(address, size, aligned),
      store: (address, size, value, aligned) => this.storeSlow(address, size, value, aligned),
    });
    this.guarded = guardAccessors(this.accessors, (address, size, write, aligned) => {
      const misaligned = (address & (size - 1)) !== 0 && (aligned || this.trapUnaligned);
      return misaligned || this.permits(address, size, write, options.protection.privileged);
    });
  }

  /** False, and noted, where the MPU forbids the access. */
  private permits(address: number, size: number, write: boolean, privileged: boolean): boolean {
    const at = this.options.protection.forbidden(address, size, write, privileged);
    if (at !== undefined) this.fail('forbidden', at, size, write);
    return at === undefined;
  }

  /** The last access that failed was forbidden by the MPU. */
  get forbidden(): boolean {
    return this.lastFault.kind === 'forbidden';
  }

  /** Runs an instruction whose bus errors are to be passed over. */
  toleratingBusErrors<T>(run: () => T): T {
    this.toleratesBusErrors = true;
    try {
      return run();
    } finally {
      this.toleratesBusErrors = false;
    }
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

  /** A byte of RAM or flash, or undefined where there is neither. Devices are not read. */
  peekByte(address: number): number | undefined {
    const window = this.windowAt(address, 1);
    return window && this.view.getUint8(window.offset + (address >>> 0) - window.start);
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
      if (window === undefined) return;
      this.view.setUint8(window.offset + at - window.start, value);
      this.codeWatch.written(window.offset + at - window.start, 1);
    });
  }

  /**
   * An aligned word as the core's own hardware (exceptions) reads it: undefined when it cannot.
   * @param privileged as whom the MPU is asked; absent: it is not, as for vectors and for debuggers
   */
  readWord(address: number, privileged?: boolean): number | undefined {
    const permitted = privileged === undefined || this.permits(address, 4, false, privileged);
    const value = permitted ? this.accessors.loadAligned32(address) : 0;
    return this.takeSignal() ? undefined : value;
  }

  /** As readWord; false when it cannot be written. */
  writeWord(address: number, value: number, privileged?: boolean): boolean {
    if (privileged === undefined || this.permits(address, 4, true, privileged))
      this.accessors.storeAligned32(address, value);
    return !this.takeSignal();
  }

  /** May the code that runs now execute here? */
  mayExecute(address: number): boolean {
    return this.options.protection.mayExecute(address);
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

  private busError(address: number, size: number, write: boolean): number {
    return this.toleratesBusErrors ? 0 : this.fail('bus', address, size, write);
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

  /** The bit of SRAM behind an alias address: a host byte and a mask. Undefined where there is none. */
  private bitAt(address: number): { readonly at: number; readonly mask: number } | undefined {
    const at = address >>> 0;
    const banded = at >= BIT_BAND.start && at < BIT_BAND.end && this.options.bitBand === true;
    if (!banded) return undefined;
    const byte = BIT_BAND.of + ((at - BIT_BAND.start) >>> 5);
    const window = this.windowAt(byte, 1);
    return window?.writable
      ? { at: window.offset + byte - window.start, mask: 1 << ((at >>> 2) & 7) }
      : undefined;
  }

  private loadSlow(address: number, size: number, aligned: boolean): number {
    if (!this.alignmentAllows(address, size, aligned, true)) return 0;
    const window = this.windowAt(address, size);
    if (window !== undefined) {
      const at = window.offset + (address >>> 0) - window.start;
      if (size === 4) return this.view.getInt32(at, true);
      return size === 2 ? this.view.getUint16(at, true) : this.view.getUint8(at);
    }
    const bit = this.bitAt(address);
    if (bit !== undefined) return this.view.getUint8(bit.at) & bit.mask ? 1 : 0;
    const { devices, protection } = this.options;
    const value = protection.reachesBus(address) ? devices.load(address >>> 0, size) : null;
    if (value === undefined) return this.unmodelled(address, size, false);
    return value ?? this.busError(address, size, false);
  }

  private storeSlow(address: number, size: number, value: number, aligned: boolean): void {
    if (!this.alignmentAllows(address, size, aligned, false)) return;
    const window = this.windowAt(address, size);
    if (window?.writable) {
      const at = window.offset + (address >>> 0) - window.start;
      if (size === 4) this.view.setInt32(at, value, true);
      else if (size === 2) this.view.setInt16(at, value, true);
      else this.view.setInt8(at, value);
      this.codeWatch.written(at, size);
      return;
    }
    const bit = this.bitAt(address);
    if (bit !== undefined) {
      const others = this.view.getUint8(bit.at) & ~bit.mask;
      this.view.setUint8(bit.at, value & 1 ? others | bit.mask : others);
      this.codeWatch.written(bit.at, 1);
      return;
    }
    const { devices, protection } = this.options;
    const onBus = window === undefined && protection.reachesBus(address);
    const done = onBus ? devices.store(address >>> 0, size, value) : null;
    if (done === undefined) this.unmodelled(address, size, true);
    else if (done === null) this.busError(address, size, true);
  }
}
