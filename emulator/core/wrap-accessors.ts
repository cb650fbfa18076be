/** Puts one function around all loads and one around all stores. */
import type { Accessors } from './accessors.js';

type Load = (address: number) => number;
type Store = (address: number, value: number) => void;

/**
 * @param load, store are given the bytes of an access, what does it, and whether it must be aligned (MemA of
 * the Arm ARM)
 */
export function wrapAccessors(
  below: Accessors,
  load: (size: number, access: Load, aligned: boolean) => Load,
  store: (size: number, access: Store, aligned: boolean) => Store,
): Accessors {
  return {
    load8: load(1, below.load8, false),
    load8s: load(1, below.load8s, false),
    load16: load(2, below.load16, false),
    load16s: load(2, below.load16s, false),
    load32: load(4, below.load32, false),
    loadAligned16: load(2, below.loadAligned16, true),
    loadAligned32: load(4, below.loadAligned32, true),
    store8: store(1, below.store8, false),
    store16: store(2, below.store16, false),
    store32: store(4, below.store32, false),
    storeAligned16: store(2, below.storeAligned16, true),
    storeAligned32: store(4, below.storeAligned32, true),
  };
}
