/**
 * What the program reads from its console. All that was ever taken from the source is kept, so that a
 * machine which goes back in time reads the same again.
 */

/** The next bytes, at most `most`; none at the end. Asked only when the program asks. */
export type InputSource = (most: number) => Uint8Array;

/** Asked for at a time, at least: a program may read single bytes. */
const PIECE = 4096;

export class ConsoleInput {
  private readonly source: InputSource;
  private readonly pieces: Uint8Array[] = [];
  /** The next byte: a piece, and the place in it. */
  private piece = 0;
  private offset = 0;

  /** @param source absent: the input is at its end */
  constructor(source: InputSource = () => new Uint8Array(0)) {
    this.source = source;
  }

  /** Before the first byte, as after switching on. */
  rewind(): void {
    this.piece = this.offset = 0;
  }

  /** The next bytes, at most `most`, and as a terminal's line is maybe fewer; none at the end. */
  read(most: number): Uint8Array {
    if (this.piece === this.pieces.length) this.fetch(most);
    const piece = this.pieces[this.piece];
    if (piece === undefined) return new Uint8Array(0);
    const bytes = piece.slice(this.offset, this.offset + most);
    this.offset += bytes.length;
    if (this.offset === piece.length) {
      this.piece++;
      this.offset = 0;
    }
    return bytes;
  }

  private fetch(most: number): void {
    const bytes = this.source(Math.max(most, PIECE));
    if (bytes.length > 0) this.pieces.push(bytes);
  }

  /** What was taken stays taken, whatever moment a machine goes back to. */
  captureState(): () => void {
    const { piece, offset } = this;
    return () => {
      this.piece = piece;
      this.offset = offset;
    };
  }
}
