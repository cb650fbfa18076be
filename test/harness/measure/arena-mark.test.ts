import { describe, expect, it } from 'vitest';
import { ArenaMark } from '../../../harness/measure/arena-mark.js';
import { fakeElf } from '../link/fake-firmware.js';

const ARENA = 0x20000100;

/** An arena of so many bytes, painted, with room around it. */
function paintedArena(size: number) {
  const bytes = new Uint8Array(0x1000);
  const memory = {
    readBytes: (address: number, length: number) => bytes.slice(address & 0xfff, (address & 0xfff) + length),
    writeBytes: (address: number, values: Uint8Array) => bytes.set(values, address & 0xfff),
  };
  const symbol = fakeElf({ m4lab_arena: ARENA }).symbol('m4lab_arena');
  if (symbol === undefined) throw new Error('the fake ELF lost its symbol');
  const mark = new ArenaMark(memory, { ...symbol, size });
  mark.paint();
  const view = new DataView(bytes.buffer, ARENA & 0xfff, size);
  return { bytes, view, mark };
}

describe('the arena’s high-water mark', () => {
  it('is 0 before anything is written, and paints nothing outside', () => {
    const { bytes, mark } = paintedArena(64);
    expect(mark.usedBytes()).toBe(0);
    expect([bytes[(ARENA & 0xfff) - 1], bytes[(ARENA & 0xfff) + 64]]).toEqual([0, 0]);
    expect(bytes.subarray(ARENA & 0xfff, (ARENA & 0xfff) + 64).every((byte) => byte === 0)).toBe(false);
  });

  it('ends with the highest word written, whatever lies below', () => {
    const { view, mark } = paintedArena(64);
    view.setFloat32(8, 1.5, true);
    expect(mark.usedBytes()).toBe(12);
    view.setUint32(40, 0, true);
    expect(mark.usedBytes()).toBe(44);
    view.setUint32(60, 5, true);
    expect(mark.usedBytes()).toBe(64);
  });

  it('sees one byte, and a pattern copied from elsewhere', () => {
    const { view, mark } = paintedArena(64);
    view.setUint8(21, view.getUint8(21) ^ 1);
    expect(mark.usedBytes()).toBe(24);
    view.setUint32(52, view.getUint32(12, true), true);
    expect(mark.usedBytes()).toBe(56);
  });

  it('paints with signalling NaNs alone, which no arithmetic gives', () => {
    const { view } = paintedArena(0x400);
    for (let at = 0; at < 0x400; at += 4) {
      const word = view.getUint32(at, true);
      expect(word & 0x7fc00000).toBe(0x7f800000);
      expect(word & 0x003fffff).not.toBe(0);
    }
  });
});
