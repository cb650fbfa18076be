/** Puts one function around all loads and one around all stores. */
import type { Accessors } from '../core/memory.js';

type Load = (address: number) => number;
type Store = (address: number, value: number) => void;

/** @param load, store are given the bytes of an access and what does it */
export function wrapAccessors(
  below: Accessors,
  load: (size: number, access: Load) => Load,
  store: (size: number, access: Store) => Store,
): Accessors {
  return {
    load8: load(1, below.load8),
    load8s: load(1, below.load8s),
    load16: load(2, below.load16),
    load16s: load(2, below.load16s),
    load32: load(4, below.load32),
    loadAligned16: load(2, below.loadAligned16),
    loadAligned32: load(4, below.loadAligned32),
    store8: store(1, below.store8),
    store16: store(2, below.store16),
    store32: store(4, below.store32),
    storeAligned16: store(2, below.storeAligned16),
    storeAligned32: store(4, below.storeAligned32),
  };
}
