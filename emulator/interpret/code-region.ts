/** A range of memory with what was decoded there. */
import type { Decoded } from '../decode/decoder.js';
import type { Execute } from './compile.js';

export interface CodeRange {
  readonly start: number;
  readonly size: number;
  /** A store by the program can change what is there. */
  readonly writable: boolean;
  readonly halfwords: Uint16Array;
}

/** Costs of one instruction by state and outcome. */
export interface StepTable {
  steps: Int32Array;
  /** Can EXTRA be other than 0 after it? */
  readonly takesExtra: boolean;
  /** Does it set OUTCOME? What an earlier instruction left there must not count. */
  readonly setsOutcome: boolean;
  /** Computes and keeps the step of an index that is still 0 or past the end. */
  fill(index: number): number;
}

/** A decoded instruction at one address. */
export interface Entry {
  readonly execute: Execute;
  /** Of one that asks first: the one that does not. */
  readonly behindMark?: Entry;
  readonly table: StepTable;
  /** ITSTATE it was compiled for. */
  readonly itState: number;
  readonly takesExtra: boolean;
  /** All ones when it sets OUTCOME, else 0. */
  readonly outcomeMask: number;
  readonly decoded: Decoded | undefined;
  /** What it was decoded from, to notice a store to it. `second` is undefined for a 16-bit encoding. */
  readonly first: number;
  readonly second: number | undefined;
}

export interface Region extends CodeRange {
  /** By halfword from the start, as far as anything was decoded; grows, since flash is mostly empty. */
  entries: (Entry | undefined)[];
}

export const NOWHERE: Region = {
  start: 0,
  size: 0,
  writable: false,
  halfwords: new Uint16Array(0),
  entries: [],
};

/** Has a store changed the code since it was decoded? */
export function isStale(entry: Entry, region: Region, index: number): boolean {
  const { halfwords } = region;
  return (
    halfwords[index] !== entry.first || (entry.second !== undefined && halfwords[index + 1] !== entry.second)
  );
}

/** Lets `entries` hold this index, at least doubled, without a gap that would make a dictionary of it. */
export function makeRoom(region: Region, index: number): void {
  const { entries, size } = region;
  if (index < entries.length) return;
  const ample = Math.min(Math.max(1024, 2 * entries.length), size >>> 1);
  const wider = new Array<Entry | undefined>(Math.max(ample, index + 1));
  for (let k = 0; k < entries.length; k++) wider[k] = entries[k];
  region.entries = wider;
}
