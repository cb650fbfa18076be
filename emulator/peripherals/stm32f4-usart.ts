/**
 * USART of the STM32F4, transmitting to the console (ST RM0090, chapter USART; offsets and bits: ST
 * cmsis_device_f4, stm32f407xx.h). A frame takes its baud time. Nothing is ever received. Interrupt: the one
 * line. Wire: `<name>_TX`, its DMA request.
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';
import { Transmitter } from './transmitter.js';

const CR1 = { TE: 1 << 3, TCIE: 1 << 6, TXEIE: 1 << 7, M: 1 << 12, UE: 1 << 13, OVER8: 1 << 15 } as const;
const SR = { TC: 1 << 6, TXE: 1 << 7 } as const;
const DMAT = 1 << 7;
const STOP_BITS = [1, 0.5, 2, 1.5] as const;

class Usart implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly line: RequestLine;
  private readonly file: RegisterFile;
  private readonly transmitter: Transmitter;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.line = site.line(0);
    this.transmitter = new Transmitter(site, () => this.frameCycles());
    this.transmitter.onChange(() => this.update());
    this.file = new RegisterFile(this.specs());
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.transmitter.reset();
    this.update();
  }

  finish(): void {
    this.transmitter.finish();
  }

  private specs(): RegisterSpec[] {
    const written = (): void => this.update();
    const lines = { IREN: 1 << 1, HDSEL: 1 << 3, SCEN: 1 << 5, DMAR: 1 << 6, CTSE: 1 << 9 };
    return [
      { name: 'SR', offset: 0x00, read: () => this.status(), store: (value) => this.clear(value) },
      { name: 'DR', offset: 0x04, read: () => 0, store: (value) => this.transmit(value) },
      { name: 'BRR', offset: 0x08, writable: 0xffff },
      { name: 'CR1', offset: 0x0c, writable: 0xbfff, written, unmodelled: { SBK: 1, RWU: 2 } },
      { name: 'CR2', offset: 0x10, unmodelled: { LINEN: 1 << 14, CLKEN: 1 << 11 } },
      { name: 'CR3', offset: 0x14, written, unmodelled: lines },
      { name: 'GTPR', offset: 0x18 },
    ];
  }

  private on(bit: number): boolean {
    const cr1 = this.file.get('CR1');
    return (cr1 & CR1.UE) !== 0 && (cr1 & bit) !== 0;
  }

  /** BRR counts sixteenths of 16 or eighths of 8 samples: either way periods of the clock a bit. */
  private frameCycles(): number {
    const [cr1, cr2, brr] = [this.file.get('CR1'), this.file.get('CR2'), this.file.get('BRR')];
    const bits = 1 + ((cr1 & CR1.M) !== 0 ? 9 : 8) + (STOP_BITS[(cr2 >>> 12) & 3] as number);
    const ticks = (cr1 & CR1.OVER8) !== 0 ? (brr >>> 4) * 8 + (brr & 7) : brr;
    return this.site.clocks.cyclesFor(this.site.kernelClock, bits * ticks);
  }

  private status(): number {
    const { empty, complete } = this.transmitter;
    return (empty ? SR.TXE : 0) | (complete ? SR.TC : 0);
  }

  /** TC is cleared by writing 0 to it. */
  private clear(value: number): number {
    if ((value & SR.TC) === 0 && this.transmitter.complete) this.transmitter.clearComplete();
    return 0;
  }

  private transmit(data: number): number {
    if (!this.on(CR1.TE)) return 0;
    if (this.file.get('BRR') === 0) {
      this.site.notice('usart-baud', `${this.site.name} transmits with BRR 0: nothing leaves it`);
    }
    this.transmitter.send(data);
    return 0;
  }

  private update(): void {
    const { empty, complete } = this.transmitter;
    const cr1 = this.file.get('CR1');
    const asks = ((cr1 & CR1.TXEIE) !== 0 && empty) || ((cr1 & CR1.TCIE) !== 0 && complete);
    this.line.set((cr1 & CR1.UE) !== 0 && asks);
    const request = this.on(CR1.TE) && empty && (this.file.get('CR3') & DMAT) !== 0;
    this.site.wires.drive(`${this.site.name}_TX`, request);
  }
}

export const stm32f4Usart: PeripheralType = { type: 'stm32f4-usart', create: (site) => new Usart(site) };
