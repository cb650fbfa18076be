/** FP loads and stores: VLDR, VSTR, VLDM, VSTM, VPUSH, VPOP (DDI 0403, A6.5). */
import { single } from './fpu.js';
import { type CycleClass, type Insn, insn, shaped } from './insn.js';
import type { Access, Ops, Values } from './ops.js';
import { offsetAddress, R } from './text.js';

const WORD: Access = { size: 4, aligned: true };

function base<V extends Values>(o: Ops<V>, n: number): V['i32'] {
  return n === 15 ? o.and(o.PC(), o.imm(-4)) : o.R(n);
}

/** Every word is loaded before any register changes. */
function loadSingles<V extends Values>(
  o: Ops<V>,
  first: number,
  count: number,
  start: V['i32'],
  writeBack?: () => void,
): void {
  const data = Array.from({ length: count }, (_, k) =>
    o.load(WORD, k === 0 ? start : o.add(start, o.imm(4 * k))),
  );
  writeBack?.();
  data.forEach((word, k) => {
    if (first + k < 32) o.setS(first + k, o.fromBits(word));
  });
}

function storeSingles<V extends Values>(
  o: Ops<V>,
  first: number,
  count: number,
  start: V['i32'],
  writeBack?: () => void,
): void {
  for (let k = 0; k < count; k++) {
    const value = first + k < 32 ? o.bitsOf(o.S(first + k)) : o.imm(0);
    o.store(WORD, k === 0 ? start : o.add(start, o.imm(4 * k)), value);
  }
  writeBack?.();
}

const one = (load: boolean, double: boolean, example: readonly [number, string]): Insn =>
  insn({
    name: load ? 'VLDR' : 'VSTR',
    encoding: double ? 'T1' : 'T2',
    bits: shaped(
      '1110 1101 u d 0 1 nnnn dddd 101 0 iiiiiiii',
      `1110 1101 u d 0 ${load ? 1 : 0} nnnn dddd 101 ${double ? 1 : 0} iiiiiiii`,
    ),
    asm: ({ u, d, n, i }, x) => {
      const register = double ? `d${d}` : `s${single(d)}`;
      const address = offsetAddress(n, i * 4, u === 1);
      return `${load ? 'vldr' : 'vstr'}${x.c} ${register}, ${address}`;
    },
    cycles: load ? 'fpLoad' : 'fpStore',
    // D16-D31 do not exist on this core.
    when: ({ d }) => !double || d < 16,
    unpredictable: [{ when: ({ n }) => !load && n === 15, choice: 'the base is the PC as read' }],
    example,
    meaning: (o, { u, d, n, i }) => {
      const address = o.add(base(o, n), o.imm(u === 1 ? i * 4 : -i * 4));
      const first = double ? d * 2 : single(d);
      (load ? loadSingles : storeSingles)(o, first, double ? 2 : 1, address);
    },
  });

/**
 * {s0-s3} or {d8-d9}; an odd count of words in the doubleword form is the old FLDMX, which moves whole
 * doubles.
 */
function list(prefix: string, first: number, count: number): string {
  if (count <= 1) return `{${prefix}${first}}`;
  return `{${prefix}${first}-${prefix}${first + count - 1}}`;
}

function multipleText(
  load: boolean,
  before: boolean,
  n: number,
  w: number,
  double: boolean,
  odd: boolean,
): string {
  if (n === 13 && w === 1 && before === !load && !odd) return load ? 'vpop' : 'vpush';
  if (double && odd) return `f${load ? 'ld' : 'st'}m${before ? 'dbx' : 'iax'}`;
  return `v${load ? 'ld' : 'st'}m${before ? 'db' : 'ia'}`;
}

const multiple = (
  load: boolean,
  before: boolean,
  double: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name: load ? 'VLDM' : 'VSTM',
    encoding: double ? 'T1' : 'T2',
    bits: shaped(
      '1110 110 0 1 d w 1 nnnn dddd 101 0 iiiiiiii',
      `1110 110 ${before ? '1 0 d 1' : '0 1 d w'} ${load ? 1 : 0} nnnn dddd 101 ${double ? 1 : 0} iiiiiiii`,
    ),
    asm: ({ d, w = 1, n, i }, x) => {
      const mnemonic = multipleText(load, before, n, w, double, double && i % 2 === 1);
      const registers = double ? list('d', d, i >>> 1) : list('s', single(d), i);
      if (mnemonic === 'vpop' || mnemonic === 'vpush') return `${mnemonic}${x.c} ${registers}`;
      return `${mnemonic}${x.c} ${R(n)}${w === 1 ? '!' : ''}, ${registers}`;
    },
    cycles: (load ? 'fpLoadMultiple' : 'fpStoreMultiple') satisfies CycleClass,
    when: ({ d }) => !double || d < 16,
    unpredictable: [
      { when: ({ i }) => (double ? i >>> 1 : i) === 0, choice: 'transfers nothing' },
      {
        when: ({ d, i }) => (double ? d * 2 + (i & ~1) : single(d) + i) > 32,
        choice: 'registers past the last read 0 and are not written',
      },
      {
        when: ({ n, w = 1 }) => n === 15 && (w === 1 || !load),
        choice: 'the base is the PC as read and is not written',
      },
    ],
    example,
    meaning: (o, { d, w = 1, n, i }) => {
      const from = base(o, n);
      const other = o.add(from, o.imm(before ? -4 * i : 4 * i));
      const writeBack = w === 1 && n !== 15 ? () => o.setR(n, other) : undefined;
      const first = double ? d * 2 : single(d);
      const count = double ? i & ~1 : i;
      (load ? loadSingles : storeSingles)(o, first, count, before ? other : from, writeBack);
    },
  });

export const fpuLoadStore: readonly Insn[] = [
  one(true, false, [0xed910a02, 'vldr s0, [r1, #8]']),
  one(false, false, [0xed810a02, 'vstr s0, [r1, #8]']),
  one(true, true, [0xed910b02, 'vldr d0, [r1, #8]']),
  one(false, true, [0xed810b02, 'vstr d0, [r1, #8]']),
  multiple(true, false, false, [0xecb10a02, 'vldmia r1!, {s0-s1}']),
  multiple(false, false, false, [0xeca10a02, 'vstmia r1!, {s0-s1}']),
  multiple(true, true, false, [0xed310a02, 'vldmdb r1!, {s0-s1}']),
  multiple(false, true, false, [0xed210a02, 'vstmdb r1!, {s0-s1}']),
  multiple(true, false, true, [0xecb10b04, 'vldmia r1!, {d0-d1}']),
  multiple(false, false, true, [0xeca10b04, 'vstmia r1!, {d0-d1}']),
  multiple(true, true, true, [0xed310b04, 'vldmdb r1!, {d0-d1}']),
  multiple(false, true, true, [0xed2d8b04, 'vpush {d8-d9}']),
];
