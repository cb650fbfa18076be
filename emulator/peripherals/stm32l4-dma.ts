/**
 * DMA controller of the STM32L4: seven channels (ST RM0351, chapter DMA; offsets and bits: ST
 * cmsis_device_l4). Memory to memory, and to or from a device that asks by a wire.
 * Interrupts: channels 1 to 7. Each transfer takes a fixed time and none from the core. Not here: channels
 * competing for the bus.
 * Parameters: requests ("<channel>.<CSELR value>" to the wire that asks; without CSELR "<channel>"), cycles
 * (core cycles of one transfer).
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { type ChannelControl, type ChannelEvent, DmaChannel } from './dma-channel.js';
import { DmaRequests } from './dma-requests.js';
import { numberOf } from './parameter.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';

const CHANNELS = [1, 2, 3, 4, 5, 6, 7] as const;
/** Registers of channel 1, and the step to the next. */
const FIRST = 0x08;
const STEP = 0x14;
const CCR = { EN: 1, DIR: 1 << 4, CIRC: 1 << 5, PINC: 1 << 6, MINC: 1 << 7, MEM2MEM: 1 << 14 } as const;
/** Flags of a channel in ISR; GIF stands with any of them. */
const GIF = 1;
const FLAGS: Readonly<Record<ChannelEvent, number>> = { complete: 2, half: 4, error: 8 };

class Dma implements Peripheral {
  private readonly file: RegisterFile;
  private readonly channels: readonly DmaChannel[];
  private readonly requests: DmaRequests;
  private readonly lines: readonly RequestLine[];
  private flags = 0;

  constructor(site: PeripheralSite) {
    this.lines = CHANNELS.map((n) => site.line(n - 1));
    this.requests = new DmaRequests(site, () => this.poll());
    const cycles = numberOf(site, 'cycles', 2);
    this.file = new RegisterFile([
      { name: 'ISR', offset: 0x00, writable: 0, read: () => this.flags },
      { name: 'IFCR', offset: 0x04, store: (value) => this.clear(value), writeOneToClear: true },
      ...CHANNELS.flatMap((n) => this.channelRegisters(n)),
      ...(this.requests.selects ? [this.selection()] : []),
    ]);
    this.channels = CHANNELS.map(
      (n) =>
        new DmaChannel(site, cycles, {
          file: this.file,
          names: { count: `CNDTR${n}`, device: `CPAR${n}`, memory: `CMAR${n}` },
          control: () => controlOf(this.file.get(`CCR${n}`)),
          raise: (event) => this.raise(n, event),
        }),
    );
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.flags = 0;
    for (const channel of this.channels) channel.reset();
    this.update();
  }

  private selection(): RegisterSpec {
    return { name: 'CSELR', offset: 0xa8, writable: 0x0fffffff, written: () => this.poll() };
  }

  private channelRegisters(n: number): RegisterSpec[] {
    const base = FIRST + STEP * (n - 1);
    // Count and addresses are closed to writes while the channel is on.
    const store = (value: number, stored: number): number =>
      (this.file.get(`CCR${n}`) & CCR.EN) !== 0 ? stored : value;
    return [
      { name: `CCR${n}`, offset: base, writable: 0x7fff, written: (now, was) => this.control(n, now, was) },
      { name: `CNDTR${n}`, offset: base + 4, store: (value, stored) => store(value & 0xffff, stored) },
      { name: `CPAR${n}`, offset: base + 8, store },
      { name: `CMAR${n}`, offset: base + 12, store },
    ];
  }

  private control(n: number, now: number, before: number): void {
    if (((now ^ before) & CCR.EN) !== 0) this.channels[n - 1]?.enable((now & CCR.EN) !== 0);
    this.poll();
    this.update();
  }

  /** Lets every channel look whether its device asks. */
  private poll(): void {
    for (const n of CHANNELS) {
      const selected = (this.file.get('CSELR') >>> (4 * (n - 1))) & 15;
      this.channels[n - 1]?.request(this.requests.asks(n, selected));
    }
  }

  private raise(n: number, event: ChannelEvent): void {
    if (event === 'error') this.file.set(`CCR${n}`, this.file.get(`CCR${n}`) & ~CCR.EN);
    this.flags |= (FLAGS[event] | GIF) << (4 * (n - 1));
    this.update();
  }

  /** Clearing GIF clears the channel's flags, and GIF goes with the last of them. */
  private clear(value: number): number {
    for (const n of CHANNELS) {
      const shift = 4 * (n - 1);
      const cleared = (value >>> shift) & 15;
      const left = (cleared & 1) !== 0 ? 0 : (this.flags >>> shift) & 14 & ~cleared;
      this.flags = (this.flags & ~(15 << shift)) | ((left === 0 ? 0 : left | 1) << shift);
    }
    this.update();
    return 0;
  }

  /** The enables of CCR stand where the flags of ISR do. */
  private update(): void {
    for (const n of CHANNELS) {
      const asking = (this.flags >>> (4 * (n - 1))) & this.file.get(`CCR${n}`) & 14;
      this.lines[n - 1]?.set(asking !== 0);
    }
  }
}

function controlOf(ccr: number): ChannelControl {
  const [deviceSize, memorySize] = [1 << ((ccr >>> 8) & 3), 1 << ((ccr >>> 10) & 3)];
  return {
    on: (ccr & CCR.EN) !== 0,
    circular: (ccr & CCR.CIRC) !== 0,
    toDevice: (ccr & CCR.DIR) !== 0,
    unasked: (ccr & CCR.MEM2MEM) !== 0,
    deviceSize,
    deviceStep: (ccr & CCR.PINC) !== 0 ? deviceSize : 0,
    memorySize,
    memoryStep: (ccr & CCR.MINC) !== 0 ? memorySize : 0,
  };
}

export const stm32l4Dma: PeripheralType = { type: 'stm32l4-dma', create: (site) => new Dma(site) };
