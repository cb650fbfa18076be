/** What a trace tells: one record an instruction, and one for each thing between two instructions. */

/** Any value of 32 bits, unsigned. */
export interface NamedValue {
  readonly name: string;
  readonly value: number;
}

/** One load or store of an instruction. */
export interface MemoryAccess {
  readonly write: boolean;
  readonly address: number;
  /** Bytes: 1, 2 or 4. */
  readonly size: number;
  /** Unsigned, of `size` bytes; undefined: the access failed. */
  readonly value: number | undefined;
}

interface Timed {
  /** The machine's cycles before it. */
  readonly cycle: number;
  /** What it took. The next record's `cycle` is the sum of the two. */
  readonly cycles: number;
}

/** One instruction, with what it did and cost. */
export interface TracedInstruction extends Timed {
  readonly kind: 'instruction';
  readonly address: number;
  /** One or two halfwords, the first one high. */
  readonly word: number;
  readonly size: 2 | 4;
  /** Function and offset, `main+0x12`; undefined where no symbol is. */
  readonly place: string | undefined;
  /** As objdump writes it. */
  readonly text: string;
  /** skipped: its condition failed. faulted: it did nothing, and a fault follows. */
  readonly outcome: 'done' | 'skipped' | 'faulted';
  /**
   * By objdump's names: those it writes, be it with the value they had, and of the special ones those that
   * changed. `pc` stands for a jump.
   */
  readonly registers: readonly NamedValue[];
  /** N, Z, C, V and Q, upper case for those that are set; undefined: as they were. */
  readonly flags: string | undefined;
  /** It came first to the FPU in a handler: the FP registers that the entry had put off were stored. */
  readonly storedFloat: boolean;
  /** In the order of the program's own accesses. */
  readonly accesses: readonly MemoryAccess[];
}

/**
 * enter: an exception was entered. chain: one was entered at the end of another, without unstacking.
 * return: what was interrupted goes on. fault: one was found, its handler follows. sleep: time passed in
 * WFI or WFE. restart: the pc was set from outside (a reset). lockup: nothing goes on.
 */
export type TraceEventKind = 'enter' | 'chain' | 'return' | 'fault' | 'sleep' | 'restart' | 'lockup';

/** What happened between two instructions. */
export interface TracedEvent extends Timed {
  readonly kind: TraceEventKind;
  /** The exception's name, or the fault in words; may be empty. */
  readonly text: string;
  readonly values: readonly NamedValue[];
}

/** One thing that a trace tells. */
export type TraceRecord = TracedInstruction | TracedEvent;
