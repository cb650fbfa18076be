/** The ways to memory with a question before each: in use once the MPU has been switched on. */
import type { Accessors } from './accessors.js';

/** False: the access is forbidden, and that has been noted and signalled. */
export type Guard = (address: number, size: number, write: boolean, aligned: boolean) => boolean;

export function guardAccessors(inner: Accessors, allows: Guard): Accessors {
  const load =
    (size: number, aligned: boolean, access: (address: number) => number) =>
    (address: number): number =>
      allows(address, size, false, aligned) ? access(address) : 0;
  const store =
    (size: number, aligned: boolean, access: (address: number, value: number) => void) =>
    (address: number, value: number): void => {
      if (allows(address, size, true, aligned)) access(address, value);
    };
  return {
    load8: load(1, false, inner.load8),
    load8s: load(1, false, inner.load8s),
    load16: load(2, false, inner.load16),
    load16s: load(2, false, inner.load16s),
    load32: load(4, false, inner.load32),
    loadAligned16: load(2, true, inner.loadAligned16),
    loadAligned32: load(4, true, inner.loadAligned32),
    store8: store(1, false, inner.store8),
    store16: store(2, false, inner.store16),
    store32: store(4, false, inner.store32),
    storeAligned16: store(2, true, inner.storeAligned16),
    storeAligned32: store(4, true, inner.storeAligned32),
  };
}
