import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  bytesOfHex,
  checksumOf,
  encodePacket,
  hexOf,
  PacketReader,
  textOf,
} from '../../../emulator/gdb/packet.js';

const all = (...pieces: string[]) => {
  const reader = new PacketReader();
  return pieces.flatMap((piece) => [...reader.read(piece)]);
};

describe('packets', () => {
  it('carry the sum of their bytes, modulo 256, in two digits', () => {
    expect(checksumOf('')).toBe('00');
    expect(checksumOf('OK')).toBe('9a');
    expect(encodePacket('OK')).toBe('$OK#9a');
    expect(encodePacket('')).toBe('$#00');
  });

  it('escape what has a meaning, and sum what is sent', () => {
    expect(encodePacket('a#b$c}d*')).toBe(`$a}\x03b}\x04c}]d}\x0a#${checksumOf('a}\x03b}\x04c}]d}\x0a')}`);
  });

  it('are read back as they were written, every byte of them', () => {
    const data = String.fromCharCode(...Array.from({ length: 256 }, (_, k) => k));
    expect(all(encodePacket(data))).toEqual([{ kind: 'packet', data }]);
  });

  it('may come in pieces, several at once, with acknowledgements and an interrupt between', () => {
    expect(all('+$g', '#6', '7+$?#3f-\x03')).toEqual([
      { kind: 'ack' },
      { kind: 'packet', data: 'g' },
      { kind: 'ack' },
      { kind: 'packet', data: '?' },
      { kind: 'nack' },
      { kind: 'interrupt' },
    ]);
  });

  it('with a wrong sum are damaged, and the next one is read', () => {
    expect(all('$g#68$g#67')).toEqual([{ kind: 'damaged' }, { kind: 'packet', data: 'g' }]);
  });

  it('that never end are given up', () => {
    expect(all(`$${'a'.repeat(2 ** 20 + 1)}`)).toEqual([{ kind: 'damaged' }]);
  });
});

describe('bytes', () => {
  it('are characters, and pairs of digits', () => {
    expect(textOf(bytesOf('\x00a\xff'))).toBe('\x00a\xff');
    expect(hexOf([0, 10, 255])).toBe('000aff');
    expect(bytesOfHex('000aFF')).toEqual(Uint8Array.of(0, 10, 255));
    expect(bytesOfHex('0')).toBeUndefined();
    expect(bytesOfHex('0g')).toBeUndefined();
  });
});
