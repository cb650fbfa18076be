/** Signals between devices, by name. */
import type { Wires } from '../ports.js';

export class MachineWires implements Wires {
  private readonly high = new Set<string>();
  private readonly listeners = new Map<string, ((level: boolean) => void)[]>();

  reset(): void {
    this.high.clear();
  }

  level(name: string): boolean {
    return this.high.has(name);
  }

  drive(name: string, level: boolean): void {
    if (this.high.has(name) === level) return;
    if (level) this.high.add(name);
    else this.high.delete(name);
    for (const listener of this.listeners.get(name) ?? []) listener(level);
  }

  onChange(name: string, listener: (level: boolean) => void): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }
}
