/**
 * Registers that hold what was written, as records: reset value, writable bits, what reading adds and what a
 * write sets off. A peripheral is a table of these and the few functions behind them.
 */
import type { Bits, Register } from '../ports.js';

export interface RegisterSpec {
  readonly name: string;
  readonly offset: number;
  /** The value after reset; 0 when absent. */
  readonly reset?: number;
  /** Bits that a write changes; all when absent. */
  readonly writable?: number;
  /** What a read gives, from what is stored; the stored value when absent. */
  readonly read?: (stored: number) => number;
  /** What a write stores, instead of the writable bits of `value`. */
  readonly store?: (value: number, stored: number) => number;
  /** Runs after a write, with what is stored now and was before. */
  readonly written?: (now: number, before: number) => void;
  readonly unmodelled?: Bits | 'all';
  readonly writeOneToClear?: boolean;
  readonly readHasEffect?: boolean;
}

export class RegisterFile {
  readonly registers: readonly Register[];
  private readonly specs: readonly RegisterSpec[];
  private readonly values = new Map<string, number>();

  constructor(specs: readonly RegisterSpec[]) {
    this.specs = specs;
    this.registers = specs.map((spec) => this.register(spec));
    this.reset();
  }

  reset(): void {
    for (const { name, reset = 0 } of this.specs) this.values.set(name, reset | 0);
  }

  /** What a register holds; names are the table's own. */
  get(name: string): number {
    return this.values.get(name) ?? 0;
  }

  /** Changes what a register holds, as hardware does: nothing is set off. */
  set(name: string, value: number): void {
    this.values.set(name, value | 0);
  }

  private register(spec: RegisterSpec): Register {
    const { name, offset, unmodelled } = spec;
    if (unmodelled === 'all') return { name, offset, byteAccess: true, unmodelled };
    return {
      name,
      offset,
      byteAccess: true,
      stored: () => this.get(name),
      read: () => spec.read?.(this.get(name)) ?? this.get(name),
      write: (value) => this.write(spec, value),
      ...(unmodelled === undefined ? {} : { unmodelled }),
      ...(spec.writeOneToClear === true ? { writeOneToClear: true } : {}),
      ...(spec.readHasEffect === true ? { readHasEffect: true } : {}),
    };
  }

  private write(spec: RegisterSpec, value: number): void {
    const before = this.get(spec.name);
    const { writable = -1 } = spec;
    const now = spec.store?.(value, before) ?? (before & ~writable) | (value & writable);
    this.set(spec.name, now);
    spec.written?.(now | 0, before);
  }
}

/** Registers of a block that are known by name only. */
export function unmodelled(names: Readonly<Record<string, number>>): RegisterSpec[] {
  return Object.entries(names).map(([name, offset]) => ({ name, offset, unmodelled: 'all' }));
}
