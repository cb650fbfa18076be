/**
 * How far a static arena is really used, whatever the firmware says: the host fills it with a pattern
 * before the firmware plans it, and afterwards looks for the highest word that no longer holds its pattern.
 *
 * The mark is exact to the word because a word that was written cannot still hold its pattern. Each pattern
 * is a signalling NaN that carries the word's own index: arithmetic never yields a signalling NaN (IEEE
 * 754-2019, 6.2), labels are small integers, and a pattern copied from elsewhere carries another index.
 */
import type { ElfSymbol, Machine } from '../../emulator/index.js';

const WORD = 4;
/** Sign 0, exponent all ones, quiet bit 0, and a payload that is never 0. */
const SIGNALLING_NAN = 0x7f800000;
const PAYLOAD_BASE = 0x200000;
const PAYLOAD_MASK = 0x1fffff;

type Memory = Pick<Machine, 'readBytes' | 'writeBytes'>;

/** Remembers one arena; `paint`, let the firmware work, then `usedBytes`. */
export class ArenaMark {
  readonly #words: number;

  /** @param arena the symbol of the arena; its size is the symbol's */
  constructor(
    readonly memory: Memory,
    readonly arena: ElfSymbol,
  ) {
    this.#words = Math.floor(arena.size / WORD);
  }

  paint(): void {
    const view = new DataView(new ArrayBuffer(this.#words * WORD));
    for (let i = 0; i < this.#words; i++) view.setUint32(i * WORD, pattern(i), true);
    this.memory.writeBytes(this.arena.address, new Uint8Array(view.buffer));
  }

  /** Bytes from the arena's start to the end of the highest word written since `paint`; 0 if none was. */
  usedBytes(): number {
    const bytes = this.memory.readBytes(this.arena.address, this.#words * WORD);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = this.#words - 1; i >= 0; i--) {
      if (view.getUint32(i * WORD, true) !== pattern(i)) return (i + 1) * WORD;
    }
    return 0;
  }
}

function pattern(index: number): number {
  return SIGNALLING_NAN | PAYLOAD_BASE | (index & PAYLOAD_MASK);
}
