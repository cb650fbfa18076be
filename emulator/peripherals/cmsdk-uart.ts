/**
 * The APB UART of Arm's Cortex-M System Design Kit, transmitting to the console (Arm DDI 0479, section 4.3;
 * QEMU 7.2, hw/char/cmsdk-apb-uart.c, agrees). A frame is ten bits of BAUDDIV cycles each. Nothing is ever
 * received. Interrupts: transmit, receive, overflow of both.
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { RegisterFile } from './register-file.js';
import { Transmitter } from './transmitter.js';

const TXFULL = 1;
const CTRL = { txEnable: 1, txInterrupt: 1 << 2 } as const;
const FRAME_BITS = 10;
const LEAST_DIVIDER = 16;
const IDENTITY = [4, 0, 0, 0, 0x21, 0xb8, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1] as const;

class CmsdkUart implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly line: RequestLine;
  private readonly file: RegisterFile;
  private readonly transmitter: Transmitter;
  private wasFull = false;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.line = site.line(0);
    this.transmitter = new Transmitter(site, () => this.frameCycles());
    this.transmitter.onChange(() => this.change());
    this.file = new RegisterFile([
      { name: 'DATA', offset: 0x00, store: (value) => this.send(value) },
      { name: 'STATE', offset: 0x04, writable: 0, read: () => (this.transmitter.empty ? 0 : TXFULL) },
      { name: 'CTRL', offset: 0x08, writable: 0x7f, unmodelled: { 'high-speed test mode': 1 << 6 } },
      {
        name: 'INTSTATUS',
        offset: 0x0c,
        writeOneToClear: true,
        store: (v, s) => s & ~v,
        written: () => this.ask(),
      },
      { name: 'BAUDDIV', offset: 0x10, writable: 0xfffff },
      ...IDENTITY.map((reset, k) => ({ name: `ID${k}`, offset: 0xfd0 + 4 * k, reset, writable: 0 })),
    ]);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.transmitter.reset();
    this.wasFull = false;
    this.ask();
  }

  finish(): void {
    this.transmitter.finish();
  }

  private frameCycles(): number {
    const divider = this.file.get('BAUDDIV');
    if (divider < LEAST_DIVIDER) return 0;
    return this.site.clocks.cyclesFor(this.site.kernelClock, FRAME_BITS * divider);
  }

  private send(value: number): number {
    if ((this.file.get('CTRL') & CTRL.txEnable) === 0) return 0;
    if (this.frameCycles() === 0) {
      this.site.notice('uart-baud', `${this.site.name} transmits with BAUDDIV below 16: nothing leaves it`);
    }
    this.transmitter.send(value);
    return 0;
  }

  /** The interrupt is the moment at which the buffer stops being full. */
  private change(): void {
    const full = !this.transmitter.empty;
    if (this.wasFull && !full && (this.file.get('CTRL') & CTRL.txInterrupt) !== 0) {
      this.file.set('INTSTATUS', this.file.get('INTSTATUS') | 1);
    }
    this.wasFull = full;
    this.ask();
  }

  private ask(): void {
    this.line.set((this.file.get('INTSTATUS') & 1) !== 0);
  }
}

export const cmsdkUart: PeripheralType = { type: 'cmsdk-uart', create: (site) => new CmsdkUart(site) };
