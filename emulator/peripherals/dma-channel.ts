/** One channel of the STM32L4's DMA controller: its addresses, its count, and a transfer at a time. */
import type { PeripheralSite } from '../ports.js';
import type { RegisterFile } from './register-file.js';

export const EN = 1;
const DIR = 1 << 4;
const CIRC = 1 << 5;
const PINC = 1 << 6;
const MINC = 1 << 7;
const MEM2MEM = 1 << 14;
/** Flags of a channel in ISR. */
const TC = 2;
const HT = 4;
const TE = 8;

export interface ChannelOwner {
  readonly file: RegisterFile;
  /** @param flags of this channel, to be set in ISR */
  raise(flags: number): void;
}

export class DmaChannel {
  readonly number: number;
  private readonly site: PeripheralSite;
  private readonly cycles: number;
  private readonly owner: ChannelOwner;
  /** CNDTR when the channel was switched on: where a circular one starts anew. */
  private total = 0;
  private requested = false;
  private callOff: (() => void) | undefined;

  constructor(site: PeripheralSite, number: number, cycles: number, owner: ChannelOwner) {
    this.site = site;
    this.number = number;
    this.cycles = cycles;
    this.owner = owner;
  }

  reset(): void {
    this.stop();
    this.requested = false;
    this.total = 0;
  }

  enable(on: boolean): void {
    this.stop();
    if (!on) return;
    this.total = this.left;
    this.go();
  }

  request(level: boolean): void {
    this.requested = level;
    this.go();
  }

  private get control(): number {
    return this.owner.file.get(`CCR${this.number}`);
  }

  private get left(): number {
    return this.owner.file.get(`CNDTR${this.number}`);
  }

  private stop(): void {
    this.callOff?.();
    this.callOff = undefined;
  }

  private go(): void {
    const ready = (this.control & EN) !== 0 && this.left > 0 && this.callOff === undefined;
    if (!ready || ((this.control & MEM2MEM) === 0 && !this.requested)) return;
    this.callOff = this.site.clock.at(this.site.clock.now() + this.cycles, () => {
      this.callOff = undefined;
      this.transfer();
      this.go();
    });
  }

  private transfer(): void {
    const { control } = this;
    const { file } = this.owner;
    const index = this.total - this.left;
    const width = (shift: number): number => 1 << ((control >>> shift) & 3);
    const at = (register: string, increments: number, size: number): number =>
      ((file.get(`${register}${this.number}`) >>> 0) + ((control & increments) !== 0 ? index * size : 0)) >>>
      0;
    const device = { size: width(8), address: at('CPAR', PINC, width(8)) };
    const memory = { size: width(10), address: at('CMAR', MINC, width(10)) };
    const [from, to] = (control & DIR) !== 0 ? [memory, device] : [device, memory];
    // A device answers by its wire while this is written: the count is first.
    file.set(`CNDTR${this.number}`, this.left - 1);
    const value = this.site.bus.load(from.address, from.size);
    if (value === undefined || !this.site.bus.store(to.address, to.size, value)) this.fail();
    else this.progress();
  }

  private progress(): void {
    const { left, total } = this;
    if (left === Math.floor(total / 2) && total > 1) this.owner.raise(HT);
    if (left > 0) return;
    if ((this.control & CIRC) !== 0) this.owner.file.set(`CNDTR${this.number}`, total);
    this.owner.raise(TC);
  }

  private fail(): void {
    this.owner.file.set(`CCR${this.number}`, this.control & ~EN);
    this.owner.raise(TE);
  }
}
