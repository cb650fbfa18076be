/**
 * Reset and clock control of the STM32L4 and L4+ (ST RM0351 and RM0432, chapter RCC): oscillators, PLL,
 * system clock, prescalers, gates, reset flags. Offsets and bits: ST cmsis_device_l4, stm32l496xx.h. An
 * oscillator is ready at once. Not here: the PLLs for audio, clock outputs, clock security, ready
 * interrupts.
 * Parameters: hseHz, lseHz (what the board has; 0 for none), pllmWidth (bits of PLLCFGR.PLLM).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { busClocks } from './bus-prescalers.js';
import { numberOf } from './parameter.js';
import { RegisterFile, type RegisterSpec, unmodelled } from './register-file.js';
import { enableRegisters, resetRegisters } from './reset-gates.js';

const MSI_HZ = [1e5, 2e5, 4e5, 8e5, 1e6, 2e6, 4e6, 8e6, 16e6, 24e6, 32e6, 48e6] as const;
const HSI16_HZ = 16_000_000;
const LSI_HZ = 32_000;

const CR = { MSION: 1, MSIRGSEL: 1 << 3, HSION: 1 << 8, HSEON: 1 << 16, PLLON: 1 << 24 } as const;
/** Every ready bit stands beside its enable. */
const FOLLOWS = { [CR.MSION]: 1, [CR.HSION]: 2, [CR.HSEON]: 1, [CR.PLLON]: 1 } as const;
const PLLREN = 1 << 24;
const LSEON = 1;
const READY = 2;
const RMVF = 1 << 23;
const FLAGS: Readonly<Record<string, number>> = {
  power: 0x0c000000,
  software: 0x14000000,
  iwdg: 0x24000000,
};
const BACKUP_WRITABLE = 0x0301833d;

const ENABLES = {
  AHB1ENR: 0x48,
  AHB2ENR: 0x4c,
  AHB3ENR: 0x50,
  APB1ENR1: 0x58,
  APB1ENR2: 0x5c,
  APB2ENR: 0x60,
};
const ENABLES_AT_RESET: Readonly<Record<string, number>> = { AHB1ENR: 0x100 };
const RESETS = {
  AHB1RSTR: 0x28,
  AHB2RSTR: 0x2c,
  AHB3RSTR: 0x30,
  APB1RSTR1: 0x38,
  APB1RSTR2: 0x3c,
  APB2RSTR: 0x40,
};
/** Which clocks run in Sleep mode: here all do. */
const IN_SLEEP = {
  AHB1SMENR: 0x68,
  AHB2SMENR: 0x6c,
  AHB3SMENR: 0x70,
  APB1SMENR1: 0x78,
  APB1SMENR2: 0x7c,
  APB2SMENR: 0x80,
};
/** Kernel clocks that CCIPR chooses by two bits each: the APB, SYSCLK, HSI16, LSE. */
const KERNEL: readonly (readonly [string, number, string])[] = [
  ['usart1', 0, 'pclk2'],
  ['usart2', 2, 'pclk1'],
  ['usart3', 4, 'pclk1'],
  ['uart4', 6, 'pclk1'],
  ['uart5', 8, 'pclk1'],
  ['lpuart1', 10, 'pclk1'],
];

class Rcc implements Peripheral {
  private readonly file: RegisterFile;
  private readonly site: PeripheralSite;
  private readonly hseHz: number;
  private readonly lseHz: number;
  private readonly pllmMask: number;
  /** What drives the system clock, by CFGR.SW. */
  private selected = 0;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.hseHz = numberOf(site, 'hseHz', 0);
    this.lseHz = numberOf(site, 'lseHz', 0);
    this.pllmMask = 2 ** numberOf(site, 'pllmWidth', 3) - 1;
    this.file = new RegisterFile([
      ...this.clockRegisters(),
      ...enableRegisters(site, ENABLES).map((spec) => ({ ...spec, reset: ENABLES_AT_RESET[spec.name] ?? 0 })),
      ...resetRegisters(site, RESETS),
      ...Object.entries(IN_SLEEP).map(([name, offset]) => ({ name, offset, reset: -1 })),
      ...this.otherRegisters(),
      ...unmodelled({ PLLSAI1CFGR: 0x10, PLLSAI2CFGR: 0x14 }),
    ]);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    const { file, site } = this;
    const cause = site.resetCause();
    const [flags, backup] = [file.get('CSR') & 0xff000000, file.get('BDCR')];
    file.reset();
    if (cause !== 'power') {
      file.set('CSR', (file.get('CSR') & ~0xff000000) | flags | (FLAGS[cause] ?? 0));
      file.set('BDCR', backup);
    }
    this.selected = 0;
    for (const name of Object.keys(ENABLES)) site.clocks.setGates(name, file.get(name));
    this.work();
  }

  private clockRegisters(): RegisterSpec[] {
    const written = (): void => this.work();
    const pllBits = { CSSON: 1 << 19, PLLSAI1ON: 1 << 26, PLLSAI2ON: 1 << 28 };
    return [
      {
        name: 'CR',
        offset: 0x00,
        reset: 0x61,
        writable: 0x150d0bfd,
        store: (value) => this.keepSystemClock(value & 0x150d0bfd),
        read: (stored) => this.withReady(stored),
        written,
        unmodelled: pllBits,
      },
      { name: 'ICSCR', offset: 0x04, reset: 0x10000000 },
      {
        name: 'CFGR',
        offset: 0x08,
        writable: 0x7f00bff3,
        read: (stored) => stored | (this.selected << 2),
        written,
      },
      { name: 'PLLCFGR', offset: 0x0c, reset: 0x1000, written },
      { name: 'CSR', offset: 0x94, reset: 0x0c000600, store: storeCsr, read: followBit0, written },
      { name: 'CCIPR', offset: 0x88, written },
      { name: 'CRRCR', offset: 0x98, writable: 1, read: followBit0 },
      {
        name: 'BDCR',
        offset: 0x90,
        // Closed to writes until PWR_CR1.DBP opens the backup domain.
        store: (value, stored) => (this.site.wires.level('PWR.DBP') ? value & BACKUP_WRITABLE : stored),
        read: (stored) => (this.lseHz === 0 ? stored : followBit0(stored)),
        written,
        unmodelled: { LSECSSON: 1 << 5, RTCEN: 1 << 15 },
      },
    ];
  }

  private otherRegisters(): RegisterSpec[] {
    const interrupts = { LSIRDYIE: 1, LSERDYIE: 2, MSIRDYIE: 4, HSIRDYIE: 8, HSERDYIE: 16, PLLRDYIE: 32 };
    return [
      { name: 'CIER', offset: 0x18, unmodelled: interrupts },
      { name: 'CIFR', offset: 0x1c, writable: 0 },
      { name: 'CICR', offset: 0x20, writable: 0 },
      { name: 'CCIPR2', offset: 0x9c },
    ];
  }

  /** The oscillator behind SYSCLK cannot be switched off. */
  private keepSystemClock(value: number): number {
    const enable = [CR.MSION, CR.HSION, CR.HSEON, CR.PLLON][this.selected] as number;
    return value | enable;
  }

  private withReady(stored: number): number {
    let value = stored;
    for (const [enable, shift] of Object.entries(FOLLOWS)) {
      const missing = Number(enable) === CR.HSEON && this.hseHz === 0;
      if ((stored & Number(enable)) !== 0 && !missing) value |= Number(enable) << shift;
    }
    return value;
  }

  private hertzOf(source: number): number {
    const cr = this.file.get('CR');
    if (source === 0) return (cr & CR.MSION) === 0 ? 0 : this.msiHertz(cr);
    if (source === 1) return (cr & CR.HSION) === 0 ? 0 : HSI16_HZ;
    if (source === 2) return (cr & CR.HSEON) === 0 ? 0 : this.hseHz;
    return (cr & CR.PLLON) === 0 ? 0 : this.pllHertz();
  }

  private msiHertz(cr: number): number {
    const range = (cr & CR.MSIRGSEL) !== 0 ? cr >>> 4 : this.file.get('CSR') >>> 8;
    return MSI_HZ[range & 15] ?? 0;
  }

  private pllHertz(): number {
    const pll = this.file.get('PLLCFGR');
    const source = pll & 3;
    if (source === 0 || (pll & PLLREN) === 0) return 0;
    const vcoInput = this.hertzOf(source - 1) / (((pll >>> 4) & this.pllmMask) + 1);
    return (vcoInput * ((pll >>> 8) & 0x7f)) / (2 * (((pll >>> 25) & 3) + 1));
  }

  /** Works out every clock anew. A switch to a source that is not ready waits for it. */
  private work(): void {
    const cfgr = this.file.get('CFGR');
    if (this.hertzOf(cfgr & 3) > 0) this.selected = cfgr & 3;
    const sysclk = this.hertzOf(this.selected);
    const hsi16 = this.hertzOf(1);
    const lse = (this.file.get('BDCR') & LSEON) === 0 ? 0 : this.lseHz;
    const buses = busClocks(sysclk, (cfgr >>> 4) & 15, (cfgr >>> 8) & 7, (cfgr >>> 11) & 7);
    const clocks: Record<string, number> = { ...buses, hsi16, lse, lsi: LSI_HZ };
    const ccipr = this.file.get('CCIPR');
    for (const [name, shift, apb] of KERNEL) {
      clocks[name] = clocks[[apb, 'sysclk', 'hsi16', 'lse'][(ccipr >>> shift) & 3] as string] as number;
    }
    this.site.clocks.set(clocks);
  }
}

/** The ready bit of an oscillator whose enable is bit 0. */
const followBit0 = (stored: number): number => (stored & 1 ? stored | READY : stored & ~READY);

const storeCsr = (value: number, stored: number): number =>
  (value & 0xf01) | ((value & RMVF) !== 0 ? 0 : stored & 0xff000000);

export const stm32l4Rcc: PeripheralType = { type: 'stm32l4-rcc', create: (site) => new Rcc(site) };
