/**
 * m, M, X: memory. A read that runs out of memory gives what there is; one that begins outside is an error.
 */
import { type Command, INVALID, NO_MEMORY, OK } from '../command.js';
import { bytesOf, bytesOfHex, hexOf } from '../packet.js';
import type { Target } from '../target.js';

/** Bytes of one read at most. */
const MOST_BYTES = 0x10000;

interface Place {
  readonly address: number;
  readonly length: number;
}

/** `address,length`, both hexadecimal. */
function placeOf(text: string): Place | undefined {
  const match = /^([0-9a-f]{1,8}),([0-9a-f]{1,8})$/i.exec(text);
  if (match === null) return undefined;
  const [address, length] = [
    Number.parseInt(match[1] as string, 16),
    Number.parseInt(match[2] as string, 16),
  ];
  return { address, length };
}

function read(args: string, target: Target): string {
  const place = placeOf(args);
  if (place === undefined) return INVALID;
  if (place.length === 0) return '';
  const bytes = target.readMemory(place.address, Math.min(place.length, MOST_BYTES));
  return bytes.length === 0 ? NO_MEMORY : hexOf(bytes);
}

function write(args: string, decode: (data: string) => Uint8Array | undefined, target: Target): string {
  const colon = args.indexOf(':');
  const place = placeOf(args.slice(0, colon));
  const bytes = decode(args.slice(colon + 1));
  if (colon < 0 || place === undefined || bytes?.length !== place.length) return INVALID;
  if (bytes.length === 0) return OK;
  return target.writeMemory(place.address, bytes) ? OK : NO_MEMORY;
}

export const memoryCommands: readonly Command[] = [
  { prefix: 'm', handle: (args, { target }) => read(args, target) },
  { prefix: 'M', handle: (args, { target }) => write(args, bytesOfHex, target) },
  { prefix: 'X', handle: (args, { target }) => write(args, bytesOf, target) },
];
