/**
 * The guest's registers and flags as WebAssembly locals: read from the state's memory on the way in, written
 * back on the way out.
 */
import { S_OFFSET, X, X_OFFSET } from '../core/state.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** Words of `x` that a unit keeps in locals. */
const WORDS = [
  X.N,
  X.Z,
  X.C,
  X.V,
  X.Q,
  X.GE,
  X.SP_LOWEST,
  X.COUNTDOWN,
  X.EXCLUSIVE,
  X.EVENT_REGISTER,
] as const;
type Word = (typeof WORDS)[number];

export class GuestState {
  readonly r: readonly Local[];
  readonly s: readonly Local[];
  /** Instructions retired in this unit so far. */
  readonly retired: Local;
  private readonly words: ReadonlyMap<number, Local>;
  private readonly f: WasmFunction;

  constructor(f: WasmFunction) {
    this.f = f;
    this.r = Array.from({ length: 15 }, () => f.local('i32'));
    this.s = Array.from({ length: 32 }, () => f.local('f32'));
    this.words = new Map(WORDS.map((index) => [index, f.local('i32')]));
    this.retired = f.local('i32');
  }

  word(index: Word): Local {
    return this.words.get(index) as Local;
  }

  load(): void {
    const { f } = this;
    for (const [n, local] of this.r.entries())
      f.const(0)
        .memory('i32.load', 4 * n)
        .set(local);
    for (const [n, local] of this.s.entries())
      f.const(0)
        .memory('f32.load', S_OFFSET + 4 * n)
        .set(local);
    for (const [index, local] of this.words)
      f.const(0)
        .memory('i32.load', X_OFFSET + 4 * index)
        .set(local);
  }

  store(): void {
    const { f } = this;
    for (const [n, local] of this.r.entries())
      f.const(0)
        .get(local)
        .memory('i32.store', 4 * n);
    for (const [n, local] of this.s.entries())
      f.const(0)
        .get(local)
        .memory('f32.store', S_OFFSET + 4 * n);
    for (const [index, local] of this.words) this.storeLocal(index, local);
    this.storeLocal(X.RETIRED, this.retired);
  }

  /** Writes a word of `x` from a local. */
  storeLocal(index: number, local: Local): void {
    this.f
      .const(0)
      .get(local)
      .memory('i32.store', X_OFFSET + 4 * index);
  }

  /** local = local + a constant. */
  addTo(local: Local, value: number): void {
    this.f.get(local).const(value).op('i32.add').set(local);
  }
}
