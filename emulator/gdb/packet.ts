/**
 * Packets of gdb's remote protocol (gdb manual, E.1): `$data#checksum`, acknowledgements, the interrupt
 * byte. A byte is a character U+0000 to U+00FF here. What a packet asks for is not known here.
 */

/** What came in. */
export type Incoming =
  | { readonly kind: 'packet'; readonly data: string }
  /** A packet whose checksum is wrong. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'ack' }
  /** The last packet sent did not arrive whole. */
  | { readonly kind: 'nack' }
  /** Ctrl-C. */
  | { readonly kind: 'interrupt' };

const INTERRUPT = '\x03';
const ESCAPE = '}';
const ESCAPE_BIT = 0x20;
/** Longer than any packet gdb sends to us: it keeps to PacketSize. */
const MAX_PACKET = 1 << 20;

export function checksumOf(data: string): string {
  let sum = 0;
  for (let k = 0; k < data.length; k++) sum = (sum + data.charCodeAt(k)) & 0xff;
  return sum.toString(16).padStart(2, '0');
}

const flip = (character: string): string => String.fromCharCode(character.charCodeAt(0) ^ ESCAPE_BIT);

/** A whole packet; `#`, `$`, `}` and `*` (which would mean a run of characters) are escaped. */
export function encodePacket(data: string): string {
  const escaped = data.replace(/[#$}*]/g, (character) => ESCAPE + flip(character));
  return `$${escaped}#${checksumOf(escaped)}`;
}

const withoutEscapes = (data: string): string =>
  data.replace(/\}([\s\S])/g, (_all, character: string) => flip(character));

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export const hexOf = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Undefined when the text is no sequence of pairs of hexadecimal digits. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, k) =>
    Number.parseInt(text.slice(2 * k, 2 * k + 2), 16),
  );
}

/** Cuts a stream of characters, in pieces of any length, into what came in. */
export class PacketReader {
  private buffer = '';

  *read(text: string): Generator<Incoming> {
    this.buffer += text;
    for (let next = this.take(); next !== undefined; next = this.take()) {
      if (next !== 'noise') yield next;
    }
  }

  /** Undefined when more is needed. */
  private take(): Incoming | 'noise' | undefined {
    const first = this.buffer[0];
    if (first === undefined) return undefined;
    if (first === '$') return this.takePacket();
    this.buffer = this.buffer.slice(1);
    if (first === '+') return { kind: 'ack' };
    if (first === '-') return { kind: 'nack' };
    return first === INTERRUPT ? { kind: 'interrupt' } : 'noise';
  }

  private takePacket(): Incoming | undefined {
    const end = this.buffer.indexOf('#');
    if (end < 0 && this.buffer.length > MAX_PACKET) {
      this.buffer = '';
      return { kind: 'damaged' };
    }
    if (end < 0 || this.buffer.length < end + 3) return undefined;
    const data = this.buffer.slice(1, end);
    const sent = this.buffer.slice(end + 1, end + 3);
    this.buffer = this.buffer.slice(end + 3);
    if (sent.toLowerCase() !== checksumOf(data)) return { kind: 'damaged' };
    return { kind: 'packet', data: withoutEscapes(data) };
  }
}
