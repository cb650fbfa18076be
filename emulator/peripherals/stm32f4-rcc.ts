/**
 * Reset and clock control of the STM32F4 (ST RM0090, chapter RCC; offsets and bits: ST cmsis_device_f4,
 * stm32f407xx.h): oscillators, PLL, system clock, prescalers, gates, reset flags. An oscillator is ready at
 * once. Not here: the I2S PLL, clock outputs, clock security, spread spectrum, ready interrupts.
 * Parameters: hseHz, lseHz (what the board has; 0 for none).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { busClocks } from './bus-prescalers.js';
import { numberOf } from './parameter.js';
import { RegisterFile, type RegisterSpec, unmodelled } from './register-file.js';
import { enableRegisters, resetRegisters } from './reset-gates.js';

const HSI_HZ = 16_000_000;
const LSI_HZ = 32_000;
const CR = { HSION: 1, HSEON: 1 << 16, PLLON: 1 << 24 } as const;
const PLLSRC = 1 << 22;
const READY = 2;
const RMVF = 1 << 24;
const FLAG_BITS = 0xfe000000;
const FLAGS: Readonly<Record<string, number>> = { software: 0x14000000, iwdg: 0x24000000 };
const ENABLES = { AHB1ENR: 0x30, AHB2ENR: 0x34, AHB3ENR: 0x38, APB1ENR: 0x40, APB2ENR: 0x44 };
/** CCM is on after reset. */
const ENABLES_AT_RESET: Readonly<Record<string, number>> = { AHB1ENR: 0x100000 };
const RESETS = { AHB1RSTR: 0x10, AHB2RSTR: 0x14, AHB3RSTR: 0x18, APB1RSTR: 0x20, APB2RSTR: 0x24 };
const IN_SLEEP = { AHB1LPENR: 0x50, AHB2LPENR: 0x54, AHB3LPENR: 0x58, APB1LPENR: 0x60, APB2LPENR: 0x64 };

class Rcc implements Peripheral {
  private readonly file: RegisterFile;
  private readonly site: PeripheralSite;
  private readonly hseHz: number;
  private readonly lseHz: number;
  /** What drives the system clock, by CFGR.SW. */
  private selected = 0;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.hseHz = numberOf(site, 'hseHz', 0);
    this.lseHz = numberOf(site, 'lseHz', 0);
    this.file = new RegisterFile([
      ...this.clockRegisters(),
      ...this.slowClockRegisters(),
      ...enableRegisters(site, ENABLES).map((spec) => ({ ...spec, reset: ENABLES_AT_RESET[spec.name] ?? 0 })),
      ...resetRegisters(site, RESETS),
      ...Object.entries(IN_SLEEP).map(([name, offset]) => ({ name, offset, reset: -1 })),
      ...unmodelled({ SSCGR: 0x80, PLLI2SCFGR: 0x84 }),
    ]);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    const { file, site } = this;
    const cause = site.resetCause();
    const [flags, backup] = [file.get('CSR') & FLAG_BITS, file.get('BDCR')];
    file.reset();
    if (cause !== 'power') {
      file.set('CSR', flags | (FLAGS[cause] ?? 0));
      file.set('BDCR', backup);
    }
    this.selected = 0;
    for (const name of Object.keys(ENABLES)) site.clocks.setGates(name, file.get(name));
    this.work();
  }

  private clockRegisters(): RegisterSpec[] {
    const written = (): void => this.work();
    return [
      {
        name: 'CR',
        offset: 0x00,
        reset: 0x81,
        store: (value) => this.keepSystemClock(value & 0x050d00f9),
        read: (stored) => this.withReady(stored),
        written,
        unmodelled: { CSSON: 1 << 19, PLLI2SON: 1 << 26 },
      },
      { name: 'PLLCFGR', offset: 0x04, reset: 0x24003010, written },
      {
        name: 'CFGR',
        offset: 0x08,
        writable: 0xfffffff3,
        read: (stored) => stored | (this.selected << 2),
        written,
      },
      { name: 'CIR', offset: 0x0c, writable: 0x3f00, unmodelled: { interrupts: 0x3f00 } },
    ];
  }

  private slowClockRegisters(): RegisterSpec[] {
    const written = (): void => this.work();
    return [
      {
        name: 'BDCR',
        offset: 0x70,
        // Closed to writes until PWR_CR.DBP opens the backup domain.
        store: (value, stored) => (this.site.wires.level('PWR.DBP') ? value & 0x18305 : stored),
        read: (stored) => (this.lseHz === 0 ? stored : followBit0(stored)),
        written,
        unmodelled: { RTCEN: 1 << 15 },
      },
      {
        name: 'CSR',
        offset: 0x74,
        reset: 0x0e000000,
        store: (value, stored) => (value & 1) | ((value & RMVF) !== 0 ? 0 : stored & FLAG_BITS),
        read: followBit0,
      },
    ];
  }

  private keepSystemClock(value: number): number {
    return value | ([CR.HSION, CR.HSEON, CR.PLLON][this.selected] as number);
  }

  private withReady(stored: number): number {
    const hse = this.hseHz === 0 ? 0 : (stored & CR.HSEON) << 1;
    return stored | ((stored & CR.HSION) << 1) | hse | ((stored & CR.PLLON) << 1);
  }

  private hertzOf(source: number): number {
    const cr = this.file.get('CR');
    if (source === 0) return (cr & CR.HSION) === 0 ? 0 : HSI_HZ;
    if (source === 1) return (cr & CR.HSEON) === 0 ? 0 : this.hseHz;
    return (cr & CR.PLLON) === 0 ? 0 : this.pllHertz();
  }

  private pllHertz(): number {
    const pll = this.file.get('PLLCFGR');
    const vcoInput = this.hertzOf((pll & PLLSRC) === 0 ? 0 : 1) / Math.max(pll & 0x3f, 1);
    return (vcoInput * ((pll >>> 6) & 0x1ff)) / (2 * (((pll >>> 16) & 3) + 1));
  }

  /** Works out every clock anew. A switch to a source that is not ready waits for it. */
  private work(): void {
    const cfgr = this.file.get('CFGR');
    if ((cfgr & 3) !== 3 && this.hertzOf(cfgr & 3) > 0) this.selected = cfgr & 3;
    const sysclk = this.hertzOf(this.selected);
    const lse = (this.file.get('BDCR') & 1) === 0 ? 0 : this.lseHz;
    const buses = busClocks(sysclk, (cfgr >>> 4) & 15, (cfgr >>> 10) & 7, (cfgr >>> 13) & 7);
    this.site.clocks.set({ ...buses, lse, lsi: LSI_HZ });
  }
}

/** The ready bit of an oscillator whose enable is bit 0. */
const followBit0 = (stored: number): number => (stored & 1 ? stored | READY : stored & ~READY);

export const stm32f4Rcc: PeripheralType = { type: 'stm32f4-rcc', create: (site) => new Rcc(site) };
