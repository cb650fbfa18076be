/**
 * Runs a machine by units: an instruction, or an IT with those it governs; and says of each whether another
 * Cortex-M4 without this one's devices and exceptions would do the same from the same state.
 */

import type { ExceptionObserver } from '../core/exception-observer.js';
import { CONTROL, word, X } from '../core/state.js';
import { wrapAccessors } from '../core/wrap-accessors.js';
import { decodeAt } from '../decode/decoder.js';
import type { CycleClass } from '../isa/insn.js';
import type { CoreComplex } from './core-complex.js';
import { memoryOf } from './machine-state.js';
import type { RunUntil, Stop } from './stop.js';

/**
 * Why a unit cannot be checked elsewhere. device: it reached a register of a device or of the core, or the
 * bit-band alias; exception: one was entered or left, or FP registers were stacked late; semihosting: a BKPT;
 * event: a device's time had come, which may have changed memory; system, exclusive, wait, hint: of that
 * class of instructions. plain: it can.
 */
export type UnitKind =
  | 'plain'
  | 'device'
  | 'exception'
  | 'semihosting'
  | 'event'
  | 'system'
  | 'exclusive'
  | 'wait'
  | 'hint';

/** A word of RAM as it is now; it may be what it was. */
export interface MemoryChange {
  /** A multiple of 4. */
  readonly address: number;
  /** 32 bits, unsigned. */
  readonly value: number;
}

/** One unit that has run. */
export interface Unit {
  readonly kind: UnitKind;
  /** Instructions retired in it. */
  readonly instructions: number;
  /** Words of RAM that changed in it; of a plain one none are given. */
  readonly changes: readonly MemoryChange[];
  /** How the run stopped, if not for the unit's end. */
  readonly stop: Stop | undefined;
}

/** What is stepped. */
interface SteppedMachine {
  readonly core: CoreComplex;
  readonly instructions: number;
  run(until?: RunUntil): Stop;
}

const BY_CLASS: Readonly<Partial<Record<CycleClass, UnitKind>>> = {
  exception: 'semihosting',
  system: 'system',
  exclusive: 'exclusive',
  wait: 'wait',
  hint: 'hint',
};
const BIT_BAND = { start: 0x2200_0000, end: 0x2400_0000 };

/**
 * RAM as the program's own stores have made it: where it is otherwise, an exception's frame, a device or the
 * host has written.
 */
class RamCopy {
  private readonly now: Int32Array;
  private readonly copy: Int32Array;
  private readonly ranges: readonly {
    readonly start: number;
    readonly first: number;
    readonly last: number;
  }[];
  /** Indices of words that were stored to in the unit. */
  private words: number[] = [];

  constructor({ core }: { readonly core: CoreComplex }) {
    this.now = new Int32Array(core.hostMemory.buffer);
    this.copy = this.now.slice();
    this.ranges = memoryOf({ core })
      .filter(({ writable, alias }) => writable && !alias)
      .map(({ start, bytes }) => {
        const first = bytes.byteOffset >>> 2;
        return { start, first, last: first + (bytes.length >>> 2) };
      });
  }

  copyAll(): void {
    this.copy.set(this.now);
    this.words = [];
  }

  /** @param at in bytes, of the host buffer */
  stored(at: number, size: number): void {
    this.words.push(at >>> 2);
    if ((at & 3) + size > 4) this.words.push((at >>> 2) + 1);
  }

  /** Takes over what was stored. @param all looks everywhere for what was written otherwise */
  changes(wanted: boolean, all: boolean): MemoryChange[] {
    const { words, now, copy } = this;
    if (words.length > 0) this.words = [];
    for (const index of all ? [] : words) copy[index] = now[index] as number;
    if (!wanted) return [];
    return (all ? this.different() : words).flatMap((index) => this.take(index));
  }

  private different(): number[] {
    const { now, copy } = this;
    const found: number[] = [];
    for (const { first, last } of this.ranges)
      for (let k = first; k < last; k++) if (now[k] !== copy[k]) found.push(k);
    return found;
  }

  private take(index: number): MemoryChange[] {
    const value = this.now[index] as number;
    this.copy[index] = value;
    const range = this.ranges.find(({ first, last }) => index >= first && index < last);
    return range === undefined
      ? []
      : [{ address: range.start + 4 * (index - range.first), value: value >>> 0 }];
  }
}

/** Steps one machine, from when it is made until `close`. */
export class UnitSteps {
  private readonly core: CoreComplex;
  private readonly taps: readonly (() => void)[];
  private sawException = false;
  private sawDevice = false;
  private sawBitBand = false;
  private readonly ram: RamCopy;

  constructor(private readonly machine: SteppedMachine) {
    const { core } = machine;
    this.core = core;
    this.ram = new RamCopy(machine);
    const noted = (): void => {
      this.sawException = true;
    };
    const observer: ExceptionObserver = {
      starts: noted,
      entered: noted,
      returned: noted,
      faulted: () => {
        noted();
        return undefined;
      },
    };
    core.exceptions.observers.add(observer);
    this.taps = [
      core.interpreter.addAccessLayer((below) =>
        wrapAccessors(
          below,
          (size, access) => (address) => {
            this.note(address, size, false);
            return access(address);
          },
          (size, access) => (address, value) => {
            this.note(address, size, true);
            access(address, value);
          },
        ),
      ),
      () => core.exceptions.observers.delete(observer),
    ];
  }

  close(): void {
    for (const untap of this.taps) untap();
  }

  /** After the machine was changed otherwise than by steps: restored, written to. */
  restart(): void {
    this.ram.copyAll();
  }

  private note(address: number, size: number, write: boolean): void {
    const window = this.core.memory.windowAt(address, size);
    if (window !== undefined) {
      if (write) this.ram.stored(window.offset + (address >>> 0) - window.start, size);
      return;
    }
    this.sawDevice = true;
    const at = address >>> 0;
    if (at >= BIT_BAND.start && at < BIT_BAND.end) this.sawBitBand = true;
  }

  private classOfNext(): CycleClass | undefined {
    const { memory, state } = this.core;
    const pc = word(state.r, 15);
    return decodeAt((at) => memory.fetch(at), pc)?.insn.cycles;
  }

  /** Runs the next unit. */
  step(): Unit {
    const { machine, core } = this;
    const { x } = core.state;
    this.sawException = this.sawDevice = this.sawBitBand = false;
    const before = machine.instructions;
    const event = core.clock.nextEvent;
    const context = word(x, X.CONTROL) & CONTROL.FPCA;
    const lazy = word(x, X.LAZY_FP);
    // Begun in the middle of an IT block, as after an exception's return.
    let special: UnitKind | undefined = word(x, X.ITSTATE) === 0 ? undefined : 'exception';
    let stop: Stop;
    do {
      const kind = this.classOfNext();
      special ??= kind && BY_CLASS[kind];
      stop = machine.run({ maxInstructions: machine.instructions + 1 });
    } while (stop.reason === 'limit' && word(x, X.ITSTATE) !== 0);
    const due = event <= core.clock.now();
    const stacked = lazy !== 0 && word(x, X.LAZY_FP) === 0;
    const newContext = context === 0 && (word(x, X.CONTROL) & CONTROL.FPCA) !== 0;
    const exception = this.sawException || stacked || newContext;
    const kind = exception ? 'exception' : (special ?? (this.sawDevice ? 'device' : due ? 'event' : 'plain'));
    return {
      kind,
      instructions: machine.instructions - before,
      changes: this.ram.changes(
        kind !== 'plain',
        exception || due || this.sawBitBand || kind === 'semihosting',
      ),
      stop: stop.reason === 'limit' ? undefined : stop,
    };
  }
}
