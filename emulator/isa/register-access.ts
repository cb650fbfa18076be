/**
 * R[n] of the Arm ARM where a field may name R15, and the one choice made for registers the manual forbids
 * there.
 */
import type { Ops, Values } from './ops.js';

export const BAD_REGISTER =
  'R13 is read and written like any other, R15 reads as the PC and a write to it is dropped';

/** R13 or R15 in a field of a 32-bit encoding. */
export function isBad(...registers: readonly number[]): boolean {
  return registers.some((r) => r === 13 || r === 15);
}

export function readR<V extends Values>(o: Ops<V>, n: number): V['i32'] {
  return n === 15 ? o.PC() : o.R(n);
}

export function writeR<V extends Values>(o: Ops<V>, d: number, value: V['i32']): void {
  if (d !== 15) o.setR(d, value);
}
