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

/** A register of a device: what its manual's register description says. */
export interface Register {
  readonly name: string;
  /** Byte offset from the device's base; word registers only, a multiple of 4. */
  readonly offset: number;
  /** Reads as 0 when absent. */
  readonly read?: () => number;
  /** Writes are ignored when absent, as for a read-only register. */
  readonly write?: (value: number) => void;
  /** Bytes and halfwords may be accessed too, as the manual allows for a few. */
  readonly byteAccess?: boolean;
  /** A bit written as one is cleared, so that a byte's write must leave the other bytes alone. */
  readonly writeOneToClear?: boolean;
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
    else {
      const shift = (offset & 3) * 8;
      const mask = (size === 1 ? 0xff : 0xffff) << shift;
      const others = register.writeOneToClear === true ? 0 : (register.read?.() ?? 0) & ~mask;
      register.write?.(others | ((value << shift) & mask));
    }
    return true;
  }

  private find(offset: number, size: number): Register | undefined {
    const register = this.registers.get(offset & ~3);
    return register !== undefined && (size === 4 || register.byteAccess === true) ? register : undefined;
  }
}
