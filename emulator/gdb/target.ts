/**
 * What is debugged, as the protocol needs it. What a target leaves out is not offered to gdb: qSupported
 * and the commands follow from it.
 */

export interface TargetRegister {
  readonly name: string;
  readonly bits: 32 | 64;
  /** The standard group of registers it belongs to: `org.gnu.gdb.arm.m-profile`. */
  readonly feature: string;
  /** gdb's type; an integer of its size when absent. */
  readonly type?: string;
  readonly group?: string;
}

/** What to do until the next stop. */
export type TargetResume =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step' }
  /** Steps while the pc lies in [start, end). */
  | { readonly kind: 'stepRange'; readonly start: number; readonly end: number }
  | { readonly kind: 'stepBack' }
  | { readonly kind: 'continueBack' };

export type TargetTrouble =
  | 'illegal'
  | 'arithmetic'
  | 'alignment'
  | 'memory'
  | 'locked'
  | 'unmodelled'
  | 'idle';

export type TargetStop =
  | { readonly kind: 'step' }
  | { readonly kind: 'breakpoint' }
  | { readonly kind: 'watchpoint'; readonly watch: WatchKind; readonly address: number }
  | { readonly kind: 'historyStart' }
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'trouble'; readonly trouble: TargetTrouble; readonly text: string };

export type WatchKind = 'write' | 'read' | 'access';

/** What a debugger can do to a machine; what is absent is not offered to it. */
export interface Target {
  /** In gdb's numbering: the first is 0. */
  readonly registers: readonly TargetRegister[];
  /** Unsigned words, the low one first; undefined for no such register. */
  readRegister(index: number): readonly number[] | undefined;
  /** False when there is no such register. */
  writeRegister(index: number, words: readonly number[]): boolean;
  /** As many bytes from the address up as there are, at most `length`. */
  readMemory(address: number, length: number): Uint8Array;
  /** False when not all of it could be written. */
  writeMemory(address: number, bytes: Uint8Array): boolean;
  /** Says how to go on; `slice` then does it. */
  resume(how: TargetResume): void;
  /** Runs for a short while. Undefined: there was no reason to stop. */
  slice(): TargetStop | undefined;
  addBreakpoint?(address: number): void;
  removeBreakpoint?(address: number): void;
  addWatchpoint?(kind: WatchKind, address: number, length: number): void;
  removeWatchpoint?(kind: WatchKind, address: number, length: number): void;
  /** Can it go back (stepBack, continueBack)? */
  readonly reversible?: boolean;
  /** The debugger has left: what it set goes with it. */
  release?(): void;
  /** As switching it off and on does. */
  reset?(): void;
  /** Commands of gdb's `monitor`, by their first word. */
  readonly monitor?: readonly MonitorCommand[];
}

/** One of gdb's `monitor` commands. */
export interface MonitorCommand {
  readonly name: string;
  /** One line for `monitor help`. */
  readonly summary: string;
  /** @returns what gdb is to print, lines ending in \n */
  run(args: string): string;
}
