/**
 * The APB UART of Arm's Cortex-M System Design Kit (Arm DDI 0479, section 4.3; QEMU 7.2,
 * hw/char/cmsdk-apb-uart.c, agrees). A frame is ten bits of BAUDDIV cycles each. Interrupts: transmit,
 * receive, overrun of both.
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { Receiver } from './receiver.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';
import { Transmitter } from './transmitter.js';

const STATE = { txFull: 1, rxFull: 2, txOverrun: 4, rxOverrun: 8 } as const;
const CTRL = { txEnable: 1, rxEnable: 2, testMode: 1 << 6 } as const;
/** Interrupts: their bits in INTSTATUS; their enables stand in CTRL, two places higher. */
const INTERRUPT = { tx: 1, rx: 2, txOverrun: 4, rxOverrun: 8 } as const;
const OVERRUNS = 12;
const FRAME_BITS = 10;
const LEAST_DIVIDER = 16;
const IDENTITY = [4, 0, 0, 0, 0x21, 0xb8, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1] as const;

class CmsdkUart implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly lines: readonly RequestLine[];
  private readonly file: RegisterFile;
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private wasFull = false;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.lines = [0, 1, 2].map((index) => site.line(index));
    const serial = site.serial();
    const frameCycles = (): number => this.frameCycles();
    this.transmitter = new Transmitter(site, serial, frameCycles);
    this.transmitter.onChange(() => this.sentOn());
    this.receiver = new Receiver(site, serial, {
      frameCycles,
      accepts: () => this.on(CTRL.rxEnable),
      arrived: (byte) => this.arrive(byte),
      silent: () => undefined,
    });
    this.file = new RegisterFile(this.specs());
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.transmitter.reset();
    this.receiver.stop();
    this.wasFull = false;
    this.ask();
  }

  finish(): void {
    this.transmitter.finish();
  }

  private specs(): RegisterSpec[] {
    const written = (): void => this.control();
    return [
      {
        ...{ name: 'DATA', offset: 0x00, readHasEffect: true },
        read: (stored) => this.take(stored),
        store: (value, stored) => this.send(value, stored),
      },
      {
        ...{ name: 'STATE', offset: 0x04, writeOneToClear: true },
        read: (stored) => stored | (this.transmitter.empty ? 0 : STATE.txFull),
        store: (value, stored) => stored & ~(value & OVERRUNS),
        written: () => this.ask(),
      },
      {
        ...{ name: 'CTRL', offset: 0x08, writable: 0x7f, written },
        unmodelled: { 'high-speed test mode': CTRL.testMode },
      },
      {
        ...{ name: 'INTSTATUS', offset: 0x0c, writeOneToClear: true },
        read: (stored) => stored | this.overruns(),
        store: (value, stored) => this.acknowledge(value, stored),
        written: () => this.ask(),
      },
      { name: 'BAUDDIV', offset: 0x10, writable: 0xfffff, written },
      ...IDENTITY.map((reset, k) => ({ name: `ID${k}`, offset: 0xfd0 + 4 * k, reset, writable: 0 })),
    ];
  }

  private on(bit: number): boolean {
    return (this.file.get('CTRL') & bit) !== 0;
  }

  private frameCycles(): number {
    const divider = this.file.get('BAUDDIV');
    if (divider < LEAST_DIVIDER) return 0;
    return this.site.clocks.cyclesFor(this.site.kernelClock, FRAME_BITS * divider);
  }

  private send(value: number, held: number): number {
    if (!this.on(CTRL.txEnable)) return held;
    if (this.frameCycles() === 0) {
      this.site.notice('uart-baud', `${this.site.name} transmits with BAUDDIV below 16: nothing leaves it`);
    }
    if (!this.transmitter.empty) this.addState(STATE.txOverrun);
    this.transmitter.send(value & 0xff);
    return held;
  }

  private take(held: number): number {
    this.file.set('STATE', this.file.get('STATE') & ~STATE.rxFull);
    return held;
  }

  /** A byte that finds another unread takes its place. */
  private arrive(byte: number): void {
    if ((this.file.get('STATE') & STATE.rxFull) !== 0) {
      this.receiver.noteLoss();
      this.addState(STATE.rxOverrun);
    }
    this.file.set('DATA', byte);
    this.addState(STATE.rxFull);
    this.interrupt(INTERRUPT.rx);
  }

  private addState(bits: number): void {
    this.file.set('STATE', this.file.get('STATE') | bits);
    this.ask();
  }

  private control(): void {
    if (!this.on(CTRL.rxEnable)) this.receiver.stop();
    this.receiver.go();
    this.ask();
  }

  /** The interrupt is the moment at which the buffer stops being full. */
  private sentOn(): void {
    const full = !this.transmitter.empty;
    const emptied = this.wasFull && !full;
    this.wasFull = full;
    if (emptied) this.interrupt(INTERRUPT.tx);
  }

  private interrupt(bit: number): void {
    if (this.on(bit << 2)) this.file.set('INTSTATUS', this.file.get('INTSTATUS') | bit);
    this.ask();
  }

  /** Overruns of STATE show in INTSTATUS while their interrupts are on, and are cleared in either. */
  private overruns(): number {
    return this.file.get('STATE') & (this.file.get('CTRL') >>> 2) & OVERRUNS;
  }

  private acknowledge(value: number, stored: number): number {
    this.file.set('STATE', this.file.get('STATE') & ~(value & OVERRUNS));
    return stored & ~value;
  }

  private ask(): void {
    const pending = this.file.get('INTSTATUS') | this.overruns();
    const [transmit, receive, overrun] = this.lines;
    transmit?.set((pending & INTERRUPT.tx) !== 0);
    receive?.set((pending & INTERRUPT.rx) !== 0);
    overrun?.set((pending & OVERRUNS) !== 0);
  }
}

export const cmsdkUart: PeripheralType = { type: 'cmsdk-uart', create: (site) => new CmsdkUart(site) };
