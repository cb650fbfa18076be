/**
 * What the program reads from its console. All that was ever taken from the source is kept, so that a
 * machine which goes back in time reads the same again.
 */

/** The next bytes, at most `most`; none at the end. Asked only when the program asks. */
export type InputSource = (most: number) => Uint8Array;

export class ConsoleInput {
  private readonly source: InputSource;
  private readonly taken: Uint8Array[] = [];
  /** Bytes in `taken`, and how many of them the program has read. */
  private length = 0;
  private position = 0;

  /** @param source absent: the input is at its end */
  constructor(source: InputSource = () => new Uint8Array(0)) {
    this.source = source;
  }

  /** Before the first byte, as after switching on. */
  rewind(): void {
    this.position = 0;
  }

  /** The next bytes, at most `most`; none at the end. */
  read(most: number): Uint8Array {
    if (this.position === this.length) this.fetch(most);
    const bytes = this.at(this.position, most);
    this.position += bytes.length;
    return bytes;
  }

  private fetch(most: number): void {
    const bytes = this.source(most);
    if (bytes.length === 0) return;
    this.taken.push(bytes);
    this.length += bytes.length;
  }

  /** From one piece; a read that ends with a piece is short, as a terminal's is. */
  private at(position: number, most: number): Uint8Array {
    let start = 0;
    for (const piece of this.taken) {
      if (position < start + piece.length) return piece.slice(position - start, position - start + most);
      start += piece.length;
    }
    return new Uint8Array(0);
  }

  /** What was taken stays taken, whatever moment a machine goes back to. */
  captureState(): () => void {
    const { position } = this;
    return () => {
      this.position = position;
    };
  }
}
