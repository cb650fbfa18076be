/**
 * System configuration of an STM32: which port's pin is behind each EXTI line (ST RM0351, chapter SYSCFG;
 * offsets: ST cmsis_device_l4 and cmsis_device_f4, the same in both). Wires: `EXTI0` to `EXTI15`. Not here:
 * memory remapping; the rest is kept without effect.
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { RegisterFile } from './register-file.js';

const PORTS = 'ABCDEFGHI';
const LINES = 16;

class Syscfg implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly file: RegisterFile;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.file = new RegisterFile([
      { name: 'MEMRMP', offset: 0x00, unmodelled: { MEM_MODE: 7, FB_MODE: 1 << 8 } },
      { name: 'CFGR1', offset: 0x04, reset: site.parameters.cfgr1Reset === undefined ? 0 : 0x7c000001 },
      ...[1, 2, 3, 4].map((k) => ({
        name: `EXTICR${k}`,
        offset: 4 + 4 * k,
        writable: 0xffff,
        written: () => this.connectAll(),
      })),
      { name: 'SCSR', offset: 0x18, unmodelled: { SRAM2ER: 1 } },
      { name: 'CFGR2', offset: 0x1c, unmodelled: { locks: 0xf } },
    ]);
    for (let line = 0; line < LINES; line++) {
      for (const port of PORTS) site.wires.onChange(`P${port}${line}`, () => this.connect(line));
    }
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.connectAll();
  }

  private connectAll(): void {
    for (let line = 0; line < LINES; line++) this.connect(line);
  }

  private connect(line: number): void {
    const register = this.file.get(`EXTICR${(line >>> 2) + 1}`);
    const port = PORTS[(register >>> (4 * (line & 3))) & 15];
    this.site.wires.drive(`EXTI${line}`, port !== undefined && this.site.wires.level(`P${port}${line}`));
  }
}

export const stm32Syscfg: PeripheralType = { type: 'stm32-syscfg', create: (site) => new Syscfg(site) };
