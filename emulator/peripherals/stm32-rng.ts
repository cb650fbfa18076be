/**
 * Random number generator of an STM32 (ST RM0351, chapter RNG; offsets and bits: ST cmsis_device_l4), here
 * a sequence that the seed fixes: Marsaglia's xorshift of 32 bits. A number is ready at once.
 * Interrupt: the one line. Not here: clock and seed errors.
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { RegisterFile } from './register-file.js';

const RNGEN = 1 << 2;
const IE = 1 << 3;
const DRDY = 1;
/** A state of xorshift must not be 0. */
const SPARE_SEED = 0x6d346c62;

class Rng implements Peripheral {
  private readonly line: RequestLine;
  private readonly file: RegisterFile;
  private state: number;

  constructor(site: PeripheralSite) {
    this.line = site.line(0);
    this.state = site.seed | 0 || SPARE_SEED;
    this.file = new RegisterFile([
      { name: 'CR', offset: 0x00, writable: 0x2c, written: () => this.update() },
      { name: 'SR', offset: 0x04, writable: 0, read: () => (this.enabled ? DRDY : 0) },
      { name: 'DR', offset: 0x08, writable: 0, read: () => (this.enabled ? this.next() : 0) },
    ]);
  }

  get registers() {
    return this.file.registers;
  }

  /** The sequence goes on: noise does not start anew. */
  reset(): void {
    this.file.reset();
    this.update();
  }

  private get enabled(): boolean {
    return (this.file.get('CR') & RNGEN) !== 0;
  }

  private next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x;
  }

  private update(): void {
    this.line.set(this.enabled && (this.file.get('CR') & IE) !== 0);
  }
}

export const stm32Rng: PeripheralType = { type: 'stm32-rng', create: (site) => new Rng(site) };
