/**
 * CRC unit of an STM32 (ST RM0351 and RM0090, chapter CRC; offsets and bits: ST cmsis_device_l4). A byte
 * or halfword written to DR counts as that many bits.
 * Parameters: fixed (true for the STM32F4's, whose polynomial and start are fixed and which takes words
 * only).
 */
import type { Peripheral, PeripheralSite, PeripheralType, Register } from '../ports.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';

const RESET = 1;
const START = 0xffffffff;
/** The polynomial of Ethernet. */
const POLYNOMIAL = 0x04c11db7;
/** Bits of CR.POLYSIZE. */
const WIDTHS = [32, 16, 8, 7] as const;
/** Bits that CR.REV_IN reverses together; 0 for none. */
const REVERSED = [0, 8, 16, 32] as const;

function reverse(value: number, bits: number): number {
  let result = 0;
  for (let k = 0; k < bits; k++) result |= ((value >>> k) & 1) << (bits - 1 - k);
  return result;
}

/** Reverses each group of `group` bits of the low `bits` bits. */
function reverseGroups(value: number, bits: number, group: number): number {
  let result = 0;
  const width = Math.min(group, bits);
  for (let k = 0; k < bits; k += width) result |= reverse(value >>> k, width) << k;
  return result;
}

class Crc implements Peripheral {
  private readonly file: RegisterFile;
  private remainder = START | 0;

  constructor(site: PeripheralSite) {
    const fixed = site.parameters.fixed === true;
    const more: RegisterSpec[] = [
      { name: 'INIT', offset: 0x10, reset: START, written: (now) => this.start(now) },
      { name: 'POL', offset: 0x14, reset: POLYNOMIAL },
    ];
    this.file = new RegisterFile([
      { name: 'IDR', offset: 0x04, writable: 0xff },
      { name: 'CR', offset: 0x08, store: (value) => this.control(fixed ? value & RESET : value) },
      ...(fixed ? [] : more),
    ]);
  }

  get registers(): readonly Register[] {
    const data: Register = {
      name: 'DR',
      offset: 0x00,
      byteAccess: true,
      read: () => this.result(),
      write: (value) => this.add(value, 32),
      writeNarrow: (value, size) => this.add(value, 8 * size),
    };
    return [data, ...this.file.registers];
  }

  reset(): void {
    this.file.reset();
    this.start(START);
  }

  private start(value: number): void {
    this.remainder = value | 0;
  }

  private control(value: number): number {
    if ((value & RESET) !== 0) this.start(this.file.get('INIT') || START);
    return value & 0xf8;
  }

  private get width(): number {
    return WIDTHS[(this.file.get('CR') >>> 3) & 3] as number;
  }

  /** Bit by bit, the highest first. */
  private add(data: number, bits: number): void {
    const group = REVERSED[(this.file.get('CR') >>> 5) & 3] as number;
    const input = group === 0 ? data : reverseGroups(data, bits, group);
    const polynomial = this.file.get('POL') || POLYNOMIAL;
    const { width } = this;
    let { remainder } = this;
    for (let bit = bits - 1; bit >= 0; bit--) {
      const feedback = ((remainder >>> (width - 1)) ^ (input >>> bit)) & 1;
      remainder = (remainder << 1) ^ (feedback === 1 ? polynomial : 0);
    }
    this.remainder = remainder;
  }

  private result(): number {
    const { width } = this;
    const value = width === 32 ? this.remainder : this.remainder & (2 ** width - 1);
    return (this.file.get('CR') & 0x80) !== 0 ? reverse(value, width) : value;
  }
}

export const stm32Crc: PeripheralType = { type: 'stm32-crc', create: (site) => new Crc(site) };
