/**
 * Flash interface of the STM32L4 and STM32F4 (ST RM0351 and RM0090, chapter FLASH; offsets and bits: ST
 * cmsis_device_l4 and cmsis_device_f4). Latency is kept and held against the core clock; locks open by their
 * keys. Not here: programming and erasing, option bytes, the caches' timing.
 * Parameters: layout ("l4" or "f4"), latencyMask, acrReset, range2UpToHz (core clocks up to which 0, 1, 2...
 * wait states are enough in voltage range 2).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { watchLatency } from './flash-latency.js';
import { numberOf, numbersOf } from './parameter.js';
import { RegisterFile, type RegisterSpec, unmodelled } from './register-file.js';

const KEYS = [0x45670123, 0xcdef89ab | 0] as const;
/** After a wrong key: CR stays locked until the next reset. */
const BLOCKED = -1;
const LOCK = 1 << 31;
const OPTIONS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  l4: { PDKEYR: 0x04, OPTKEYR: 0x0c, ECCR: 0x18, PCROP1SR: 0x24, PCROP1ER: 0x28, WRP1AR: 0x2c, WRP1BR: 0x30 },
  f4: { OPTKEYR: 0x08, OPTCR1: 0x18 },
};
/** Offsets of KEYR, SR, CR and the option register, and CR after reset. */
const LAYOUTS = {
  l4: { keyr: 0x08, sr: 0x10, cr: 0x14, optr: 0x20, crReset: 0xc0000000, optrReset: 0xffeff8aa },
  f4: { keyr: 0x04, sr: 0x0c, cr: 0x10, optr: 0x14, crReset: 0x80000000, optrReset: 0x0fffaaed },
} as const;

class Flash implements Peripheral {
  private readonly file: RegisterFile;
  /** Keys that were written in order, or BLOCKED. */
  private keys = 0;
  private readonly look: () => void;

  constructor(site: PeripheralSite) {
    const layout = site.parameters.layout === 'f4' ? 'f4' : 'l4';
    const mask = numberOf(site, 'latencyMask', 7);
    const range2 = numbersOf(site, 'range2UpToHz');
    const needed = (hertz: number): number | undefined =>
      site.wires.level('PWR.RANGE2') && range2.length > 0
        ? range2.findIndex((most) => hertz <= most)
        : site.flashWaitStates(hertz);
    this.look = watchLatency(site, () => this.file.get('ACR') & mask, needed);
    this.file = new RegisterFile([
      { name: 'ACR', offset: 0x00, reset: numberOf(site, 'acrReset', 0), written: () => this.look() },
      ...this.controlRegisters(LAYOUTS[layout]),
      ...unmodelled(OPTIONS[layout] ?? {}),
    ]);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.keys = 0;
    this.file.reset();
  }

  private controlRegisters(layout: (typeof LAYOUTS)[keyof typeof LAYOUTS]): RegisterSpec[] {
    return [
      { name: 'KEYR', offset: layout.keyr, store: (value) => this.key(value) },
      { name: 'SR', offset: layout.sr, writable: 0 },
      {
        name: 'CR',
        offset: layout.cr,
        reset: layout.crReset,
        store: (value, stored) => ((stored & LOCK) !== 0 ? stored : value),
        unmodelled: { programming: 0xff, STRT: 1 << 16, FSTPG: 1 << 18 },
      },
      { name: 'OPTR', offset: layout.optr, reset: layout.optrReset, writable: 0 },
    ];
  }

  private key(value: number): number {
    if ((value | 0) !== KEYS[this.keys]) this.keys = BLOCKED;
    else if (++this.keys === KEYS.length) {
      this.keys = 0;
      this.file.set('CR', this.file.get('CR') & ~LOCK);
    }
    return 0;
  }
}

export const stm32Flash: PeripheralType = { type: 'stm32-flash', create: (site) => new Flash(site) };
