/** Lays an MCU's memory out in one host buffer, so that ranges that adjoin on the bus adjoin there too. */
import type { Window } from '../core/memory.js';
import { type MappedRange, type McuProfile, mappedRanges } from './profile.js';

/** Arm's SRAM region (DDI 0403, B3.1): its memory comes first, because data lies there. */
const SRAM = { start: 0x20000000, end: 0x40000000 };

/** Runs of ranges of one kind without a gap, the longest first. */
function chains(ranges: readonly MappedRange[]): MappedRange[][] {
  const result: MappedRange[][] = [];
  for (const range of ranges) {
    const last = result.at(-1)?.at(-1);
    if (last !== undefined && last.end === range.start && last.region.kind === range.region.kind)
      result.at(-1)?.push(range);
    else result.push([range]);
  }
  return result.sort((a, b) => b.length - a.length);
}

/** Host offsets of the regions by name. */
function place(ranges: readonly MappedRange[], base: number): { offsets: Map<string, number>; end: number } {
  const offsets = new Map<string, number>();
  let end = base;
  for (const chain of chains(ranges)) {
    if (chain.some((range) => offsets.has(range.region.name))) continue;
    for (const { region } of chain) {
      offsets.set(region.name, end);
      end += region.size;
    }
  }
  return { offsets, end };
}

const offsetOf = (offsets: ReadonlyMap<string, number>, range: MappedRange): number =>
  offsets.get(range.region.name) as number;

/** A range as a window, joined to the one before it when they adjoin on the bus and in the buffer. */
function join(windows: Window[], range: MappedRange, offset: number): Window[] {
  const last = windows.at(-1);
  const writable = range.region.kind === 'ram';
  const adjoins =
    last !== undefined &&
    last.writable === writable &&
    last.start + last.size === range.start &&
    last.offset + last.size === offset;
  if (!adjoins) return [...windows, { start: range.start, size: range.region.size, offset, writable }];
  return [...windows.slice(0, -1), { ...last, size: last.size + range.region.size }];
}

const rank = (window: Window, profile: McuProfile): number => {
  if (window.start >= SRAM.start && window.start < SRAM.end) return 0;
  return profile.memory.some((region) => region.base === window.start) ? 1 : 2;
};

/** @param base bytes of the buffer already taken, a multiple of 4 */
export function layOut(profile: McuProfile, base: number): { windows: Window[]; bytes: number } {
  const ranges = mappedRanges(profile);
  const { offsets, end } = place(ranges, base);
  const windows = ranges.reduce<Window[]>((all, range) => join(all, range, offsetOf(offsets, range)), []);
  return { windows: windows.sort((a, b) => rank(a, profile) - rank(b, profile)), bytes: end };
}
