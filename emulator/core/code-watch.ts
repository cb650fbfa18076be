/** Notices when memory is written of which something was made: translated code, constants in it. */

/** Host bytes that are watched together. */
const BLOCK_BITS = 8;

export class CodeWatch {
  /** Told the number of a watched block that was written. */
  onChange: (block: number) => void = () => undefined;
  private readonly blocks = new Set<number>();

  /** The block of a byte of the host buffer. */
  static blockOf(offset: number): number {
    return offset >>> BLOCK_BITS;
  }

  watch(offset: number): void {
    this.blocks.add(offset >>> BLOCK_BITS);
  }

  isWatched(offset: number): boolean {
    return this.blocks.has(offset >>> BLOCK_BITS);
  }

  /** What is watched depends on what was made, not on the machine's state: a snapshot leaves it as it is. */
  captureState(): () => void {
    return () => undefined;
  }

  clear(): void {
    this.blocks.clear();
  }

  /** Bytes of the host buffer were written, 8 at most. */
  written(offset: number, size: number): void {
    if (this.blocks.size === 0) return;
    if (this.isWatched(offset)) this.onChange(offset >>> BLOCK_BITS);
    else if (this.isWatched(offset + size - 1)) this.onChange((offset + size - 1) >>> BLOCK_BITS);
  }
}
