/** Load and store multiple, PUSH and POP (DDI 0403, A5.2.5, A5.3.5). */
import { type Insn, insn } from './insn.js';
import type { Access, Ops, Values } from './ops.js';
import { BitCount } from './pseudocode.js';
import { R, registerList } from './text.js';

const WORD: Access = { size: 4, aligned: true };
const PC_BIT = 1 << 15;

const registersOf = (list: number): number[] =>
  Array.from({ length: 16 }, (_, n) => n).filter((n) => (list >>> n) & 1);

/** Every word is loaded before any register changes, so that a fault leaves them as they were. */
function loadMultiple<V extends Values>(
  o: Ops<V>,
  list: number,
  start: V['i32'],
  writeBack?: () => void,
): void {
  const registers = registersOf(list);
  const data = registers.map((_, k) => o.load(WORD, k === 0 ? start : o.add(start, o.imm(4 * k))));
  writeBack?.();
  registers.forEach((n, k) => {
    if (n !== 15) o.setR(n, data[k] as V['i32']);
  });
  if (list & PC_BIT) o.branchExchange(data[data.length - 1] as V['i32']);
}

function storeMultiple<V extends Values>(
  o: Ops<V>,
  list: number,
  start: V['i32'],
  writeBack?: () => void,
): void {
  registersOf(list).forEach((n, k) => {
    o.store(WORD, k === 0 ? start : o.add(start, o.imm(4 * k)), n === 15 ? o.PC() : o.R(n));
  });
  writeBack?.();
}

const EMPTY = 'transfers nothing';
const BASE_IN_LIST = 'the loaded value is written after the base; a store stores the base as it was';

const wide = (
  name: string,
  mnemonic: string,
  bits: string,
  load: boolean,
  before: boolean,
  example: readonly [number, string],
): Insn =>
  insn({
    name,
    encoding: load === before ? 'T1' : 'T2',
    bits: bits as '11101 00 010 w 1 nnnn llllllllllllllll',
    asm: ({ w, n, l }, x) => {
      const [stem, width] = mnemonic.split('.');
      const suffix = width === undefined ? x.c : `${x.c}.${width}`;
      return `${stem}${suffix} ${R(n)}${w === 1 ? '!' : ''}, ${registerList(l)}`;
    },
    cycles: load ? 'loadMultiple' : 'storeMultiple',
    unpredictable: [
      {
        when: ({ l }) => BitCount(l) < 2 || (l & (1 << 13)) !== 0 || l >>> 14 === 3,
        choice: 'transfers what the list says',
      },
      { when: ({ l }) => !load && (l & PC_BIT) !== 0, choice: 'stores the PC as read' },
      { when: ({ n }) => n === 15, choice: 'the base is the PC as read' },
      { when: ({ w, n, l }) => w === 1 && ((l >>> n) & 1) === 1, choice: BASE_IN_LIST },
    ],
    example,
    meaning: (o, { w, n, l }) => {
      const base = n === 15 ? o.PC() : o.R(n);
      const size = 4 * BitCount(l);
      const other = before ? o.sub(base, o.imm(size)) : o.add(base, o.imm(size));
      const writeBack = w === 1 && n !== 15 ? () => o.setR(n, other) : undefined;
      if (load) loadMultiple(o, l, before ? other : base, writeBack);
      else storeMultiple(o, l, before ? other : base, writeBack);
    },
  });

export const loadStoreMultiple: readonly Insn[] = [
  insn({
    name: 'STM',
    encoding: 'T1',
    bits: '1100 0 nnn llllllll',
    asm: ({ n, l }, x) => `stmia${x.c} ${R(n)}!, ${registerList(l)}`,
    cycles: 'storeMultiple',
    unpredictable: [
      { when: ({ l }) => l === 0, choice: EMPTY },
      { when: ({ n, l }) => ((l >>> n) & 1) === 1 && (l & ((1 << n) - 1)) !== 0, choice: BASE_IN_LIST },
    ],
    example: [0xc006, 'stmia r0!, {r1, r2}'],
    meaning: (o, { n, l }) => {
      const base = o.R(n);
      storeMultiple(o, l, base, () => o.setR(n, o.add(base, o.imm(4 * BitCount(l)))));
    },
  }),
  insn({
    name: 'LDM',
    encoding: 'T1',
    bits: '1100 1 nnn llllllll',
    asm: ({ n, l }, x) => `ldmia${x.c} ${R(n)}${(l >>> n) & 1 ? '' : '!'}, ${registerList(l)}`,
    cycles: 'loadMultiple',
    unpredictable: [{ when: ({ l }) => l === 0, choice: EMPTY }],
    example: [0xc806, 'ldmia r0!, {r1, r2}'],
    meaning: (o, { n, l }) => {
      const base = o.R(n);
      const writeBack = (l >>> n) & 1 ? undefined : () => o.setR(n, o.add(base, o.imm(4 * BitCount(l))));
      loadMultiple(o, l, base, writeBack);
    },
  }),
  insn({
    name: 'PUSH',
    encoding: 'T1',
    bits: '1011 0 10 m llllllll',
    asm: ({ m, l }, x) => `push${x.c} ${registerList(l | (m << 14))}`,
    cycles: 'storeMultiple',
    unpredictable: [{ when: ({ m, l }) => m === 0 && l === 0, choice: EMPTY }],
    example: [0xb510, 'push {r4, lr}'],
    meaning: (o, { m, l }) => {
      const list = l | (m << 14);
      const start = o.sub(o.R(13), o.imm(4 * BitCount(list)));
      storeMultiple(o, list, start, () => o.setR(13, start));
    },
  }),
  insn({
    name: 'POP',
    encoding: 'T1',
    bits: '1011 1 10 p llllllll',
    asm: ({ p, l }, x) => `pop${x.c} ${registerList(l | (p << 15))}`,
    cycles: 'loadMultiple',
    unpredictable: [{ when: ({ p, l }) => p === 0 && l === 0, choice: EMPTY }],
    example: [0xbd10, 'pop {r4, pc}'],
    meaning: (o, { p, l }) => {
      const list = l | (p << 15);
      const base = o.R(13);
      loadMultiple(o, list, base, () => o.setR(13, o.add(base, o.imm(4 * BitCount(list)))));
    },
  }),
  wide('LDM', 'ldmia.w', '11101 00 010 w 1 nnnn llllllllllllllll', true, false, [
    0xe8b100f0,
    'ldmia.w r1!, {r4, r5, r6, r7}',
  ]),
  wide('LDMDB', 'ldmdb', '11101 00 100 w 1 nnnn llllllllllllllll', true, true, [
    0xe93100f0,
    'ldmdb r1!, {r4, r5, r6, r7}',
  ]),
  wide('STM', 'stmia.w', '11101 00 010 w 0 nnnn llllllllllllllll', false, false, [
    0xe8a100f0,
    'stmia.w r1!, {r4, r5, r6, r7}',
  ]),
  wide('STMDB', 'stmdb', '11101 00 100 w 0 nnnn llllllllllllllll', false, true, [
    0xe92d41f0,
    'stmdb sp!, {r4, r5, r6, r7, r8, lr}',
  ]),
];
