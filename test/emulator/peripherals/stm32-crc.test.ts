import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bench } from './bench-site.js';

const [DR, CR, INIT, POL] = [0x00, 0x08, 0x10, 0x14];
const check = [...'123456789'].map((c) => c.charCodeAt(0));

describe('the CRC unit', () => {
  it('gives CRC-32/MPEG-2 of bytes, and starts anew on RESET', () => {
    const { read, write } = bench('stm32-crc');
    for (let round = 0; round < 2; round++) {
      for (const byte of check) write(DR, byte, 1);
      expect(read(DR) >>> 0).toBe(0x0376e6e7);
      write(CR, 1);
    }
  });

  it('gives the CRC-32 of zlib with both reversals, but for the last inversion', () => {
    const { read, write } = bench('stm32-crc');
    write(CR, (1 << 5) | (1 << 7) | 1);
    for (const byte of check) write(DR, byte, 1);
    expect(~read(DR) >>> 0).toBe(crc32(Buffer.from(check)));
  });

  it('has 16 bits with another polynomial: CRC-16/CCITT-FALSE', () => {
    const { read, write } = bench('stm32-crc');
    write(POL, 0x1021);
    write(INIT, 0xffff);
    write(CR, (1 << 3) | 1);
    for (const byte of check) write(DR, byte, 1);
    expect(read(DR)).toBe(0x29b1);
  });

  it('takes a word as four bytes, the highest first', () => {
    const [words, bytes] = [bench('stm32-crc'), bench('stm32-crc')];
    words.write(DR, 0x31323334);
    for (const byte of check.slice(0, 4)) bytes.write(DR, byte, 1);
    expect(words.read(DR)).toBe(bytes.read(DR));
  });
});
