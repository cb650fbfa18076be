/** The handles that a program has open: small numbers from 1 up, the lowest free one first. */
import type { Stream } from './streams.js';

const MOST = 64;

export class Handles {
  private readonly open = new Map<number, Stream>();

  reset(): void {
    this.open.clear();
  }

  /** Undefined when there are too many. */
  add(stream: Stream): number | undefined {
    for (let handle = 1; handle <= MOST; handle++) {
      if (this.open.has(handle)) continue;
      this.open.set(handle, stream);
      return handle;
    }
    return undefined;
  }

  get(handle: number): Stream | undefined {
    return this.open.get(handle);
  }

  /** False when it was not open. */
  close(handle: number): boolean {
    return this.open.delete(handle);
  }
}
