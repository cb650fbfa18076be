/** The MCU's clocks by name, the gates of its devices, and the time that has passed in seconds. */
import type { ClockTree } from '../ports.js';

/** The core's own clock. */
export const CORE_CLOCK = 'core';

export class MachineClockTree implements ClockTree {
  private frequencies = new Map<string, number>();
  private readonly gates = new Map<string, number>();
  private readonly listeners: (() => void)[] = [];
  /** `seconds` was `base` at cycle `since`. */
  private base = 0;
  private since = 0;
  private readonly resetHertz: number;
  private readonly now: () => number;

  /** @param now core cycles since reset */
  constructor(resetHertz: number, now: () => number) {
    this.resetHertz = resetHertz;
    this.now = now;
    this.frequencies.set(CORE_CLOCK, resetHertz);
  }

  /** Time starts anew. */
  reset(): void {
    this.frequencies = new Map([[CORE_CLOCK, this.resetHertz]]);
    this.gates.clear();
    this.base = this.since = 0;
  }

  /** Seconds since reset, with every change of the core's clock. */
  get seconds(): number {
    return this.base + (this.now() - this.since) / this.hertz(CORE_CLOCK);
  }

  hertz(name: string): number {
    return this.frequencies.get(name) ?? 0;
  }

  set(hertz: Readonly<Record<string, number>>): void {
    const changed = Object.keys(hertz).filter((name) => this.hertz(name) !== hertz[name]);
    if (changed.length === 0) return;
    this.base = this.seconds;
    this.since = this.now();
    for (const name of changed) this.frequencies.set(name, hertz[name] as number);
    for (const listener of this.listeners) listener();
  }

  cyclesFor(name: string, ticks: number): number {
    const hertz = this.hertz(name);
    return hertz === 0 ? Number.POSITIVE_INFINITY : (ticks * this.hertz(CORE_CLOCK)) / hertz;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  gateOpen(gate: string): boolean {
    const [register = '', bit = ''] = gate.split('.');
    return (((this.gates.get(register) ?? -1) >>> Number(bit)) & 1) === 1;
  }

  setGates(register: string, bits: number): void {
    this.gates.set(register, bits);
  }
}
