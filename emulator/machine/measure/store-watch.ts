/** Keeps the lowest byte that was written of each stack, by looking at the addresses of stores. */
import type { Accessors } from '../../core/memory.js';
import { X } from '../../core/state.js';
import type { Stack } from './stack-use.js';

/** Addresses at which a store may lower a stack's lowest written byte: all others cost one comparison. */
export class StoreWatch {
  private start = 0;
  private size = 0;
  private stacks: readonly Stack[] = [];
  /** Where translated code finds the range. */
  private x: Int32Array | undefined;

  /** @param x words of the core's state */
  shareWith(x: Int32Array): void {
    this.x = x;
    this.share();
  }

  private share(): void {
    if (this.x === undefined) return;
    this.x[X.WATCH_START] = this.start;
    this.x[X.WATCH_SIZE] = this.size;
  }

  /** Takes the stacks' floors as they are now. */
  aim(stacks: readonly Stack[]): void {
    this.stacks = stacks.filter(({ floor }) => floor !== undefined);
    this.narrow();
  }

  private narrow(): void {
    this.start = this.size = 0;
    if (this.stacks.length > 0) {
      this.start = Math.min(...this.stacks.map(({ floor }) => floor ?? 0));
      const end = Math.max(...this.stacks.map(({ lowestWritten }) => lowestWritten));
      this.size = Math.max(0, end - this.start);
    }
    this.share();
  }

  /** A byte at an unsigned address is written. */
  written(address: number): void {
    for (const stack of this.stacks) {
      if (address >= (stack.floor ?? 0) && address < stack.lowestWritten) {
        stack.lowestWritten = address;
        this.narrow();
      }
    }
  }

  /** The same accessors, watched. A store that faults counts too: it ends the run or is the stack's end. */
  over(accessors: Accessors): Accessors {
    const watched =
      (store: (address: number, value: number) => void) =>
      (address: number, value: number): void => {
        if ((address - this.start) >>> 0 < this.size) this.written(address >>> 0);
        store(address, value);
      };
    const { store8, store16, store32, storeAligned16, storeAligned32 } = accessors;
    return {
      ...accessors,
      store8: watched(store8),
      store16: watched(store16),
      store32: watched(store32),
      storeAligned16: watched(storeAligned16),
      storeAligned32: watched(storeAligned32),
    };
  }
}
