/**
 * DMA controller of the STM32F4: eight streams (ST RM0090, chapter DMA; offsets and bits: ST cmsis_device_f4,
 * stm32f407xx.h). Memory to memory, and to or from a device that asks by a wire. Interrupts: streams 0 to 7.
 * Each transfer takes a fixed time and none from the core. A FIFO that packs items is taken for the bytes it
 * moves, and never runs over. Not here: streams competing for the bus, double buffers, the device as flow
 * controller.
 * Parameters: requests ("<stream>.<CHSEL value>" to the wire that asks), cycles (core cycles of one
 * transfer), memoryToMemory (true for DMA2; the device port of DMA1 does not reach memory).
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { type ChannelControl, type ChannelEvent, DmaChannel } from './dma-channel.js';
import { DmaRequests } from './dma-requests.js';
import { numberOf } from './parameter.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';

const STREAMS = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** Registers of stream 0, and the step to the next. */
const FIRST = 0x10;
const STEP = 0x18;
const CR = { EN: 1, CIRC: 1 << 8, PINC: 1 << 9, MINC: 1 << 10 } as const;
/** EN and the interrupt enables: all else of CR is closed to writes while the stream is on. */
const ALWAYS_OPEN = 0x1f;
const UNMODELLED = { PFCTRL: 1 << 5, PINCOS: 1 << 15, DBM: 1 << 18 } as const;
/** Directions, CR.DIR. */
const TO_DEVICE = 1;
const MEMORY_TO_MEMORY = 2;
/** Flags of a stream; their enables stand in CR one place lower. */
const FLAGS: Readonly<Record<ChannelEvent, number>> = { error: 1 << 3, half: 1 << 4, complete: 1 << 5 };
const ALL_FLAGS = 0x3d;
/** Where the flags of a stream begin, in LISR for streams 0 to 3, in HISR for the rest. */
const FLAG_SHIFTS = [0, 6, 16, 22] as const;

class Dma implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly file: RegisterFile;
  private readonly streams: readonly DmaChannel[];
  private readonly requests: DmaRequests;
  private readonly lines: readonly RequestLine[];

  constructor(site: PeripheralSite) {
    this.site = site;
    this.lines = STREAMS.map((n) => site.line(n));
    this.requests = new DmaRequests(site, () => this.poll());
    const cycles = numberOf(site, 'cycles', 2);
    this.file = new RegisterFile([
      { name: 'LISR', offset: 0x00, writable: 0 },
      { name: 'HISR', offset: 0x04, writable: 0 },
      { name: 'LIFCR', offset: 0x08, store: (value) => this.clear('LISR', value), writeOneToClear: true },
      { name: 'HIFCR', offset: 0x0c, store: (value) => this.clear('HISR', value), writeOneToClear: true },
      ...STREAMS.flatMap((n) => this.streamRegisters(n)),
    ]);
    this.streams = STREAMS.map(
      (n) =>
        new DmaChannel(site, cycles, {
          file: this.file,
          names: { count: `S${n}NDTR`, device: `S${n}PAR`, memory: `S${n}M0AR` },
          control: () => this.controlOf(n),
          raise: (event) => this.raise(n, event),
        }),
    );
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    for (const stream of this.streams) stream.reset();
    this.update();
  }

  private streamRegisters(n: number): RegisterSpec[] {
    const base = FIRST + STEP * n;
    const closed = (open: number) => (value: number, stored: number) =>
      this.isOn(n) ? (stored & ~open) | (value & open) : value;
    return [
      {
        ...{ name: `S${n}CR`, offset: base, store: closed(ALWAYS_OPEN), unmodelled: UNMODELLED },
        written: (now, before) => this.control(n, now, before),
      },
      { name: `S${n}NDTR`, offset: base + 4, store: (value, stored) => closed(0)(value & 0xffff, stored) },
      { name: `S${n}PAR`, offset: base + 8, store: closed(0) },
      { name: `S${n}M0AR`, offset: base + 12, store: closed(0) },
      { name: `S${n}M1AR`, offset: base + 16 },
      { name: `S${n}FCR`, offset: base + 20, reset: 0x21, writable: 0x87 },
    ];
  }

  private isOn(n: number): boolean {
    return (this.file.get(`S${n}CR`) & CR.EN) !== 0;
  }

  private controlOf(n: number): ChannelControl {
    const cr = this.file.get(`S${n}CR`);
    const size = 1 << ((cr >>> 11) & 3);
    const direction = (cr >>> 6) & 3;
    return {
      on: (cr & CR.EN) !== 0,
      circular: (cr & CR.CIRC) !== 0,
      toDevice: direction === TO_DEVICE,
      unasked: direction === MEMORY_TO_MEMORY && this.site.parameters.memoryToMemory === true,
      deviceSize: size,
      deviceStep: (cr & CR.PINC) !== 0 ? size : 0,
      memorySize: size,
      memoryStep: (cr & CR.MINC) !== 0 ? size : 0,
    };
  }

  /** A stream that the program switches off says that it is complete. */
  private control(n: number, now: number, before: number): void {
    if ((now & ~before & CR.EN) !== 0 && ((now >>> 6) & 3) === MEMORY_TO_MEMORY) this.tellOfMemory(n);
    if (((now ^ before) & CR.EN) !== 0) this.streams[n]?.enable((now & CR.EN) !== 0);
    if ((before & ~now & CR.EN) !== 0) this.raise(n, 'complete');
    this.poll();
    this.update();
  }

  private tellOfMemory(n: number): void {
    const { name, parameters } = this.site;
    if (parameters.memoryToMemory === true) return;
    this.site.notice('dma-memory', `${name} cannot move memory to memory: its stream ${n} waits for ever`);
  }

  /** Lets every stream look whether its device asks. */
  private poll(): void {
    for (const n of STREAMS) {
      this.streams[n]?.request(this.requests.asks(n, (this.file.get(`S${n}CR`) >>> 25) & 7));
    }
  }

  private raise(n: number, event: ChannelEvent): void {
    const { on, circular } = this.controlOf(n);
    const over = event === 'error' || (event === 'complete' && !circular);
    if (on && over) this.file.set(`S${n}CR`, this.file.get(`S${n}CR`) & ~CR.EN);
    const status = n < 4 ? 'LISR' : 'HISR';
    this.file.set(status, this.file.get(status) | (FLAGS[event] << shiftOf(n)));
    this.update();
  }

  private clear(status: string, value: number): number {
    this.file.set(status, this.file.get(status) & ~value);
    this.update();
    return 0;
  }

  private update(): void {
    for (const n of STREAMS) {
      const flags = (this.file.get(n < 4 ? 'LISR' : 'HISR') >>> shiftOf(n)) & ALL_FLAGS;
      this.lines[n]?.set(((flags >>> 1) & this.file.get(`S${n}CR`) & ALWAYS_OPEN & ~CR.EN) !== 0);
    }
  }
}

const shiftOf = (n: number): number => FLAG_SHIFTS[n & 3] as number;

export const stm32f4Dma: PeripheralType = { type: 'stm32f4-dma', create: (site) => new Dma(site) };
