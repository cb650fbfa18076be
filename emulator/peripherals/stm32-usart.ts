/**
 * USART and LPUART of the STM32L4 and later, asynchronous (ST RM0351, chapters USART and LPUART; offsets and
 * bits: ST cmsis_device_l4, stm32l496xx.h). Interrupt: the one line. Wires: `<name>_TX` and `<name>_RX`, its
 * DMA requests. Not here: the idle frame that setting TE sends.
 * Parameters: lowPower (true for an LPUART, whose BRR counts 256ths).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';
import { FLAG, type UsartFamily, UsartPort } from './usart-port.js';

const CR1 = { UE: 1, M0: 1 << 12, CMIE: 1 << 14, OVER8: 1 << 15, M1: 1 << 28 } as const;
const CR3 = { EIE: 1, OVRDIS: 1 << 12, DDRE: 1 << 13 } as const;
const ISR = { BUSY: 1 << 16, CMF: 1 << 17, TEACK: 1 << 21, REACK: 1 << 22, TCBGT: 1 << 25 } as const;
const RXFRQ = 1 << 3;
/** The flags of the receiver that ICR clears, at the same places there. */
const CLEARED_BY_ICR = FLAG.ORE | FLAG.IDLE | ISR.CMF;

const UNMODELLED = {
  CR1: { UESM: 1 << 1, MME: 1 << 13, RTOIE: 1 << 26, EOBIE: 1 << 27 },
  CR2: {
    ...{ CLKEN: 1 << 11, LINEN: 1 << 14, SWAP: 1 << 15, RXINV: 1 << 16, TXINV: 1 << 17, DATAINV: 1 << 18 },
    ...{ MSBFIRST: 1 << 19, ABREN: 1 << 20, RTOEN: 1 << 23 },
  },
  CR3: {
    ...{ IREN: 1 << 1, HDSEL: 1 << 3, SCEN: 1 << 5, CTSE: 1 << 9, CTSIE: 1 << 10, DEM: 1 << 14 },
    ...{ WUFIE: 1 << 22, TCBGTIE: 1 << 24 },
  },
  RQR: { ABRRQ: 1 << 0, SBKRQ: 1 << 1, MMRQ: 1 << 2, TXFRQ: 1 << 4 },
} as const;

class Usart implements Peripheral, UsartFamily {
  readonly enable = CR1.UE;
  private readonly lowPower: boolean;
  private readonly file: RegisterFile;
  private readonly port: UsartPort;

  constructor(site: PeripheralSite) {
    this.lowPower = site.parameters.lowPower === true;
    this.file = new RegisterFile(this.specs());
    this.port = new UsartPort(site, this.file, this);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.port.reset();
  }

  finish(): void {
    this.port.transmitter.finish();
  }

  private specs(): RegisterSpec[] {
    const written = (): void => this.port.changed();
    return [
      { name: 'CR1', offset: 0x00, written: (now) => this.control(now), unmodelled: UNMODELLED.CR1 },
      { name: 'CR2', offset: 0x04, written, unmodelled: UNMODELLED.CR2 },
      { name: 'CR3', offset: 0x08, written, unmodelled: UNMODELLED.CR3 },
      { name: 'BRR', offset: 0x0c, writable: this.lowPower ? 0xfffff : 0xffff, written },
      { name: 'GTPR', offset: 0x10 },
      { name: 'RTOR', offset: 0x14 },
      { name: 'RQR', offset: 0x18, store: (value) => this.request(value), unmodelled: UNMODELLED.RQR },
      { name: 'ISR', offset: 0x1c, writable: 0, read: () => this.status() },
      { name: 'ICR', offset: 0x20, store: (value) => this.clear(value), writeOneToClear: true },
      { name: 'RDR', offset: 0x24, writable: 0, read: () => this.port.take(), readHasEffect: true },
      { name: 'TDR', offset: 0x28, writable: 0x1ff, written: (now) => this.port.transmit(now) },
    ];
  }

  /** UE off puts the flags back. */
  private control(cr1: number): void {
    if ((cr1 & CR1.UE) === 0) this.port.clear(-1);
    this.port.changed();
  }

  private status(): number {
    const { status, sends, receives, receiver } = this.port;
    return (
      status |
      (receiver.busy ? ISR.BUSY : 0) |
      (sends ? ISR.TEACK : 0) |
      (receives ? ISR.REACK : 0) |
      (this.lowPower ? 0 : ISR.TCBGT)
    );
  }

  private request(value: number): number {
    if ((value & RXFRQ) !== 0) this.port.clear(FLAG.RXNE);
    return 0;
  }

  private clear(value: number): number {
    if ((value & FLAG.TC) !== 0) this.port.transmitter.clearComplete();
    this.port.clear(value & CLEARED_BY_ICR);
    return 0;
  }

  wordBits(cr1: number): number {
    if ((cr1 & CR1.M1) !== 0) return 7;
    return (cr1 & CR1.M0) !== 0 ? 9 : 8;
  }

  bitTicks(): number {
    const brr = this.file.get('BRR');
    if (this.lowPower) return brr / 256;
    const oversampled8 = (this.file.get('CR1') & CR1.OVER8) !== 0;
    return oversampled8 ? ((brr & ~15) | ((brr & 7) << 1)) / 2 : brr;
  }

  asks(flags: number): boolean {
    const error = (this.file.get('CR3') & CR3.EIE) !== 0 && (flags & FLAG.ORE) !== 0;
    return error || ((this.file.get('CR1') & CR1.CMIE) !== 0 && (flags & ISR.CMF) !== 0);
  }

  overwrites(): boolean {
    return (this.file.get('CR3') & CR3.OVRDIS) !== 0;
  }

  errorsStopDma(): boolean {
    return (this.file.get('CR3') & CR3.DDRE) !== 0;
  }

  /** CMF: the byte is that of CR2.ADD. */
  flagsOf(byte: number): number {
    return byte === this.file.get('CR2') >>> 24 ? ISR.CMF : 0;
  }
}

export const stm32Usart: PeripheralType = { type: 'stm32-usart', create: (site) => new Usart(site) };
