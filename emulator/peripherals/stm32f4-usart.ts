/**
 * USART of the STM32F4, asynchronous (ST RM0090, chapter USART; offsets and bits: ST cmsis_device_f4,
 * stm32f407xx.h). Interrupt: the one line. Wires: `<name>_TX` and `<name>_RX`, its DMA requests. Not here:
 * the idle frame that setting TE sends.
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';
import { FLAG, type UsartFamily, UsartPort } from './usart-port.js';

const CR1 = { M: 1 << 12, UE: 1 << 13, OVER8: 1 << 15 } as const;
/** EIE and DMAR: only together do errors interrupt. */
const ERRORS_INTERRUPT = 1 | (1 << 6);
/** Cleared by reading SR, then DR. */
const CLEARED_BY_SEQUENCE = FLAG.ORE | FLAG.IDLE;

const UNMODELLED = {
  CR1: { SBK: 1, RWU: 2 },
  CR2: { LBDIE: 1 << 6, CLKEN: 1 << 11, LINEN: 1 << 14 },
  CR3: { IREN: 1 << 1, HDSEL: 1 << 3, SCEN: 1 << 5, CTSE: 1 << 9, CTSIE: 1 << 10 },
} as const;

class Usart implements Peripheral, UsartFamily {
  readonly enable = CR1.UE;
  private readonly file: RegisterFile;
  private readonly port: UsartPort;
  /** Flags that the last read of SR showed, until DR is read. */
  private seen = 0;

  constructor(site: PeripheralSite) {
    this.file = new RegisterFile(this.specs());
    this.port = new UsartPort(site, this.file, this);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.seen = 0;
    this.port.reset();
  }

  finish(): void {
    this.port.transmitter.finish();
  }

  private specs(): RegisterSpec[] {
    const written = (): void => this.port.changed();
    const readHasEffect = true;
    return [
      { name: 'SR', offset: 0x00, read: () => this.look(), store: (value) => this.clear(value) },
      {
        name: 'DR',
        offset: 0x04,
        read: () => this.take(),
        store: (value) => this.transmit(value),
        readHasEffect,
      },
      { name: 'BRR', offset: 0x08, writable: 0xffff, written },
      { name: 'CR1', offset: 0x0c, writable: 0xbfff, written, unmodelled: UNMODELLED.CR1 },
      { name: 'CR2', offset: 0x10, written, unmodelled: UNMODELLED.CR2 },
      { name: 'CR3', offset: 0x14, written, unmodelled: UNMODELLED.CR3 },
      { name: 'GTPR', offset: 0x18 },
    ];
  }

  private look(): number {
    this.seen = this.port.status;
    return this.seen;
  }

  private take(): number {
    this.port.clear(this.seen & CLEARED_BY_SEQUENCE);
    this.seen = 0;
    return this.port.take();
  }

  /** RXNE and TC are cleared by writing 0 to them. */
  private clear(value: number): number {
    if ((value & FLAG.RXNE) === 0) this.port.clear(FLAG.RXNE);
    if ((value & FLAG.TC) === 0 && this.port.transmitter.complete) this.port.transmitter.clearComplete();
    return 0;
  }

  private transmit(data: number): number {
    this.port.transmit(data);
    return 0;
  }

  wordBits(cr1: number): number {
    return (cr1 & CR1.M) !== 0 ? 9 : 8;
  }

  /** BRR counts sixteenths of 16 or eighths of 8 samples: either way periods of the clock a bit. */
  bitTicks(): number {
    const brr = this.file.get('BRR');
    return (this.file.get('CR1') & CR1.OVER8) !== 0 ? (brr >>> 4) * 8 + (brr & 7) : brr;
  }

  asks(flags: number): boolean {
    return (this.file.get('CR3') & ERRORS_INTERRUPT) === ERRORS_INTERRUPT && (flags & FLAG.ORE) !== 0;
  }

  overwrites(): boolean {
    return false;
  }

  errorsStopDma(): boolean {
    return false;
  }

  flagsOf(): number {
    return 0;
  }
}

export const stm32f4Usart: PeripheralType = { type: 'stm32f4-usart', create: (site) => new Usart(site) };
