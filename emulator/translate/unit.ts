/** What a function of the guest is translated with, and what comes of it. */
import type { FloatCall } from './float-ops.js';
import type { CodeSource } from './instruction-graph.js';
import type { MeasuredCall } from './measured-code.js';
import type { FastWindow } from './memory-code.js';

/** How the floating point of a unit is done: not at all, as FPSCR's usual modes allow, or in any mode. */
export type FloatMode = 'none' | 'fast' | 'exact';

export interface UnitOptions {
  readonly source: CodeSource;
  readonly ram: FastWindow;
  readonly rom: FastWindow;
  readonly floatMode: FloatMode;
  /** CCR.UNALIGN_TRP is set. */
  readonly trapsUnaligned: boolean;
  /** Number of an imported function. */
  hostFunction(name: HostFunction): number;
  /** The place in the table of functions of the guest function at an address. */
  tableIndex(address: number): number;
  /** Number of the type of all guest functions. */
  readonly functionType: number;
}

export type HostFunction =
  | 'chargeDivideSigned'
  | 'chargeDivideUnsigned'
  | 'load'
  | 'store'
  | FloatCall
  | MeasuredCall;

/** A block at which a function can be entered, from the state that goes with it. */
export interface UnitEntry {
  readonly address: number;
  readonly timingState: number;
  /** What the function's first parameter must be. */
  readonly block: number;
}

export interface UnitFunction {
  readonly body: Uint8Array;
  readonly entries: readonly UnitEntry[];
  /** Cycles between two looks at the clock at most. */
  readonly longestStretch: number;
  /** Functions that it calls. */
  readonly callees: ReadonlySet<number>;
  /** Every instruction in it that is known, and whether there are more than were looked at. */
  readonly covered: ReadonlySet<number>;
  readonly isCut: boolean;
  /** Instructions that it leaves to the interpreter; true for those that were not known yet. */
  readonly left: ReadonlyMap<number, boolean>;
}
