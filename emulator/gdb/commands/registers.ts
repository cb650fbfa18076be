/** g, G, p, P: registers, in the target's own order and byte order (little-endian). */
import { type Command, INVALID, OK } from '../command.js';
import { bytesOfHex, hexOf } from '../packet.js';
import type { Target } from '../target.js';

function bytesOfWords(words: readonly number[]): number[] {
  return words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]);
}

function wordsOfBytes(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, k) => view.getUint32(4 * k, true));
}

function writeAll(hex: string, target: Target): string {
  const bytes = bytesOfHex(hex);
  const size = target.registers.reduce((sum, { bits }) => sum + bits / 8, 0);
  if (bytes === undefined || bytes.length > size || bytes.length % 4 !== 0) return INVALID;
  let at = 0;
  for (const [index, { bits }] of target.registers.entries()) {
    const end = at + bits / 8;
    if (end > bytes.length) break;
    target.writeRegister(index, wordsOfBytes(bytes.slice(at, end)));
    at = end;
  }
  return OK;
}

function writeOne(args: string, target: Target): string {
  const match = /^([0-9a-f]+)=([0-9a-f]+)$/i.exec(args);
  const index = Number.parseInt(match?.[1] ?? '', 16);
  const bytes = bytesOfHex(match?.[2] ?? '');
  const register = target.registers[index];
  if (register === undefined || bytes === undefined || bytes.length * 8 !== register.bits) return INVALID;
  return target.writeRegister(index, wordsOfBytes(bytes)) ? OK : INVALID;
}

export const registerCommands: readonly Command[] = [
  {
    prefix: 'g',
    handle: (_args, { target }) =>
      target.registers.map((_, index) => hexOf(bytesOfWords(target.readRegister(index) ?? []))).join(''),
  },
  { prefix: 'G', handle: (args, { target }) => writeAll(args, target) },
  {
    prefix: 'p',
    handle: (args, { target }) => {
      const words = /^[0-9a-f]+$/i.test(args) ? target.readRegister(Number.parseInt(args, 16)) : undefined;
      return words === undefined ? INVALID : hexOf(bytesOfWords(words));
    },
  },
  { prefix: 'P', handle: (args, { target }) => writeOne(args, target) },
];
