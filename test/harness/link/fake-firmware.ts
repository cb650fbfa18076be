/** A Target without a machine: memory as bytes, and a firmware of a few lines that answers commands. */
import type { ElfImage } from '../../../emulator/index.js';
import { LINK_BYTES, LINK_MAGIC, LINK_OFFSETS, type LinkField } from '../../../harness/link/link-block.js';
import { type Target, TargetStopped } from '../../../harness/link/target.js';

const BASE = 0x20000000;
const BLOCK = BASE + 0x40;
const BUFFERS = BASE + 0x1000;

/** Only what the link asks of an ELF. */
export function fakeElf(symbols: Readonly<Record<string, number>> = { m4lab_link: BLOCK }): ElfImage {
  const symbol = (name: string) => {
    const address = symbols[name];
    return address === undefined
      ? undefined
      : {
          name,
          address,
          thumb: false,
          size: 4,
          type: 'object' as const,
          binding: 'global' as const,
          section: 1,
        };
  };
  return {
    name: 'fake.elf',
    entry: 0,
    segments: [],
    sections: [],
    symbols: [],
    symbol,
    symbolAt: () => undefined,
    attributes: undefined,
  };
}

export class FakeFirmware implements Target {
  readonly memory = new Uint8Array(0x20000);
  readonly view = new DataView(this.memory.buffer);
  /** Field names and plain addresses in the order in which they were written. */
  readonly writes: (LinkField | number)[] = [];
  /** What happens on a command; the returned number becomes the status. */
  answer: (command: number) => number = () => 0;

  constructor() {
    this.set('magic', LINK_MAGIC);
    this.set('version', 1);
  }

  get(field: LinkField): number {
    return this.view.getUint32(BLOCK - BASE + LINK_OFFSETS[field], true);
  }

  set(field: LinkField, value: number): void {
    this.view.setUint32(BLOCK - BASE + LINK_OFFSETS[field], value, true);
  }

  setFloat(field: LinkField, value: number): void {
    this.view.setFloat32(BLOCK - BASE + LINK_OFFSETS[field], value, true);
  }

  /** As the real one does: buffers one after another, by bytes. */
  place(
    sizes: Readonly<Record<'parameters' | 'gradients' | 'windows' | 'labels' | 'probabilities', number>>,
  ): void {
    let at = BUFFERS;
    for (const [name, bytes] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
      this.set(name, at);
      this.set(`${name}Bytes`, bytes);
      at += bytes;
    }
    this.set('arenaBytes', at - BUFFERS);
  }

  readBytes(address: number, length: number): Uint8Array {
    return this.memory.slice(address - BASE, address - BASE + length);
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    this.memory.set(bytes, address - BASE);
    const offset = address - BLOCK;
    const field = (Object.keys(LINK_OFFSETS) as LinkField[]).find((name) => LINK_OFFSETS[name] === offset);
    this.writes.push(offset < LINK_BYTES && field !== undefined ? field : address);
  }

  runUntilWaiting(): void {
    const command = this.get('command');
    if (command === 0) return;
    if (command === 4) throw new TargetStopped('exit', 'the firmware ended with status 0', 0);
    this.view.setInt32(BLOCK - BASE + LINK_OFFSETS.status, this.answer(command), true);
    this.set('command', 0);
  }
}
