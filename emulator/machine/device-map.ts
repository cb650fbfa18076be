/** Which device answers at an address, and what an address without one means. */
import type { DeviceSpace } from '../core/memory.js';
import { type Register, RegisterBank } from '../ports.js';

export interface Device {
  readonly name: string;
  readonly base: number;
  /** Bytes. */
  readonly size: number;
  readonly registers: readonly Register[];
}

/**
 * Where a real MCU has devices: there an address we do not know is unmodelled, elsewhere it is a bus error.
 */
const PERIPHERALS = [
  { start: 0x40000000, end: 0x60000000 },
  { start: 0xe0000000, end: 0xe0100000 },
] as const;

/** Device registers take no unaligned access, whatever CCR.UNALIGN_TRP says (DDI 0403, A3.2.1). */
const isAligned = (address: number, size: number): boolean => (address & (size - 1)) === 0;

export class DeviceMap implements DeviceSpace {
  private readonly devices: readonly (Device & { readonly bank: RegisterBank })[];

  constructor(devices: readonly Device[]) {
    this.devices = devices.map((device) => ({ ...device, bank: new RegisterBank(device.registers) }));
  }

  load(address: number, size: number): number | undefined | null {
    const device = this.at(address);
    if (device === undefined) return this.absent(address);
    return isAligned(address, size) ? device.bank.read(address - device.base, size) : undefined;
  }

  store(address: number, size: number, value: number): true | undefined | null {
    const device = this.at(address);
    if (device === undefined) return this.absent(address);
    return (isAligned(address, size) && device.bank.write(address - device.base, size, value)) || undefined;
  }

  /** The device at an address, by name. */
  nameAt(address: number): string | undefined {
    return this.at(address)?.name;
  }

  private at(address: number): (Device & { readonly bank: RegisterBank }) | undefined {
    return this.devices.find((device) => address >= device.base && address - device.base < device.size);
  }

  private absent(address: number): undefined | null {
    return PERIPHERALS.some(({ start, end }) => address >= start && address < end) ? undefined : null;
  }
}
