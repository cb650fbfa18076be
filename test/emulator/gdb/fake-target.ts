/**
 * A target of the protocol that is no machine: three registers, sixteen bytes at 0x100, and stops given in
 * advance.
 */
import type { Target, TargetResume, TargetStop } from '../../../emulator/gdb/target.js';

export class FakeTarget implements Target {
  readonly registers = [
    { name: 'r0', bits: 32, feature: 'core' },
    { name: 'pc', bits: 32, feature: 'core', type: 'code_ptr' },
    { name: 'd0', bits: 64, feature: 'vfp', type: 'ieee_double', group: 'float' },
  ] as const;
  readonly words: (readonly number[])[] = [[0x11223344], [0x8000000], [1, 0x80000000]];
  readonly memory = Uint8Array.from({ length: 16 }, (_, k) => k);
  readonly resumed: TargetResume[] = [];
  readonly asked: string[] = [];
  /** What the next slices end with. */
  stops: (TargetStop | undefined)[] = [];

  readRegister(index: number): readonly number[] | undefined {
    return this.words[index];
  }

  writeRegister(index: number, words: readonly number[]): boolean {
    this.words[index] = words;
    return true;
  }

  readMemory(address: number, length: number): Uint8Array {
    return address < 0x100 ? new Uint8Array() : this.memory.slice(address - 0x100, address - 0x100 + length);
  }

  writeMemory(address: number, bytes: Uint8Array): boolean {
    if (address < 0x100 || address + bytes.length > 0x110) return false;
    this.memory.set(bytes, address - 0x100);
    return true;
  }

  resume(how: TargetResume): void {
    this.resumed.push(how);
  }

  slice(): TargetStop | undefined {
    return this.stops.shift();
  }
}

/** One that can do everything. */
export class CapableTarget extends FakeTarget {
  readonly reversible = true;
  readonly monitor = [{ name: 'echo', summary: 'says it again', run: (args: string) => `${args}\n` }];

  addBreakpoint(address: number): void {
    this.asked.push(`+${address.toString(16)}`);
  }

  removeBreakpoint(address: number): void {
    this.asked.push(`-${address.toString(16)}`);
  }

  addWatchpoint(kind: string, address: number, length: number): void {
    this.asked.push(`+${kind} ${address.toString(16)} ${length}`);
  }

  removeWatchpoint(kind: string, address: number, length: number): void {
    this.asked.push(`-${kind} ${address.toString(16)} ${length}`);
  }

  reset(): void {
    this.asked.push('reset');
  }
}
