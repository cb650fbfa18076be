/**
 * Power control of the STM32L4 (ST RM0351, chapter PWR; offsets: ST cmsis_device_l4, stm32l496xx.h): voltage
 * range, the backup domain's lock. Wires: `PWR.DBP`, and `PWR.RANGE2` while the core runs in range 2. Not
 * here: low-power modes, voltage detectors, pulls in Standby (kept, without effect).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { RegisterFile } from './register-file.js';

const DBP = 1 << 8;
const RANGE2 = 2;

class Pwr implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly file: RegisterFile;

  constructor(site: PeripheralSite) {
    this.site = site;
    const pulls = Array.from({ length: 18 }, (_, k) => ({ name: `PULL${k}`, offset: 0x20 + 4 * k }));
    this.file = new RegisterFile([
      {
        name: 'CR1',
        offset: 0x00,
        reset: 0x200,
        written: () => this.publish(),
        unmodelled: { LPMS: 7, LPR: 1 << 14 },
      },
      { name: 'CR2', offset: 0x04, unmodelled: { PVDE: 1, PVME: 0xf0 } },
      { name: 'CR3', offset: 0x08, reset: 0x8000 },
      { name: 'CR4', offset: 0x0c },
      { name: 'SR1', offset: 0x10, writable: 0 },
      { name: 'SR2', offset: 0x14, writable: 0 },
      { name: 'SCR', offset: 0x18, writable: 0 },
      ...pulls,
      { name: 'CR5', offset: 0x80, reset: 0x100 },
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
    const cr1 = this.file.get('CR1');
    this.site.wires.drive('PWR.DBP', (cr1 & DBP) !== 0);
    this.site.wires.drive('PWR.RANGE2', ((cr1 >>> 9) & 3) === RANGE2);
  }
}

export const stm32l4Pwr: PeripheralType = { type: 'stm32l4-pwr', create: (site) => new Pwr(site) };
