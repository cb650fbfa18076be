/**
 * Which device answers at an address, and what an address without one means. An access to what is not
 * modelled is noted with its address and pc; the first of an instruction only signals, so that the machine
 * can say which instruction it is.
 */
import type { DeviceSpace } from '../core/memory.js';
import { type Register, RegisterBank } from '../ports.js';

export interface Device {
  readonly name: string;
  readonly base: number;
  /** Bytes. */
  readonly size: number;
  readonly registers: readonly Register[];
  /** False while the clock of its registers is off: they read as 0 and ignore writes. Absent: always on. */
  readonly clocked?: () => boolean;
}

/** Accesses of one kind to one place that is not modelled. */
export interface Unmodelled {
  readonly address: number;
  /** `RCC.PLLSAI1CFGR`, `RCC.CR: PLLSAI1ON`, `RCC+0x9c`, or the address where there is no device. */
  readonly name: string;
  /** Address of the first instruction that did it. */
  readonly pc: number;
  readonly count: number;
  readonly access: 'read' | 'write';
}

export interface AddressRange {
  readonly start: number;
  /** One past the last address. */
  readonly end: number;
}

export interface DeviceMapOptions {
  /** Where nothing answers, and silicon says so with a bus error. */
  readonly reserved?: readonly AddressRange[];
  /** A register was accessed whose device has its clock off. */
  readonly unclocked?: (device: string, pc: number) => void;
}

/**
 * Where a real MCU has devices: there an address we do not know is unmodelled, elsewhere it is a bus error.
 */
const PERIPHERALS: readonly AddressRange[] = [
  { start: 0x40000000, end: 0x60000000 },
  { start: 0xe0000000, end: 0xe0100000 },
];

/** Each bit of the first megabyte of peripherals as a word of its own (DDI 0403, B3.1, DDI 0439, 3.7). */
const BIT_BAND = { start: 0x42000000, end: 0x44000000, of: 0x40000000 } as const;

/** Reads of one place by one instruction, nothing else between them, that are taken for polling for ever. */
const MOST_POLLS = 100_000;
/** The same while events are ahead. */
const MOST_POLLS_WITH_EVENTS = 3_000_000;
/** The same for a register of which some bits are modelled. */
const MOST_POLLS_OF_BITS = 1_000_000;
/** Binary logarithm of the bytes of a page, by which devices are looked up. */
const PAGE = 8;

/** Device registers take no unaligned access, whatever CCR.UNALIGN_TRP says (DDI 0403, A3.2.1). */
const isAligned = (address: number, size: number): boolean => (address & (size - 1)) === 0;

const inRange = (address: number, { start, end }: AddressRange): boolean => address >= start && address < end;

type Mapped = Device & { readonly bank: RegisterBank };

export class DeviceMap implements DeviceSpace {
  /** Devices by the pages that they touch. */
  private readonly pages = new Map<number, Mapped[]>();
  private readonly options: DeviceMapOptions;
  private readonly noted = new Map<string, Unmodelled>();
  /** The instruction whose accesses are noted and let through; undefined: they signal. */
  private allowed: number | undefined;
  private polled = { key: '', pc: -1, count: 0 };
  private bits: { register?: Register; value: number; count: number } = { value: 0, count: 0 };

  constructor(devices: readonly Device[], options: DeviceMapOptions = {}) {
    for (const device of devices) {
      const mapped = { ...device, bank: new RegisterBank(device.registers) };
      for (let page = device.base >>> PAGE; page <= (device.base + device.size - 1) >>> PAGE; page++) {
        this.pages.set(page, [...(this.pages.get(page) ?? []), mapped]);
      }
    }
    this.options = options;
  }

  reset(): void {
    this.noted.clear();
    this.polled = { key: '', pc: -1, count: 0 };
    this.bits = { value: 0, count: 0 };
  }

  /** What was accessed and is not modelled, in order of first access. */
  get unmodelled(): Unmodelled[] {
    return [...this.noted.values()];
  }

  /**
   * Runs the instruction at `pc` with its accesses to what is not modelled noted: they read 0, write
   * nothing.
   */
  letThrough<T>(pc: number, run: () => T): T {
    this.allowed = pc;
    try {
      return run();
    } finally {
      this.allowed = undefined;
    }
  }

  /**
   * The name of what is polled for ever, once it is.
   * @param eventsAhead something may still happen that ends the polling: more patience
   */
  polledForEver(eventsAhead: boolean): string | undefined {
    const { key, count } = this.polled;
    return count >= (eventsAhead ? MOST_POLLS_WITH_EVENTS : MOST_POLLS) ? key : undefined;
  }

  load(address: number, size: number): number | undefined | null {
    if (inRange(address, BIT_BAND)) return this.loadBit(address);
    const device = this.at(address);
    if (device === undefined) return this.absent(address, 'read') && 0;
    if (!isAligned(address, size)) return undefined;
    if (device.clocked?.() === false) return this.unclocked(device) && 0;
    const register = device.bank.find(address - device.base, size);
    if (register === undefined || register.unmodelled === 'all') {
      return this.note(address, 'read', nameOf(device, register, address)) && 0;
    }
    const value = device.bank.read(address - device.base, size);
    return value !== undefined && this.waitsForBits(device, register, value) ? undefined : value;
  }

  store(address: number, size: number, value: number): true | undefined | null {
    if (inRange(address, BIT_BAND)) return this.storeBit(address, value);
    const device = this.at(address);
    if (device === undefined) return this.absent(address, 'write');
    if (!isAligned(address, size)) return undefined;
    if (device.clocked?.() === false) return this.unclocked(device);
    const register = device.bank.find(address - device.base, size);
    if (register === undefined || register.unmodelled === 'all') {
      return this.note(address, 'write', nameOf(device, register, address));
    }
    const bits = changedBits(register, (value << ((address & 3) * 8)) | 0, size, address & 3);
    if (
      bits !== '' &&
      this.note(address, 'write', `${nameOf(device, register, address)}: ${bits}`) === undefined
    ) {
      return undefined;
    }
    this.polled.count = this.bits.count = 0;
    return device.bank.write(address - device.base, size, value) || undefined;
  }

  /** The device at an address, by name. */
  nameAt(address: number): string | undefined {
    return this.at(address)?.name;
  }

  private at(address: number): Mapped | undefined {
    const page = this.pages.get(address >>> PAGE);
    return page?.find((device) => address >= device.base && address - device.base < device.size);
  }

  private loadBit(address: number): number | undefined | null {
    const value = this.load(bandedWord(address), 4);
    return typeof value === 'number' ? (value >>> ((address >>> 2) & 31)) & 1 : value;
  }

  private storeBit(address: number, value: number): true | undefined | null {
    const word = this.load(bandedWord(address), 4);
    if (typeof word !== 'number') return word;
    const bit = 1 << ((address >>> 2) & 31);
    return this.store(bandedWord(address), 4, value & 1 ? word | bit : word & ~bit);
  }

  private absent(address: number, access: Unmodelled['access']): true | undefined | null {
    if (this.options.reserved?.some((range) => inRange(address, range))) return null;
    if (!PERIPHERALS.some((range) => inRange(address, range))) return null;
    return this.note(address, access, hex(address));
  }

  /** True when a register has read the same so often that the bits it lacks must be what is waited for. */
  private waitsForBits(device: Device, register: Register, value: number): boolean {
    const { unmodelled } = register;
    if (unmodelled === undefined || unmodelled === 'all') return false;
    const again = this.bits.register === register && this.bits.value === value;
    this.bits = { register, value, count: again ? this.bits.count + 1 : 1 };
    if (this.bits.count < MOST_POLLS_OF_BITS) return false;
    if (this.allowed === undefined) return true;
    const bits = Object.keys(unmodelled).join(', ');
    const key = `${device.name}.${register.name}, whose bits ${bits} are not modelled,`;
    this.polled = { key, pc: this.allowed, count: MOST_POLLS_WITH_EVENTS };
    return false;
  }

  private unclocked(device: Device): true | undefined {
    if (this.allowed === undefined) return undefined;
    this.options.unclocked?.(device.name, this.allowed);
    return true;
  }

  /** True when the access may go on, undefined when it must signal first. */
  private note(address: number, access: Unmodelled['access'], name: string): true | undefined {
    const pc = this.allowed;
    if (pc === undefined) return undefined;
    const key = `${access} ${name}`;
    const known = this.noted.get(key);
    if (known === undefined) this.noted.set(key, { address, name, pc, count: 1, access });
    else this.noted.set(key, { ...known, count: known.count + 1 });
    const again = access === 'read' && this.polled.key === name && this.polled.pc === pc;
    this.polled = { key: name, pc, count: again ? this.polled.count + 1 : 1 };
    return true;
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

const bandedWord = (address: number): number =>
  BIT_BAND.of + ((((address - BIT_BAND.start) >>> 5) & ~3) >>> 0);

function nameOf(device: Device, register: Register | undefined, address: number): string {
  if (register === undefined) return `${device.name}+0x${(address - device.base).toString(16)}`;
  return `${device.name}.${register.name}`;
}

/** Names of the unmodelled bits that a write of `size` bytes at lane `lane` changes. */
function changedBits({ unmodelled, stored }: Register, value: number, size: number, lane: number): string {
  if (unmodelled === undefined || unmodelled === 'all') return '';
  const written = size === 4 ? -1 : (size === 1 ? 0xff : 0xffff) << (8 * lane);
  const changed = (value ^ (stored?.() ?? 0)) & written;
  return Object.keys(unmodelled)
    .filter((name) => (changed & (unmodelled[name] as number)) !== 0)
    .join(', ');
}
