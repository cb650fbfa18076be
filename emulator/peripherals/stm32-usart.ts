/**
 * USART and LPUART of the STM32L4 and later, transmitting to the console (ST RM0351, chapters USART and
 * LPUART; offsets and bits: ST cmsis_device_l4, stm32l496xx.h). A frame takes its baud time. Nothing is ever
 * received. Interrupt: the one line. Wire: `<name>_TX`, its DMA request.
 * Parameters: lowPower (true for an LPUART, whose BRR counts 256ths).
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';
import { Transmitter } from './transmitter.js';

const CR1 = { UE: 1, RE: 1 << 2, TE: 1 << 3, TCIE: 1 << 6, TXEIE: 1 << 7, OVER8: 1 << 15 } as const;
const M0 = 1 << 12;
const M1 = 1 << 28;
const DMAT = 1 << 7;
const ISR = { TC: 1 << 6, TXE: 1 << 7, TEACK: 1 << 21, REACK: 1 << 22, TCBGT: 1 << 25 } as const;
const TCCF = 1 << 6;
/** Bits of a frame that CR2.STOP adds. */
const STOP_BITS = [1, 0.5, 2, 1.5] as const;

class Usart implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly line: RequestLine;
  private readonly lowPower: boolean;
  private readonly file: RegisterFile;
  private readonly transmitter: Transmitter;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.line = site.line(0);
    this.lowPower = site.parameters.lowPower === true;
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
    const receive = { PEIE: 1 << 8, MME: 1 << 13, RTOIE: 1 << 26, EOBIE: 1 << 27 };
    const modes = { LINEN: 1 << 14, CLKEN: 1 << 11, SWAP: 1 << 15, MSBFIRST: 1 << 19, ABREN: 1 << 20 };
    const lines = { IREN: 1 << 1, HDSEL: 1 << 3, SCEN: 1 << 5, DMAR: 1 << 6, CTSE: 1 << 9 };
    return [
      { name: 'CR1', offset: 0x00, written, unmodelled: receive },
      { name: 'CR2', offset: 0x04, unmodelled: modes },
      { name: 'CR3', offset: 0x08, written, unmodelled: lines },
      { name: 'BRR', offset: 0x0c, writable: this.lowPower ? 0xfffff : 0xffff },
      { name: 'GTPR', offset: 0x10 },
      { name: 'RTOR', offset: 0x14 },
      { name: 'RQR', offset: 0x18, store: () => 0 },
      { name: 'ISR', offset: 0x1c, writable: 0, read: () => this.status() },
      { name: 'ICR', offset: 0x20, store: (value) => this.clear(value), writeOneToClear: true },
      { name: 'RDR', offset: 0x24, writable: 0 },
      { name: 'TDR', offset: 0x28, writable: 0x1ff, written: (now) => this.transmit(now) },
    ];
  }

  private on(bit: number): boolean {
    const cr1 = this.file.get('CR1');
    return (cr1 & CR1.UE) !== 0 && (cr1 & bit) !== 0;
  }

  private frameCycles(): number {
    const [cr1, cr2, brr] = [this.file.get('CR1'), this.file.get('CR2'), this.file.get('BRR')];
    const data = (cr1 & M1) !== 0 ? 7 : (cr1 & M0) !== 0 ? 9 : 8;
    const bits = 1 + data + (STOP_BITS[(cr2 >>> 12) & 3] as number);
    const oversampled8 = !this.lowPower && (cr1 & CR1.OVER8) !== 0;
    const divider = oversampled8 ? ((brr & ~15) | ((brr & 7) << 1)) / 2 : brr;
    return this.site.clocks.cyclesFor(this.site.kernelClock, (bits * divider) / (this.lowPower ? 256 : 1));
  }

  private transmit(data: number): void {
    if (!this.on(CR1.TE)) return;
    if (this.file.get('BRR') === 0) {
      this.site.notice('usart-baud', `${this.site.name} transmits with BRR 0: nothing leaves it`);
    }
    this.transmitter.send(data);
  }

  private status(): number {
    const { empty, complete } = this.transmitter;
    return (
      (empty ? ISR.TXE : 0) |
      (complete ? ISR.TC : 0) |
      (this.on(CR1.TE) ? ISR.TEACK : 0) |
      (this.on(CR1.RE) ? ISR.REACK : 0) |
      (this.lowPower ? 0 : ISR.TCBGT)
    );
  }

  private clear(value: number): number {
    if ((value & TCCF) !== 0) this.transmitter.clearComplete();
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

export const stm32Usart: PeripheralType = { type: 'stm32-usart', create: (site) => new Usart(site) };
