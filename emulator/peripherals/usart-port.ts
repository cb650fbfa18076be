/**
 * What the USARTs of all STM32 share: sending and receiving as CR1, CR2 and CR3 say, whose bits and status
 * flags stand at the same places in all of them (ST cmsis_device_l4 and cmsis_device_f4). Where a register
 * is, how a flag is cleared and how BRR counts is its family's. Words of 9 bits carry 8 over the serial line.
 */
import type { PeripheralSite, RequestLine } from '../ports.js';
import { Receiver } from './receiver.js';
import type { RegisterFile } from './register-file.js';
import { Transmitter } from './transmitter.js';

const CR1 = { RE: 1 << 2, TE: 1 << 3, RXNEIE: 1 << 5, PS: 1 << 9, PCE: 1 << 10 } as const;
const CR3 = { DMAR: 1 << 6, DMAT: 1 << 7, RTSE: 1 << 8 } as const;
export const FLAG = { ORE: 1 << 3, IDLE: 1 << 4, RXNE: 1 << 5, TC: 1 << 6, TXE: 1 << 7 } as const;
/** IDLEIE, RXNEIE, TCIE and TXEIE of CR1 stand where their flags do. */
const SAME_PLACE = FLAG.IDLE | FLAG.RXNE | FLAG.TC | FLAG.TXE;
/** Bits of a frame that CR2.STOP adds. */
const STOP_BITS = [1, 0.5, 2, 1.5] as const;

/** What differs between families. */
export interface UsartFamily {
  /** CR1.UE. */
  readonly enable: number;
  /** Data bits of a word, parity included, by CR1. */
  wordBits(cr1: number): number;
  /** Periods of the kernel clock that a bit takes. */
  bitTicks(): number;
  /** Interrupts of its own that its flags ask for. */
  asks(flags: number): boolean;
  /** A byte that finds another unread replaces it, and no overrun is seen. */
  overwrites(): boolean;
  /** Errors hold back the DMA request for received bytes. */
  errorsStopDma(): boolean;
  /** Flags of its own that a byte sets. */
  flagsOf(byte: number): number;
}

export class UsartPort {
  readonly transmitter: Transmitter;
  readonly receiver: Receiver;
  private readonly site: PeripheralSite;
  private readonly line: RequestLine;
  private readonly file: RegisterFile;
  private readonly family: UsartFamily;
  /** What the receiver has to say. */
  private flags = 0;
  private data = 0;

  constructor(site: PeripheralSite, file: RegisterFile, family: UsartFamily) {
    this.site = site;
    this.line = site.line(0);
    this.file = file;
    this.family = family;
    const serial = site.serial();
    const frameCycles = (): number => this.frameCycles();
    this.transmitter = new Transmitter(site, serial, frameCycles);
    this.transmitter.onChange(() => this.update());
    this.receiver = new Receiver(site, serial, {
      frameCycles,
      accepts: () => this.receives && !(this.control3(CR3.RTSE) && (this.flags & FLAG.RXNE) !== 0),
      arrived: (byte) => this.arrive(byte),
      silent: () => this.raise(FLAG.IDLE),
    });
  }

  reset(): void {
    this.transmitter.reset();
    this.receiver.stop();
    this.flags = this.data = 0;
    this.update();
  }

  /** Flags of either half. */
  get status(): number {
    const { empty, complete } = this.transmitter;
    return this.flags | (empty ? FLAG.TXE : 0) | (complete ? FLAG.TC : 0);
  }

  get sends(): boolean {
    return this.on(CR1.TE);
  }

  get receives(): boolean {
    return this.on(CR1.RE);
  }

  /** Empties the data register of the receiver. */
  take(): number {
    this.clear(FLAG.RXNE);
    return this.data;
  }

  /** Clears flags of the receiver. */
  clear(flags: number): void {
    this.flags &= ~flags;
    this.changed();
  }

  transmit(data: number): void {
    if (!this.sends) return;
    if (this.file.get('BRR') === 0) {
      this.site.notice('usart-baud', `${this.site.name} transmits with BRR 0: nothing leaves it`);
    }
    this.transmitter.send(data & this.dataMask());
  }

  /** A control register was written. */
  changed(): void {
    if (!this.receives) this.receiver.stop();
    this.receiver.go();
    this.update();
  }

  private on(bit: number): boolean {
    const cr1 = this.file.get('CR1');
    return (cr1 & this.family.enable) !== 0 && (cr1 & bit) !== 0;
  }

  private control3(bit: number): boolean {
    return (this.file.get('CR3') & bit) !== 0;
  }

  private frameCycles(): number {
    const [cr1, cr2] = [this.file.get('CR1'), this.file.get('CR2')];
    const bits = 1 + this.family.wordBits(cr1) + (STOP_BITS[(cr2 >>> 12) & 3] as number);
    return this.site.clocks.cyclesFor(this.site.kernelClock, bits * this.family.bitTicks());
  }

  /** The bits that are data: the parity bit takes the place of the highest. */
  private dataBits(): number {
    const cr1 = this.file.get('CR1');
    return this.family.wordBits(cr1) - ((cr1 & CR1.PCE) !== 0 ? 1 : 0);
  }

  private dataMask(): number {
    return (1 << Math.min(this.dataBits(), 8)) - 1;
  }

  private arrive(byte: number): void {
    const data = this.withParity(byte & this.dataMask());
    if ((this.flags & FLAG.RXNE) === 0 || this.family.overwrites()) this.data = data;
    if ((this.flags & FLAG.RXNE) !== 0) {
      this.receiver.noteLoss();
      if (!this.family.overwrites()) this.flags |= FLAG.ORE;
    }
    this.raise(FLAG.RXNE | this.family.flagsOf(byte));
  }

  private withParity(data: number): number {
    const cr1 = this.file.get('CR1');
    if ((cr1 & CR1.PCE) === 0) return data;
    let parity = (cr1 & CR1.PS) !== 0 ? 1 : 0;
    for (let rest = data; rest !== 0; rest >>>= 1) parity ^= rest & 1;
    return data | (parity << this.dataBits());
  }

  private raise(flags: number): void {
    this.flags |= flags;
    this.update();
  }

  private update(): void {
    const { status } = this;
    const cr1 = this.file.get('CR1');
    const asks =
      (cr1 & status & SAME_PLACE) !== 0 ||
      ((cr1 & CR1.RXNEIE) !== 0 && (status & FLAG.ORE) !== 0) ||
      this.family.asks(status);
    this.line.set((cr1 & this.family.enable) !== 0 && asks);
    const { wires, name } = this.site;
    wires.drive(`${name}_TX`, this.sends && (status & FLAG.TXE) !== 0 && this.control3(CR3.DMAT));
    const held = this.family.errorsStopDma() && (status & FLAG.ORE) !== 0;
    wires.drive(`${name}_RX`, (status & FLAG.RXNE) !== 0 && !held && this.control3(CR3.DMAR));
  }
}
