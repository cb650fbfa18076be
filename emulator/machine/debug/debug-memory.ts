/** Memory and device registers as a debugger reads and writes them: reading changes nothing. */
import type { Machine } from '../machine.js';
import { captureDevices } from '../snapshot.js';

/** The word of a device, read without its side effects; undefined where no register answers. */
function deviceWord(machine: Machine, address: number): number | undefined {
  const putBack = captureDevices(machine);
  const value = machine.core.chip.map.load(address, 4);
  putBack();
  return value ?? undefined;
}

/** As many bytes from `address` up as can be read, at most `length`. */
export function readForDebugger(machine: Machine, address: number, length: number): Uint8Array {
  const bytes: number[] = [];
  const { memory } = machine.core;
  let word: { readonly at: number; readonly value: number | undefined } | undefined;
  for (let at = address; bytes.length < length && at < 2 ** 32; at++) {
    const byte = memory.peekByte(at);
    if (byte !== undefined) {
      bytes.push(byte);
      continue;
    }
    const aligned = (at & ~3) >>> 0;
    if (word?.at !== aligned) word = { at: aligned, value: deviceWord(machine, aligned) };
    if (word.value === undefined) break;
    bytes.push((word.value >>> ((at & 3) * 8)) & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** False when not all of it could be written. */
export function writeForDebugger(machine: Machine, address: number, bytes: Uint8Array): boolean {
  const { memory, chip } = machine.core;
  if (bytes.every((_, k) => memory.peekByte(address + k) !== undefined)) {
    machine.writeBytes(address, bytes);
    return true;
  }
  const size = bytes.length;
  if (size !== 1 && size !== 2 && size !== 4) return false;
  const value = bytes.reduceRight((sum, byte) => (sum << 8) | byte, 0);
  return chip.map.store(address, size, value) === true;
}
