/**
 * The guest's registers and flags as a unit holds them: each in a WebAssembly local while the unit runs, in
 * the state's memory while it does not.
 *
 * C and V are held as the operands of a subtraction that has them, for nearly every one comes from such, and
 * nearly none is ever read: see `FLAG_X`.
 */
import { S_OFFSET, X, X_OFFSET } from '../core/state.js';
import type { WasmType } from './wasm-encoding.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** R0 to R14, then S0 to S31, then the others. */
export const FLOAT_SLOT = 15;
const OTHERS = FLOAT_SLOT + 32;

/** Of the state's words, one each. */
export const SLOT = {
  N: OTHERS,
  Z: OTHERS + 1,
  Q: OTHERS + 2,
  GE: OTHERS + 3,
  EXCLUSIVE: OTHERS + 4,
  EVENT_REGISTER: OTHERS + 5,
  SP_LOWEST: OTHERS + 6,
  FPSCR: OTHERS + 7,
} as const;

/** C is FLAG_X >= FLAG_Y unsigned; V is the signed overflow of FLAG_X - FLAG_Y. */
export const FLAG_X = OTHERS + 8;
export const FLAG_Y = OTHERS + 9;

export const SLOTS = FLAG_Y + 1;

const OFFSETS: readonly number[] = [
  ...Array.from({ length: FLOAT_SLOT }, (_, n) => 4 * n),
  ...Array.from({ length: 32 }, (_, n) => S_OFFSET + 4 * n),
  ...Object.keys(SLOT).map((name) => X_OFFSET + 4 * X[name as keyof typeof SLOT]),
];

const isFlagOperand = (slot: number): boolean => slot === FLAG_X || slot === FLAG_Y;

export const slotType = (slot: number): WasmType => (slot >= FLOAT_SLOT && slot < OTHERS ? 'f32' : 'i32');

/** The locals of one function, and what of them it uses. */
export class Slots {
  readonly used = new Set<number>();
  readonly written = new Set<number>();
  private readonly locals = new Map<number, Local>();
  private readonly f: WasmFunction;

  constructor(f: WasmFunction) {
    this.f = f;
  }

  local(slot: number): Local {
    let local = this.locals.get(slot);
    if (local === undefined) {
      local = this.f.local(slotType(slot));
      this.locals.set(slot, local);
      this.used.add(slot);
    }
    return local;
  }

  /** Marks a slot as one that the function changes. */
  write(slot: number): Local {
    const local = this.local(slot);
    this.written.add(slot);
    if (isFlagOperand(slot)) {
      this.local(FLAG_X);
      this.local(FLAG_Y);
      this.written.add(FLAG_X).add(FLAG_Y);
    }
    return local;
  }

  /** From memory to the locals. */
  emitLoads(f: WasmFunction): void {
    for (const slot of this.used) {
      if (isFlagOperand(slot)) continue;
      const operator = slotType(slot) === 'f32' ? 'f32.load' : 'i32.load';
      f.const(0)
        .memory(operator, OFFSETS[slot] as number)
        .set(this.local(slot));
    }
    if (this.used.has(FLAG_X) || this.used.has(FLAG_Y)) this.emitFlagLoads(f);
  }

  /** From the locals that the function changes to memory. */
  emitStores(f: WasmFunction): void {
    for (const slot of this.written) {
      if (isFlagOperand(slot)) continue;
      const operator = slotType(slot) === 'f32' ? 'f32.store' : 'i32.store';
      f.const(0)
        .get(this.local(slot))
        .memory(operator, OFFSETS[slot] as number);
    }
    if (this.written.has(FLAG_X)) this.emitFlagStores(f);
  }

  /** Operands that have these flags: 1 and C - V set: the most negative or the largest number. */
  private emitFlagLoads(f: WasmFunction): void {
    const [x, y] = [this.local(FLAG_X), this.local(FLAG_Y)];
    const c = (): WasmFunction => f.const(0).memory('i32.load', X_OFFSET + 4 * X.C);
    const v = (): WasmFunction => f.const(0).memory('i32.load', X_OFFSET + 4 * X.V);
    // Without overflow C - 1; with it 2^31 - 1 if C, else 2^31 - 1 less -1.
    v().const(0x7fffffff).op('i32.mul');
    c().op('i32.add').set(x);
    f.const(1);
    v();
    c().const(1).op('i32.xor', 'i32.and').const(1).op('i32.shl', 'i32.sub').set(y);
  }

  private emitFlagStores(f: WasmFunction): void {
    const [x, y] = [this.local(FLAG_X), this.local(FLAG_Y)];
    f.const(0)
      .get(x)
      .get(y)
      .op('i32.ge_u')
      .memory('i32.store', X_OFFSET + 4 * X.C);
    f.const(0).get(x).get(y).op('i32.xor').get(x).get(x).get(y).op('i32.sub', 'i32.xor', 'i32.and');
    f.const(31)
      .op('i32.shr_u')
      .memory('i32.store', X_OFFSET + 4 * X.V);
  }
}
