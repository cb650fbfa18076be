/** Notes each load and store of the program, in order. Exception frames and DMA are not seen. */
import type { Accessors } from '../../core/memory.js';
import { Signal, word, X } from '../../core/state.js';
import { wrapAccessors } from '../../core/wrap-accessors.js';
import type { MemoryAccess } from './trace-record.js';

const ofSize = (value: number, size: number): number =>
  size === 4 ? value >>> 0 : value & (size === 2 ? 0xffff : 0xff);

const NONE: readonly MemoryAccess[] = [];

export class AccessLog {
  private entries: MemoryAccess[] = [];

  /** @param x the state's words, where an access that fails leaves its signal */
  constructor(private readonly x: Int32Array) {}

  /** Those since this was last asked. */
  take(): readonly MemoryAccess[] {
    const { entries } = this;
    if (entries.length === 0) return NONE;
    this.entries = [];
    return entries;
  }

  private note(write: boolean, address: number, size: number, value: number): void {
    const failed = word(this.x, X.SIGNAL) !== Signal.none;
    const seen = failed ? undefined : ofSize(value, size);
    this.entries.push({ write, address: address >>> 0, size, value: seen });
  }

  /** The same ways to memory, watched. */
  over(below: Accessors): Accessors {
    return wrapAccessors(
      below,
      (size, access) => (address) => {
        const value = access(address);
        this.note(false, address, size, value);
        return value;
      },
      (size, access) => (address, value) => {
        access(address, value);
        this.note(true, address, size, value);
      },
    );
  }
}
