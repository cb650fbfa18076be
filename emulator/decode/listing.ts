/** Disassembles a stretch of memory, instruction after instruction, with the conditions of its IT blocks. */
import { ITAdvance } from '../isa/pseudocode.js';
import { decode, isWide } from './decoder.js';
import { disassemble } from './disassembler.js';

/** One instruction, or one word or halfword of data. */
export interface ListingLine {
  readonly address: number;
  /** The halfwords of the instruction, or of the data. */
  readonly halfwords: readonly number[];
  /** objdump's text; `.word` and `.short` for data, `<undefined>` for what is no instruction. */
  readonly text: string;
}

/** Is the byte at this address data (a literal pool, a table)? By the mapping symbols $t and $d. */
export type IsData = (address: number) => boolean;

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** @param bytes little-endian, from `address`, which is even */
export function listing(bytes: Uint8Array, address: number, isData: IsData): ListingLine[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: ListingLine[] = [];
  let itState = 0;
  for (let at = 0; at + 1 < bytes.length; ) {
    const line = isData(address + at) ? dataLine(view, at, address) : codeLine(view, at, address, itState);
    lines.push(line);
    const [first = 0] = line.halfwords;
    const opensIT = (first & 0xff00) === 0xbf00 && (first & 0xf) !== 0;
    itState = opensIT ? first & 0xff : ITAdvance(itState);
    at += 2 * line.halfwords.length;
  }
  return lines;
}

function dataLine(view: DataView, at: number, address: number): ListingLine {
  const low = view.getUint16(at, true);
  if (((address + at) & 3) !== 0 || at + 3 >= view.byteLength) {
    return { address: address + at, halfwords: [low], text: `.short ${hex(low, 4)}` };
  }
  const high = view.getUint16(at + 2, true);
  const text = `.word ${hex(view.getUint32(at, true), 8)}`;
  return { address: address + at, halfwords: [low, high], text };
}

function codeLine(view: DataView, at: number, address: number, itState: number): ListingLine {
  const first = view.getUint16(at, true);
  const wide = isWide(first) && at + 3 < view.byteLength;
  const second = wide ? view.getUint16(at + 2, true) : 0;
  const decoded = decode(first, second);
  const condition = itState === 0 ? undefined : itState >>> 4;
  const text = decoded === undefined ? '<undefined>' : disassemble(decoded, address + at, condition);
  return { address: address + at, halfwords: wide ? [first, second] : [first], text };
}
