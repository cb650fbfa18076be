/**
 * Power control of the STM32F4 (ST RM0090, chapter PWR; offsets and bits: ST cmsis_device_f4, stm32f407xx.h).
 * Wire: `PWR.DBP`, the backup domain's lock. Not here: low-power modes, the voltage detector, backup SRAM.
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { RegisterFile } from './register-file.js';

const DBP = 1 << 8;
const VOSRDY = 1 << 14;

class Pwr implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly file: RegisterFile;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.file = new RegisterFile([
      {
        name: 'CR',
        offset: 0x00,
        reset: 0x4000,
        written: () => this.publish(),
        unmodelled: { LPDS: 1, PDDS: 2, PVDE: 1 << 4, FPDS: 1 << 9 },
      },
      { name: 'CSR', offset: 0x04, writable: 0x300, read: (v) => v | VOSRDY, unmodelled: { BRE: 1 << 9 } },
    ]);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.publish();
  }

  private publish(): void {
    this.site.wires.drive('PWR.DBP', (this.file.get('CR') & DBP) !== 0);
  }
}

export const stm32f4Pwr: PeripheralType = { type: 'stm32f4-pwr', create: (site) => new Pwr(site) };
