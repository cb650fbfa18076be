/**
 * The small interfaces through which core and peripherals see the rest of the machine, and registers as
 * records.
 */

/** The machine's time, in core cycles since reset. */
export interface Clock {
  now(): number;
  /**
   * Runs `action` when `now()` first reaches `cycle`, between two instructions. Returns a way to call it
   * off.
   */
  at(cycle: number, action: () => void): () => void;
}

/** One interrupt or system exception, seen from what raises it. */
export interface InterruptLine {
  setPending(pending: boolean): void;
}

/** Named bits of a register, as masks. */
export type Bits = Readonly<Record<string, number>>;

/** A register of a device: what its manual's register description says. */
export interface Register {
  readonly name: string;
  /** Byte offset from the device's base; word registers only, a multiple of 4. */
  readonly offset: number;
  /** Reads as 0 when absent. */
  readonly read?: () => number;
  /** Writes are ignored when absent, as for a read-only register. */
  readonly write?: (value: number) => void;
  /** Takes writes of bytes and halfwords as they are, instead of `write` with the rest of the word added. */
  readonly writeNarrow?: (value: number, size: number) => void;
  /**
   * Bits that silicon acts on and m4lab does not: a write that changes one is reported by its name. 'all':
   * the whole register is known by name only, reads as 0 and ignores writes.
   */
  readonly unmodelled?: Bits | 'all';
  /** What the register holds, for registers with unmodelled bits: reading it has no side effect. */
  readonly stored?: () => number;
  /** Bytes and halfwords may be accessed too, as the manual allows for a few. */
  readonly byteAccess?: boolean;
  /** A bit written as one is cleared, so that a byte's write must leave the other bytes alone. */
  readonly writeOneToClear?: boolean;
  /** Reading it changes the device, so that a byte's write must not read the other bytes: they are 0. */
  readonly readHasEffect?: boolean;
}

/** What a device answers to an access: a value, or that it does not model the address. */
export type DeviceRead = number | undefined;

/** A block of registers on the bus. */
export class RegisterBank {
  private readonly registers = new Map<number, Register>();

  constructor(registers: readonly Register[]) {
    for (const register of registers) this.registers.set(register.offset, register);
  }

  /** The value in the low `size` bytes, or undefined when no register there takes such an access. */
  read(offset: number, size: number): DeviceRead {
    const register = this.find(offset, size);
    if (register === undefined) return undefined;
    const value = (register.read?.() ?? 0) >>> ((offset & 3) * 8);
    return size === 4 ? value | 0 : value & (size === 1 ? 0xff : 0xffff);
  }

  /** False when no register there takes such an access. */
  write(offset: number, size: number, value: number): boolean {
    const register = this.find(offset, size);
    if (register === undefined) return false;
    if (size === 4) register.write?.(value);
    else if (register.writeNarrow !== undefined)
      register.writeNarrow(value & (size === 1 ? 0xff : 0xffff), size);
    else {
      const shift = (offset & 3) * 8;
      const mask = (size === 1 ? 0xff : 0xffff) << shift;
      const alone = register.writeOneToClear === true || register.readHasEffect === true;
      const others = alone ? 0 : (register.read?.() ?? 0) & ~mask;
      register.write?.(others | ((value << shift) & mask));
    }
    return true;
  }

  /** The register that takes an access of `size` bytes at `offset`. */
  find(offset: number, size: number): Register | undefined {
    const register = this.registers.get(offset & ~3);
    return register !== undefined && (size === 4 || register.byteAccess === true) ? register : undefined;
  }
}

/** A device's request to the interrupt controller: high for as long as the device asks. */
export interface RequestLine {
  set(level: boolean): void;
}

/**
 * Frequencies of the MCU's clocks by name, in hertz; 0 for a clock that stands still. `core` is the core's.
 */
export interface ClockTree {
  /** 0 for a name nobody has set. */
  hertz(name: string): number;
  /** What the reset and clock control has worked out anew. */
  set(hertz: Readonly<Record<string, number>>): void;
  /** Core cycles that `ticks` of a clock take; infinite for a clock that stands still. */
  cyclesFor(name: string, ticks: number): number;
  /** After a frequency has changed. */
  onChange(listener: () => void): void;
  /** Is the clock of a device's registers on? `gate` is a bit of an enable register: "APB1ENR1.14". */
  gateOpen(gate: string): boolean;
  setGates(register: string, bits: number): void;
}

/** Signals between devices, by name: pins, DMA requests. Low until driven. */
export interface Wires {
  level(name: string): boolean;
  drive(name: string, level: boolean): void;
  onChange(name: string, listener: (level: boolean) => void): void;
}

/** Memory and registers, as a device other than the core reaches them. */
export interface Bus {
  /** Undefined when nothing answers. `size` is 1, 2 or 4. */
  load(address: number, size: number): number | undefined;
  /** False when nothing took it. */
  store(address: number, size: number, value: number): boolean;
}

/** The wire between a device and whoever is at its other end, outside the MCU: whole bytes, either way. */
export interface SerialLine {
  /** Character times for which the other end is silent before each of its bytes. */
  readonly pause: number;
  /** The other end has a byte to send. */
  readonly ready: boolean;
  /** The byte that has arrived, 0 to 255. Only while `ready`. */
  take(): number;
  /** The other end has bytes to send again. */
  onReady(listener: () => void): void;
  /** A byte of the device's, on its way out. */
  send(byte: number): void;
}

export type Parameter = number | string | boolean | readonly number[] | Readonly<Record<string, string>>;

/** What a profile says of one peripheral, and all that it may touch. */
export interface PeripheralSite {
  /** The name in the MCU's manual: `LPUART1`. */
  readonly name: string;
  readonly clock: Clock;
  readonly clocks: ClockTree;
  /** The clock of the tree that drives it. */
  readonly kernelClock: string;
  /** Its interrupt lines, in the order of its type's documentation. Missing ones go nowhere. */
  line(index: number): RequestLine;
  readonly wires: Wires;
  readonly bus: Bus;
  /** The wire of a UART: asked for once, by a type that is one. */
  serial(): SerialLine;
  /** Seed of whatever is random here, 32 bits. */
  readonly seed: number;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Flash wait states that a core clock needs by the profile's table, undefined when it has none. */
  flashWaitStates(hertz: number): number | undefined;
  /** Something the program's author should know, in one sentence: it goes to the run's report. */
  notice(code: string, text: string): void;
  /** Resets the MCU once the instruction is over. The cause is a name that RCC's flags know. */
  requestReset(cause: string): void;
  /** Why the last reset was: `power`, `software`, or the cause given to requestReset. */
  resetCause(): string;
}

/**
 * An object that keeps state where a snapshot does not find it: in variables of closures. Fields of objects,
 * maps and arrays that a peripheral holds are found without it.
 */
export interface Snapshotable {
  /** @returns what puts back the state of now */
  captureState(): () => void;
}

export interface Peripheral {
  readonly registers: readonly Register[];
  reset(): void;
  /** The program has ended: what silicon would still do by itself, such as sending what is in a buffer. */
  finish?(): void;
}

/** One kind of peripheral, found by its `type` from a profile. */
export interface PeripheralType {
  readonly type: string;
  create(site: PeripheralSite): Peripheral;
}
