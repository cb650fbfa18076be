/**
 * A GPIO port of an STM32 (ST RM0351 and RM0090, chapter GPIO; offsets: ST cmsis_device_l4). Outputs are
 * read back; an input reads its pull-up. Wires: `PA0`... for each pin's level. Not here: alternate
 * functions' pins, open drain, the lock.
 * Parameters: moderReset, ospeedrReset, pupdrReset, brr (false where the port has no BRR).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { numberOf } from './parameter.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';

const PINS = 16;
const OUTPUT = 1;
const PULL_UP = 1;

class Gpio implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly file: RegisterFile;
  /** `PA` for GPIOA. */
  private readonly port: string;
  private levels = 0;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.port = `P${site.name.slice(-1)}`;
    this.file = new RegisterFile([...this.configuration(), ...this.data()]);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.update();
  }

  private configuration(): RegisterSpec[] {
    const written = (): void => this.update();
    const { site } = this;
    return [
      { name: 'MODER', offset: 0x00, reset: numberOf(site, 'moderReset', 0), written },
      { name: 'OTYPER', offset: 0x04, writable: 0xffff },
      { name: 'OSPEEDR', offset: 0x08, reset: numberOf(site, 'ospeedrReset', 0) },
      { name: 'PUPDR', offset: 0x0c, reset: numberOf(site, 'pupdrReset', 0), written },
      { name: 'LCKR', offset: 0x1c, unmodelled: { LCKK: 1 << 16 } },
      { name: 'AFRL', offset: 0x20 },
      { name: 'AFRH', offset: 0x24 },
    ];
  }

  private data(): RegisterSpec[] {
    const output = (change: (odr: number) => number): number => {
      this.file.set('ODR', change(this.file.get('ODR')) & 0xffff);
      this.update();
      return 0;
    };
    const brr: RegisterSpec = { name: 'BRR', offset: 0x28, store: (v) => output((odr) => odr & ~v) };
    return [
      { name: 'IDR', offset: 0x10, writable: 0, read: () => this.levels },
      { name: 'ODR', offset: 0x14, writable: 0xffff, written: () => this.update() },
      // Setting wins over resetting (RM0351, 8.5.7).
      { name: 'BSRR', offset: 0x18, store: (v) => output((odr) => (odr & ~(v >>> 16)) | (v & 0xffff)) },
      ...(this.site.parameters.brr === false ? [] : [brr]),
    ];
  }

  private update(): void {
    const [moder, pupdr, odr] = [this.file.get('MODER'), this.file.get('PUPDR'), this.file.get('ODR')];
    this.levels = 0;
    for (let pin = 0; pin < PINS; pin++) {
      const pulledUp = ((pupdr >>> (2 * pin)) & 3) === PULL_UP;
      const mode = (moder >>> (2 * pin)) & 3;
      const high = mode === OUTPUT ? ((odr >>> pin) & 1) === 1 : mode === 0 && pulledUp;
      if (high) this.levels |= 1 << pin;
      this.site.wires.drive(`${this.port}${pin}`, high);
    }
  }
}

export const stm32Gpio: PeripheralType = { type: 'stm32-gpio', create: (site) => new Gpio(site) };
