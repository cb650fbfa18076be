/**
 * Functions of the Arm ARM's pseudocode, by their names there (DDI 0403, A2.2, A5.3, A7.3, D6), over abstract
 * operations.
 */
import type { Ops, Values } from './ops.js';

export interface Sum<V extends Values> {
  readonly result: V['i32'];
  readonly carry: V['bool'];
  readonly overflow: V['bool'];
}

export function AddWithCarry<V extends Values>(
  o: Ops<V>,
  x: V['i32'],
  y: V['i32'],
  carryIn: V['bool'],
): Sum<V> {
  const result = o.add(o.add(x, y), o.toI32(carryIn));
  return { result, carry: o.carryOut(x, y, result), overflow: o.overflowOut(x, y, result) };
}

/** x - y, as AddWithCarry(x, NOT(y), '1'). */
export function Subtract<V extends Values>(o: Ops<V>, x: V['i32'], y: V['i32']): Sum<V> {
  return AddWithCarry(o, x, o.not(y), o.bool(true));
}

/** x + y, as AddWithCarry(x, y, '0'). */
export function Add<V extends Values>(o: Ops<V>, x: V['i32'], y: V['i32']): Sum<V> {
  return AddWithCarry(o, x, y, o.bool(false));
}

export function setNZCV<V extends Values>(o: Ops<V>, sum: Sum<V>): void {
  o.setC(sum.carry);
  o.setV(sum.overflow);
  o.setNZ(sum.result);
}

export interface Shifted<V extends Values> {
  readonly result: V['i32'];
  readonly carry: V['bool'];
}

export type ShiftType = 'LSL' | 'LSR' | 'ASR' | 'ROR' | 'RRX';

/** DecodeImmShift(): LSR and ASR #0 mean 32, ROR #0 means RRX #1. */
export function DecodeImmShift(type: number, imm5: number): { type: ShiftType; amount: number } {
  switch (type) {
    case 0:
      return { type: 'LSL', amount: imm5 };
    case 1:
      return { type: 'LSR', amount: imm5 || 32 };
    case 2:
      return { type: 'ASR', amount: imm5 || 32 };
    default:
      return imm5 === 0 ? { type: 'RRX', amount: 1 } : { type: 'ROR', amount: imm5 };
  }
}

function bit<V extends Values>(o: Ops<V>, x: V['i32'], n: number): V['bool'] {
  return o.negate(o.eq(o.and(x, o.imm(1 << n)), o.imm(0)));
}

/** Shift_C() by a constant amount, 0..32. */
export function Shift_C<V extends Values>(
  o: Ops<V>,
  x: V['i32'],
  type: ShiftType,
  amount: number,
  carryIn: () => V['bool'],
): Shifted<V> {
  if (amount === 0) return { result: x, carry: carryIn() };
  const by = o.imm(amount & 31);
  switch (type) {
    case 'LSL':
      return { result: o.shl(x, by), carry: bit(o, x, 32 - amount) };
    case 'LSR':
      return { result: amount === 32 ? o.imm(0) : o.shr(x, by), carry: bit(o, x, amount - 1) };
    case 'ASR':
      return { result: o.sar(x, o.imm(Math.min(amount, 31))), carry: bit(o, x, amount - 1) };
    case 'ROR':
      return { result: o.ror(x, by), carry: bit(o, x, amount - 1) };
    case 'RRX':
      return { result: o.or(o.shr(x, o.imm(1)), o.shl(o.toI32(carryIn()), o.imm(31))), carry: bit(o, x, 0) };
  }
}

/** Shift_C() by the low byte of a register, 0..255. */
export function ShiftByRegister_C<V extends Values>(
  o: Ops<V>,
  x: V['i32'],
  type: Exclude<ShiftType, 'RRX'>,
  register: V['i32'],
): Shifted<V> {
  const amount = o.and(register, o.imm(0xff));
  const none = o.eq(amount, o.imm(0));
  const small = o.ltU(amount, o.imm(32));
  const least = (value: V['i32']): V['bool'] => o.negate(o.eq(o.and(value, o.imm(1)), o.imm(0)));
  const below = o.sub(amount, o.imm(1));
  const upTo32 = o.ltU(amount, o.imm(33));
  const carried = (out: V['bool']): V['bool'] => o.selectBool(none, o.flag('C'), out);
  switch (type) {
    case 'LSL': {
      const out = o.both(upTo32, least(o.shr(x, o.sub(o.imm(32), amount))));
      return { result: o.select(small, o.shl(x, amount), o.imm(0)), carry: carried(out) };
    }
    case 'LSR': {
      const out = o.both(upTo32, least(o.shr(x, below)));
      return { result: o.select(small, o.shr(x, amount), o.imm(0)), carry: carried(out) };
    }
    case 'ASR': {
      const sign = o.ltS(x, o.imm(0));
      const out = o.selectBool(small, least(o.sar(x, below)), sign);
      return { result: o.sar(x, o.select(small, amount, o.imm(31))), carry: carried(out) };
    }
    case 'ROR': {
      const result = o.ror(x, amount);
      return { result, carry: carried(o.ltS(result, o.imm(0))) };
    }
  }
}

/**
 * ThumbExpandImm_C() of i:imm3:imm8. The carry is the value's bit 31 for the rotated forms, else unchanged.
 */
export function ThumbExpandImm_C(imm12: number): { value: number; rotated: boolean } {
  const imm8 = imm12 & 0xff;
  if (imm12 >>> 10 === 0) {
    const spread = [imm8, (imm8 << 16) | imm8, (imm8 << 24) | (imm8 << 8), Math.imul(imm8, 0x01010101)];
    return { value: (spread[(imm12 >>> 8) & 3] as number) | 0, rotated: false };
  }
  const unrotated = 0x80 | (imm12 & 0x7f);
  const by = imm12 >>> 7;
  return { value: (unrotated >>> by) | (unrotated << (32 - by)), rotated: true };
}

export interface Saturated<V extends Values> {
  readonly result: V['i32'];
  readonly saturated: V['bool'];
}

function clamp<V extends Values>(o: Ops<V>, x: V['i32'], low: number, high: number): Saturated<V> {
  const above = o.ltS(o.imm(high), x);
  const below = o.ltS(x, o.imm(low));
  const result = o.select(above, o.imm(high), o.select(below, o.imm(low), x));
  return { result, saturated: o.either(above, below) };
}

/** SignedSatQ() of a word to `width` bits, 1..32. */
export function SignedSatQ<V extends Values>(o: Ops<V>, x: V['i32'], width: number): Saturated<V> {
  return clamp(o, x, -(2 ** (width - 1)), 2 ** (width - 1) - 1);
}

/** UnsignedSatQ() of a signed word to `width` bits, 0..31. */
export function UnsignedSatQ<V extends Values>(o: Ops<V>, x: V['i32'], width: number): Saturated<V> {
  return clamp(o, x, 0, 2 ** width - 1);
}

/** ITAdvance(): the ITSTATE after an instruction of an IT block. */
export function ITAdvance(itState: number): number {
  return (itState & 7) === 0 ? 0 : (itState & 0xe0) | ((itState << 1) & 0x1f);
}

/** SignExtend() of the low `width` bits. */
export function SignExtend(value: number, width: number): number {
  return (value << (32 - width)) >> (32 - width);
}

export function BitCount(list: number): number {
  let n = 0;
  for (let rest = list; rest !== 0; rest &= rest - 1) n++;
  return n;
}

/** ConditionPassed() for a condition 0..15, of the current flags. */
export function ConditionPassed<V extends Values>(o: Ops<V>, cond: number): V['bool'] {
  const base = conditionBase(o, cond >>> 1);
  return (cond & 1) === 1 && cond !== 15 ? o.negate(base) : base;
}

function conditionBase<V extends Values>(o: Ops<V>, cond3: number): V['bool'] {
  const sameNV = (): V['bool'] => o.eq(o.toI32(o.flag('N')), o.toI32(o.flag('V')));
  switch (cond3) {
    case 0:
      return o.flag('Z');
    case 1:
      return o.flag('C');
    case 2:
      return o.flag('N');
    case 3:
      return o.flag('V');
    case 4:
      return o.both(o.flag('C'), o.negate(o.flag('Z')));
    case 5:
      return sameNV();
    case 6:
      return o.both(sameNV(), o.negate(o.flag('Z')));
    default:
      return o.bool(true);
  }
}
