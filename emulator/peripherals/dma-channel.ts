/** One channel (or stream) of a DMA controller: its addresses, its count, and a transfer at a time. */
import type { PeripheralSite } from '../ports.js';
import type { RegisterFile } from './register-file.js';

/** What the control register of a channel says. */
export interface ChannelControl {
  readonly on: boolean;
  readonly circular: boolean;
  /** From the address in the memory register to the one in the device register. */
  readonly toDevice: boolean;
  /** Goes on without anybody asking. */
  readonly unasked: boolean;
  /** Bytes of an item at either end, and by how many the address grows with each. */
  readonly deviceSize: number;
  readonly deviceStep: number;
  readonly memorySize: number;
  readonly memoryStep: number;
}

/** Names of a channel's registers in the controller's file. */
export interface ChannelRegisters {
  readonly count: string;
  readonly device: string;
  readonly memory: string;
}

export type ChannelEvent = 'half' | 'complete' | 'error';

export interface ChannelOwner {
  readonly file: RegisterFile;
  readonly names: ChannelRegisters;
  control(): ChannelControl;
  /** On `error`, and where the controller does so on `complete`, it switches the channel off. */
  raise(event: ChannelEvent): void;
}

export class DmaChannel {
  private readonly site: PeripheralSite;
  private readonly cycles: number;
  private readonly owner: ChannelOwner;
  /** The count when the channel was switched on: where a circular one starts anew. */
  private total = 0;
  private requested = false;
  private callOff: (() => void) | undefined;

  /** @param cycles core cycles of one transfer */
  constructor(site: PeripheralSite, cycles: number, owner: ChannelOwner) {
    this.site = site;
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

  private get left(): number {
    return this.owner.file.get(this.owner.names.count);
  }

  private set left(items: number) {
    this.owner.file.set(this.owner.names.count, items);
  }

  private stop(): void {
    this.callOff?.();
    this.callOff = undefined;
  }

  private go(): void {
    if (this.left === 0 || this.callOff !== undefined) return;
    const { on, unasked } = this.owner.control();
    if (!on || !(unasked || this.requested)) return;
    this.callOff = this.site.clock.at(this.site.clock.now() + this.cycles, () => {
      this.callOff = undefined;
      this.transfer();
      this.go();
    });
  }

  private transfer(): void {
    const { file, names } = this.owner;
    const control = this.owner.control();
    const index = this.total - this.left;
    const at = (name: string, step: number): number => ((file.get(name) >>> 0) + index * step) >>> 0;
    const device = { size: control.deviceSize, address: at(names.device, control.deviceStep) };
    const memory = { size: control.memorySize, address: at(names.memory, control.memoryStep) };
    const [from, to] = control.toDevice ? [memory, device] : [device, memory];
    // A device answers by its wire while this is written: the count is first.
    this.left--;
    const value = this.site.bus.load(from.address, from.size);
    const moved = value !== undefined && this.site.bus.store(to.address, to.size, value);
    if (moved) this.progress(control.circular);
    else this.owner.raise('error');
  }

  private progress(circular: boolean): void {
    const { left, total } = this;
    if (left === Math.floor(total / 2) && total > 1) this.owner.raise('half');
    if (left > 0) return;
    if (circular) this.left = total;
    this.owner.raise('complete');
  }
}
