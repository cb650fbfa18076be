/**
 * Reads the numbers and strings of DWARF sections in order (DWARF 5, 7.4-7.6), little-endian. What would lie
 * outside the bytes is Damaged, which stays among the readers of DWARF.
 */

/** The section is not what DWARF says: whoever reads it gives up that part of it. */
export class Damaged extends Error {}

/** A longer name is damage. */
const LONGEST_NAME = 4096;
/** Bits of a LEB128 number that are kept; the rest of its bytes are passed over. */
const LEB_BITS = 32;

const decoder = new TextDecoder();

export class DwarfBytes {
  at: number;
  readonly end: number;
  private readonly view: DataView;

  /** Bytes [start, end) of a section. @throws Damaged when they are not there */
  constructor(
    private readonly bytes: Uint8Array,
    start = 0,
    end = bytes.length,
  ) {
    if (start > end || end > bytes.length) throw new Damaged();
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** Passes over so many bytes. @returns where they start */
  skip(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw new Damaged();
    this.at = start + length;
    return start;
  }

  /** A reader of bytes [start, end) of the same section. */
  part(start: number, end: number): DwarfBytes {
    return new DwarfBytes(this.bytes, start, end);
  }

  u8(): number {
    return this.view.getUint8(this.skip(1));
  }

  i8(): number {
    return this.view.getInt8(this.skip(1));
  }

  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** An offset or length: 8 bytes in the 64-bit format, of which a file here needs the low 4. */
  offset(wide: boolean): number {
    const low = this.u32();
    if (wide && this.u32() !== 0) throw new Damaged();
    return low;
  }

  /** Unsigned LEB128, its low 32 bits. */
  uleb(): number {
    return this.leb().value >>> 0;
  }

  /** Signed LEB128, its low 32 bits. */
  sleb(): number {
    const { value, bits, negative } = this.leb();
    return negative && bits < LEB_BITS ? value | (-1 << bits) : value;
  }

  private leb(): { readonly value: number; readonly bits: number; readonly negative: boolean } {
    let value = 0;
    let bits = 0;
    for (;;) {
      const byte = this.u8();
      if (bits < LEB_BITS) value |= (byte & 0x7f) << bits;
      bits += 7;
      if ((byte & 0x80) === 0) return { value, bits, negative: (byte & 0x40) !== 0 };
    }
  }

  /** Passes over a string and its NUL. @returns where it starts */
  skipName(): number {
    const start = this.at;
    const length = this.bytes.subarray(start, Math.min(this.end, start + LONGEST_NAME)).indexOf(0);
    if (length < 0) throw new Damaged();
    this.at += length + 1;
    return start;
  }

  name(): string {
    const start = this.skipName();
    return decoder.decode(this.bytes.subarray(start, this.at - 1));
  }
}
