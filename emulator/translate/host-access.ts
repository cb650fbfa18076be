/** An access to memory by the host, in a unit's code. */
import { X, X_OFFSET } from '../core/state.js';
import type { Access } from '../isa/ops.js';
import type { BlockCode } from './block-code.js';
import type { UnitExits } from './unit-exits.js';

export interface HostAccessParts {
  readonly code: BlockCode;
  readonly exits: UnitExits;
  /** Number of an imported function. */
  call(name: 'load' | 'store'): number;
}

/**
 * Takes an address, and for a store a value, from the stack; leaves what was loaded. One that fails leaves
 * the unit, for the interpreter to find it failing again.
 */
export function emitHostAccess(name: 'load' | 'store', access: Access, parts: HostAccessParts): void {
  const { code, exits } = parts;
  const { f } = code;
  const [address, value] = [code.temporary('i32'), code.temporary('i32')];
  if (name === 'store') f.set(value);
  f.set(address);
  exits.aroundHost(() => {
    f.get(address);
    if (name === 'store') f.get(value);
    f.const(accessCode(access)).call(parts.call(name)).set(value);
  });
  f.const(0).memory('i32.load', X_OFFSET + 4 * X.UNIT_FAILED);
  code.leaveIf();
  if (name === 'load') f.get(value);
}

/** As the host's functions take it: size, 8 when signed, 16 when it must be aligned. */
function accessCode({ size, signed, aligned }: Access): number {
  return size | (signed === true ? 8 : 0) | (aligned === true && size > 1 ? 16 : 0);
}
