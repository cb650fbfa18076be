/**
 * A program's memory as semihosting reads and writes it: as a debugger does, whatever lengths and addresses
 * the program gives. Flash is not written.
 */
import type { Memory } from '../../core/memory.js';

export class GuestBuffers {
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** At any alignment; 0 where no memory is. */
  word(address: number): number {
    const bytes = this.bytes(address, 4);
    return bytes.reduceRight((value, byte) => (value << 8) | byte, 0);
  }

  writeWord(address: number, value: number): boolean {
    return this.memory.writeWord(address, value);
  }

  /** How many of `length` bytes from `address` up lie in one piece of memory. */
  private room(address: number, length: number, writable: boolean): number {
    const window = this.memory.windowAt(address, 1);
    if (window === undefined || (writable && !window.writable)) return 0;
    return Math.min(length, window.start + window.size - (address >>> 0));
  }

  /** Those of `length` bytes that are memory. */
  bytes(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(this.room(address, length, false));
    return bytes.map((_, k) => this.memory.peekByte(address + k) as number);
  }

  /** Up to the first zero, or the end of memory; without it. */
  untilZero(address: number): Uint8Array {
    const bytes: number[] = [];
    for (let at = address; ; at++) {
      const byte = this.memory.peekByte(at);
      if (byte === undefined || byte === 0) return Uint8Array.from(bytes);
      bytes.push(byte);
    }
  }

  /** How many bytes a buffer really has, at most `length`. */
  writableLength(address: number, length: number): number {
    return this.room(address, length, true);
  }

  /** False, and nothing is written, when the bytes do not all go into RAM. */
  write(address: number, bytes: Uint8Array): boolean {
    if (this.room(address, bytes.length, true) < bytes.length) return false;
    this.memory.program(address, bytes);
    return true;
  }
}
