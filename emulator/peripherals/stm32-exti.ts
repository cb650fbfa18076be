/**
 * Extended interrupts of an STM32, lines 0 to 15 from the pins (ST RM0351 and RM0090, chapter EXTI;
 * offsets: ST cmsis_device_l4 and cmsis_device_f4).
 * Interrupts: lines 0, 1, 2, 3, 4, 9 to 5, 15 to 10. Not here: the lines of other peripherals, events for
 * WFE.
 * Parameters: imrReset, second (true where there is a second bank of registers).
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { numberOf } from './parameter.js';
import { RegisterFile, type RegisterSpec, unmodelled } from './register-file.js';

const LINES = 16;
const PINS = 0xffff;
/** Lines that share an interrupt, as masks, in the order of the interrupts. */
const GROUPS = [1, 2, 4, 8, 0x10, 0x3e0, 0xfc00] as const;
const SECOND = { IMR2: 0x20, EMR2: 0x24, RTSR2: 0x28, FTSR2: 0x2c, SWIER2: 0x30, PR2: 0x34 };

class Exti implements Peripheral {
  private readonly file: RegisterFile;
  private readonly interrupts: readonly RequestLine[];

  constructor(site: PeripheralSite) {
    this.interrupts = GROUPS.map((_, k) => site.line(k));
    this.file = new RegisterFile([
      ...this.specs(numberOf(site, 'imrReset', 0)),
      ...(site.parameters.second === true ? unmodelled(SECOND) : []),
    ]);
    for (let line = 0; line < LINES; line++) {
      site.wires.onChange(`EXTI${line}`, (level) => this.edge(line, level));
    }
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.update();
  }

  private specs(imrReset: number): RegisterSpec[] {
    const written = (): void => this.update();
    const others = { 'lines above 15': ~PINS };
    return [
      { name: 'IMR', offset: 0x00, reset: imrReset, written },
      { name: 'EMR', offset: 0x04, unmodelled: { events: -1 } },
      { name: 'RTSR', offset: 0x08, unmodelled: others },
      { name: 'FTSR', offset: 0x0c, unmodelled: others },
      {
        name: 'SWIER',
        offset: 0x10,
        writable: PINS,
        written: (now, before) => this.raise(now & ~before),
      },
      { name: 'PR', offset: 0x14, writeOneToClear: true, store: (v, pr) => this.clear(v, pr), written },
    ];
  }

  private edge(line: number, level: boolean): void {
    if (((this.file.get(level ? 'RTSR' : 'FTSR') >>> line) & 1) === 1) this.raise(1 << line);
  }

  /** A line whose interrupt is masked leaves no trace. */
  private raise(lines: number): void {
    this.file.set('PR', this.file.get('PR') | (lines & PINS & this.file.get('IMR')));
    this.update();
  }

  private clear(value: number, pending: number): number {
    this.file.set('SWIER', this.file.get('SWIER') & ~value);
    return pending & ~value;
  }

  private update(): void {
    const asking = this.file.get('PR') & this.file.get('IMR');
    GROUPS.forEach((group, k) => {
      this.interrupts[k]?.set((asking & group) !== 0);
    });
  }
}

export const stm32Exti: PeripheralType = { type: 'stm32-exti', create: (site) => new Exti(site) };
