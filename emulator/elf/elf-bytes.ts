/**
 * Bytes of an ELF file with the little-endian readers that elfy calls by Node's names. It takes the place
 * of Node's Buffer, so that the emulator needs no Node API; it is no general reader and checks no ranges.
 */
export class ElfBytes extends Uint8Array {
  static over(bytes: Uint8Array): ElfBytes {
    return new ElfBytes(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }

  readUInt16LE(offset: number): number {
    return this.byte(offset) | (this.byte(offset + 1) << 8);
  }

  readUInt32LE(offset: number): number {
    return (this.readUInt16LE(offset) | (this.readUInt16LE(offset + 2) << 16)) >>> 0;
  }

  /** A view, as Buffer's slice is: a file's bytes are never copied by reading its headers. */
  override slice(start?: number, end?: number): ElfBytes {
    return ElfBytes.over(super.subarray(start, end));
  }

  private byte(offset: number): number {
    return this[offset] ?? 0;
  }
}
