/**
 * A Cortex-M4 of someone else's that goes the way of an interpreter of ours, its guide. It has other devices
 * or none and takes no exceptions: what it cannot do, it is given.
 */
import type { MemoryChange, MemoryRange, UnitKind } from '../../emulator/index.js';
import type { Difference } from './difference.js';

/** Units in a row without an IT block, or an IT block alone, which is one unit. */
export interface Part {
  readonly start: number;
  units: number;
  readonly isBlock: boolean;
}

/** Some units in a row that a follower can do by itself, as the guide did them. */
export interface Segment {
  readonly parts: readonly Part[];
  readonly instructions: number;
  /** Address of the unit behind the last one. */
  readonly end: number;
  /** How often a unit of the segment was followed by that address. */
  readonly arrivals: number;
}

export interface Follower {
  readonly name: string;
  /** What of `MACHINE_STATE` is compared, and the bits of each that count. */
  readonly compared: readonly number[];
  readonly masks: ArrayLike<number>;
  /** What it can do beside plain units. */
  readonly does: ReadonlySet<UnitKind>;
  /** Takes over registers, and all of RAM where it differs from the guide's. */
  takeAll(state: Float64Array): Promise<void> | void;
  /** Takes over registers, and words of RAM. */
  take(state: Float64Array, changes: readonly MemoryChange[]): Promise<void> | void;
  /** @returns what stopped it before its end; undefined: nothing did */
  run(segment: Segment): Promise<string | undefined> | string | undefined;
  /** Its registers, as `machineState` has them; what it lacks stays as it is. */
  read(into: Float64Array): Promise<void> | void;
  /** Where its RAM differs from the guide's. */
  memory(): Promise<Difference[]> | Difference[];
  close(): Promise<void> | void;
}

/** RAM of the guide by its own addresses. */
export const isRam = ({ writable, alias }: MemoryRange): boolean => writable && !alias;

const APSR = 0xf80f_0000;
const FLAGS_ONLY = 16;
const SP = 13;
const OTHER_SP = 22;

/** Of all that a follower may compare: flags alone of xPSR, and a stack pointer without its lowest bits. */
export function masksOf(length: number): Uint32Array {
  const masks = new Uint32Array(length).fill(0xffff_ffff);
  masks[FLAGS_ONLY] = APSR;
  masks[SP] = masks[OTHER_SP] = 0xffff_fffc;
  return masks;
}
