/**
 * Load and store of single words, halfwords and bytes, doublewords and exclusives (DDI 0403, A5.2.4,
 * A5.3.6-10).
 */
import { type CycleClass, type Insn, insn, shaped } from './insn.js';
import type { Access, Ops, Values } from './ops.js';
import { BAD_REGISTER, isBad, readR } from './register-access.js';
import { offsetAddress, R } from './text.js';

interface Kind {
  readonly mnemonic: string;
  readonly access: Access;
  readonly load: boolean;
  /** Bits of the 32-bit encodings: sign, size, L. */
  readonly sign: '0' | '1';
  readonly size: '00' | '01' | '10';
}

const LDR: Kind = { mnemonic: 'ldr', access: { size: 4 }, load: true, sign: '0', size: '10' };
const LDRH: Kind = { mnemonic: 'ldrh', access: { size: 2 }, load: true, sign: '0', size: '01' };
const LDRB: Kind = { mnemonic: 'ldrb', access: { size: 1 }, load: true, sign: '0', size: '00' };
const LDRSH: Kind = {
  mnemonic: 'ldrsh',
  access: { size: 2, signed: true },
  load: true,
  sign: '1',
  size: '01',
};
const LDRSB: Kind = {
  mnemonic: 'ldrsb',
  access: { size: 1, signed: true },
  load: true,
  sign: '1',
  size: '00',
};
const STR: Kind = { mnemonic: 'str', access: { size: 4 }, load: false, sign: '0', size: '10' };
const STRH: Kind = { mnemonic: 'strh', access: { size: 2 }, load: false, sign: '0', size: '01' };
const STRB: Kind = { mnemonic: 'strb', access: { size: 1 }, load: false, sign: '0', size: '00' };
const KINDS = [LDR, LDRH, LDRB, LDRSH, LDRSB, STR, STRH, STRB];

/** Rt takes what was loaded; R15 branches by LoadWritePC. */
function writeLoaded<V extends Values>(o: Ops<V>, t: number, data: V['i32']): void {
  if (t === 15) o.branchExchange(data);
  else o.setR(t, data);
}

function transfer<V extends Values>(
  o: Ops<V>,
  kind: Kind,
  t: number,
  address: V['i32'],
  writeBack?: () => void,
): void {
  if (!kind.load) {
    o.store(kind.access, address, readR(o, t));
    writeBack?.();
    return;
  }
  const data = o.load(kind.access, address);
  writeBack?.();
  writeLoaded(o, t, data);
}

const cyclesOf = (kind: Kind, store: CycleClass): CycleClass => (kind.load ? 'load' : store);
const title = (kind: Kind, form: string): string => `${kind.mnemonic.toUpperCase()} (${form})`;

const register16 = (kind: Kind, bits: string, example: readonly [number, string]): Insn =>
  insn({
    name: title(kind, 'register'),
    encoding: 'T1',
    bits: bits as '0101 000 mmm nnn ttt',
    asm: ({ m, n, t }, x) => `${kind.mnemonic}${x.c} ${R(t)}, [${R(n)}, ${R(m)}]`,
    cycles: cyclesOf(kind, 'storeRegister'),
    example,
    meaning: (o, { m, n, t }) => transfer(o, kind, t, o.add(o.R(n), o.R(m))),
  });

const immediate16 = (kind: Kind, bits: string, example: readonly [number, string]): Insn =>
  insn({
    name: title(kind, 'immediate'),
    encoding: 'T1',
    bits: bits as '011 0 0 iiiii nnn ttt',
    asm: ({ i, n, t }, x) => `${kind.mnemonic}${x.c} ${R(t)}, [${R(n)}, #${i * kind.access.size}]`,
    cycles: cyclesOf(kind, 'storeImmediate'),
    example,
    meaning: (o, { i, n, t }) => transfer(o, kind, t, o.add(o.R(n), o.imm(i * kind.access.size))),
  });

const stackRelative16 = (kind: Kind, bits: string, example: readonly [number, string]): Insn =>
  insn({
    name: title(kind, 'immediate'),
    encoding: 'T2',
    bits: bits as '1001 0 ttt iiiiiiii',
    asm: ({ i, t }, x) => `${kind.mnemonic}${x.c} ${R(t)}, [sp, #${i * 4}]`,
    cycles: cyclesOf(kind, 'storeImmediate'),
    example,
    meaning: (o, { i, t }) => transfer(o, kind, t, o.add(o.R(13), o.imm(i * 4))),
  });

/** The 32-bit diagram of a kind: `s` sign, `zz` size, `L` load. */
const wide = <B extends string>(kind: Kind, shape: B): B =>
  shape
    .replace('S', kind.sign)
    .replace('ZZ', kind.size)
    .replace('L', kind.load ? '1' : '0') as B;

/** Rt fields that only a word load may hold: R13 and R15 elsewhere, and R15 in any store. */
const isBadTarget = (kind: Kind, t: number): boolean =>
  kind.access.size === 4 ? t === 15 && !kind.load : isBad(t);
const BAD_TARGET = 'R13 is used like any other, a store of R15 stores the PC as read, a load of it branches';

/** Byte and halfword loads of R15 are memory hints: another file has their records. */
const isHint = (kind: Kind, t: number): boolean => kind.load && kind.access.size !== 4 && t === 15;

function example(kind: Kind, second: number, halfword2: number, text: string): readonly [number, string] {
  const base =
    0xf800 | (Number(kind.sign) << 8) | (Number.parseInt(kind.size, 2) << 5) | (kind.load ? 0x10 : 0);
  return [(base * 0x10000 + second * 0x10000 + halfword2) >>> 0, text];
}

const immediate12 = (kind: Kind): Insn =>
  insn({
    name: title(kind, 'immediate'),
    encoding: kind.load && kind.access.size === 4 ? 'T3' : 'T2',
    bits: wide(
      kind,
      '11111 00 S 1 ZZ L nnnn tttt iiiiiiiiiiii',
    ) as '11111 00 0 1 00 1 nnnn tttt iiiiiiiiiiii',
    asm: ({ i, n, t }, x) => `${kind.mnemonic}${x.c}.w ${R(t)}, ${offsetAddress(n, i, true)}`,
    cycles: cyclesOf(kind, 'storeImmediate'),
    when: ({ t, n }) => !isHint(kind, t) && n !== 15,
    unpredictable: [{ when: ({ t }) => isBadTarget(kind, t), choice: BAD_TARGET }],
    example: example(kind, 0x81, 0x2014, `${kind.mnemonic}.w r2, [r1, #20]`),
    meaning: (o, { i, n, t }) => transfer(o, kind, t, o.add(o.R(n), o.imm(i))),
  });

const literal = (kind: Kind): Insn =>
  insn({
    name: title(kind, 'literal'),
    encoding: kind.access.size === 4 ? 'T2' : 'T1',
    bits: wide(
      kind,
      '11111 00 S u ZZ L 1111 tttt iiiiiiiiiiii',
    ) as '11111 00 0 u 00 1 1111 tttt iiiiiiiiiiii',
    asm: ({ u, i, t }, x) => `${kind.mnemonic}${x.c}.w ${R(t)}, ${offsetAddress(15, i, u === 1 || i === 0)}`,
    cycles: 'loadLiteral',
    when: ({ t }) => !isHint(kind, t),
    unpredictable: [{ when: ({ t }) => isBadTarget(kind, t), choice: BAD_TARGET }],
    example: example(kind, 0x8f, 0x2014, `${kind.mnemonic}.w r2, [pc, #20]`),
    meaning: (o, { u, i, t }) =>
      transfer(o, kind, t, o.add(o.and(o.PC(), o.imm(-4)), o.imm(u === 1 ? i : -i))),
  });

const register32 = (kind: Kind): Insn =>
  insn({
    name: title(kind, 'register'),
    encoding: 'T2',
    bits: wide(
      kind,
      '11111 00 S 0 ZZ L nnnn tttt 0 00000 ii mmmm',
    ) as '11111 00 0 0 00 1 nnnn tttt 0 00000 ii mmmm',
    asm: ({ i, m, n, t }, x) =>
      `${kind.mnemonic}${x.c}.w ${R(t)}, [${R(n)}, ${R(m)}${i === 0 ? '' : `, lsl #${i}`}]`,
    cycles: cyclesOf(kind, 'storeRegister'),
    when: ({ t, n }) => !isHint(kind, t) && n !== 15,
    unpredictable: [
      { when: ({ m }) => isBad(m), choice: BAD_REGISTER },
      { when: ({ t }) => isBadTarget(kind, t), choice: BAD_TARGET },
    ],
    example: example(kind, 0x01, 0x2023, `${kind.mnemonic}.w r2, [r1, r3, lsl #2]`),
    meaning: (o, { i, m, n, t }) => transfer(o, kind, t, o.add(o.R(n), o.shl(readR(o, m), o.imm(i)))),
  });

/** T4 (T3 for stores): pre- and post-indexed, and a negative offset. PUW = 110 is the unprivileged form. */
const indexed = (kind: Kind): Insn =>
  insn({
    name: title(kind, 'immediate'),
    encoding: kind.load && kind.access.size === 4 ? 'T4' : 'T3',
    bits: wide(
      kind,
      '11111 00 S 0 ZZ L nnnn tttt 1 puw iiiiiiii',
    ) as '11111 00 0 0 00 1 nnnn tttt 1 puw iiiiiiii',
    asm: ({ p, u, w, i, n, t }, x) => {
      // objdump drops the sign of a zero offset here.
      const add = u === 1 || i === 0;
      const at =
        p === 0 ? `[${R(n)}], #${add ? '' : '-'}${i}` : `${offsetAddress(n, i, add)}${w === 1 ? '!' : ''}`;
      return `${kind.mnemonic}${x.c}.w ${R(t)}, ${at}`;
    },
    cycles: cyclesOf(kind, 'storeImmediate'),
    when: ({ p, u, w, n, t }) =>
      (p === 1 || w === 1) && !(p === 1 && u === 1 && w === 0) && n !== 15 && !(isHint(kind, t) && w === 0),
    unpredictable: [
      { when: ({ w, n, t }) => w === 1 && n === t, choice: 'the loaded value is written last' },
      { when: ({ t }) => isBadTarget(kind, t), choice: BAD_TARGET },
    ],
    example: example(kind, 0x01, 0x2b04, `${kind.mnemonic}.w r2, [r1], #4`),
    meaning: (o, { p, u, w, i, n, t }) => {
      const base = o.R(n);
      const offset = o.add(base, o.imm(u === 1 ? i : -i));
      transfer(o, kind, t, p === 1 ? offset : base, w === 1 ? () => o.setR(n, offset) : undefined);
    },
  });

const unprivileged = (kind: Kind): Insn =>
  insn({
    name: `${kind.mnemonic.toUpperCase()}T`,
    encoding: 'T1',
    bits: wide(
      kind,
      '11111 00 S 0 ZZ L nnnn tttt 1 110 iiiiiiii',
    ) as '11111 00 0 0 00 1 nnnn tttt 1 110 iiiiiiii',
    asm: ({ i, n, t }, x) => `${kind.mnemonic}t${x.c} ${R(t)}, ${offsetAddress(n, i, true)}`,
    cycles: cyclesOf(kind, 'storeImmediate'),
    when: ({ n }) => n !== 15,
    unpredictable: [{ when: ({ t }) => isBad(t), choice: BAD_REGISTER }],
    example: example(kind, 0x01, 0x2e04, `${kind.mnemonic}t r2, [r1, #4]`),
    meaning: (o, { i, n, t }) => {
      const access = { ...kind.access, unprivileged: true };
      transfer(o, { ...kind, access }, t, o.add(o.R(n), o.imm(i)));
    },
  });

const DUAL_OFFSET = '11101 00 1 u 1 w 1 nnnn tttt ssss iiiiiiii';

const dual = (load: boolean, preIndexed: boolean): Insn =>
  insn({
    name: load ? 'LDRD (immediate)' : 'STRD (immediate)',
    encoding: 'T1',
    bits: shaped(
      DUAL_OFFSET,
      `11101 00 ${preIndexed ? '1 u 1 w' : '0 u 1 1'} ${load ? 1 : 0} nnnn tttt ssss iiiiiiii`,
    ),
    asm: ({ u, w = 1, n, t, s, i }, x) => {
      const imm = `#${u === 1 ? '' : '-'}${i * 4}`;
      const plain = offsetAddress(n, i * 4, u === 1);
      const at = preIndexed ? (w === 1 ? `[${R(n)}, ${imm}]!` : plain) : `[${R(n)}], ${imm}`;
      return `${load ? 'ldrd' : 'strd'}${x.c} ${R(t)}, ${R(s)}, ${at}`;
    },
    cycles: load ? 'loadDual' : 'storeDual',
    unpredictable: [
      { when: ({ t, s }) => isBad(t, s), choice: BAD_REGISTER },
      {
        when: ({ w = 1, n, t, s }) => w === 1 && (n === t || n === s),
        choice: 'the loaded values are written last',
      },
      {
        when: ({ w = 1, n }) => n === 15 && (w === 1 || !load),
        choice: 'the base is the PC as read and is not written',
      },
      { when: ({ t, s }) => load && t === s, choice: 'the second word is written last' },
    ],
    example: [
      preIndexed ? (load ? 0xe9d10202 : 0xe9c10202) : load ? 0xe8f10202 : 0xe8e10202,
      `${load ? 'ldrd' : 'strd'} r0, r2, [r1${preIndexed ? ', #8]' : '], #8'}`,
    ],
    meaning: (o, { u, w = 1, n, t, s, i }) => {
      const base = n === 15 ? o.and(o.PC(), o.imm(-4)) : o.R(n);
      const offset = o.add(base, o.imm(u === 1 ? i * 4 : -i * 4));
      const first = preIndexed ? offset : base;
      const access: Access = { size: 4, aligned: true };
      const writeBack = (): void => {
        if (w === 1 && n !== 15) o.setR(n, offset);
      };
      if (!load) {
        o.store(access, first, readR(o, t));
        o.store(access, o.add(first, o.imm(4)), readR(o, s));
        writeBack();
        return;
      }
      const low = o.load(access, first);
      const high = o.load(access, o.add(first, o.imm(4)));
      writeBack();
      if (t !== 15) o.setR(t, low);
      if (s !== 15) o.setR(s, high);
    },
  });

const loadExclusive = (suffix: '' | 'B' | 'H', bits: string, example_: readonly [number, string]): Insn =>
  insn({
    name: `LDREX${suffix}`,
    encoding: 'T1',
    bits: bits as '11101 00 0 0 1 0 1 nnnn tttt ++++ iiiiiiii',
    asm: ({ n, t, i = 0 }, x) =>
      `ldrex${suffix.toLowerCase()}${x.c} ${R(t)}, ${offsetAddress(n, i * 4, true)}`,
    cycles: 'exclusive',
    unpredictable: [{ when: ({ n, t }) => isBad(t) || n === 15, choice: BAD_REGISTER }],
    example: example_,
    meaning: (o, { n, t, i = 0 }) => {
      const size = suffix === '' ? 4 : suffix === 'H' ? 2 : 1;
      const data = o.load({ size, aligned: true }, o.add(readR(o, n), o.imm(i * 4)));
      o.markExclusive();
      if (t !== 15) o.setR(t, data);
    },
  });

const storeExclusive = (suffix: '' | 'B' | 'H', bits: string, example_: readonly [number, string]): Insn =>
  insn({
    name: `STREX${suffix}`,
    encoding: 'T1',
    bits: bits as '11101 00 0 0 1 0 0 nnnn tttt dddd iiiiiiii',
    asm: ({ n, t, d, i = 0 }, x) =>
      `strex${suffix.toLowerCase()}${x.c} ${R(d)}, ${R(t)}, ${offsetAddress(n, i * 4, true)}`,
    cycles: 'exclusive',
    unpredictable: [
      { when: ({ n, t, d }) => isBad(t, d) || n === 15 || d === n || d === t, choice: BAD_REGISTER },
    ],
    example: example_,
    meaning: (o, { n, t, d, i = 0 }) => {
      const size = suffix === '' ? 4 : suffix === 'H' ? 2 : 1;
      const [address, value] = [o.add(readR(o, n), o.imm(i * 4)), readR(o, t)];
      const open = o.isExclusive();
      // A store that fails leaves the monitor open: the instruction may be run again.
      o.if(open, () => o.store({ size, aligned: true }, address, value));
      o.clearExclusive();
      if (d !== 15) o.setR(d, o.toI32(o.negate(open)));
    },
  });

export const loadStore: readonly Insn[] = [
  insn({
    name: 'LDR (literal)',
    encoding: 'T1',
    bits: '01001 ttt iiiiiiii',
    asm: ({ i, t }, x) => `ldr${x.c} ${R(t)}, [pc, #${i * 4}]`,
    cycles: 'loadLiteral',
    example: [0x4801, 'ldr r0, [pc, #4]'],
    meaning: (o, { i, t }) => transfer(o, LDR, t, o.add(o.and(o.PC(), o.imm(-4)), o.imm(i * 4))),
  }),
  register16(STR, '0101 000 mmm nnn ttt', [0x5088, 'str r0, [r1, r2]']),
  register16(STRH, '0101 001 mmm nnn ttt', [0x5288, 'strh r0, [r1, r2]']),
  register16(STRB, '0101 010 mmm nnn ttt', [0x5488, 'strb r0, [r1, r2]']),
  register16(LDRSB, '0101 011 mmm nnn ttt', [0x5688, 'ldrsb r0, [r1, r2]']),
  register16(LDR, '0101 100 mmm nnn ttt', [0x5888, 'ldr r0, [r1, r2]']),
  register16(LDRH, '0101 101 mmm nnn ttt', [0x5a88, 'ldrh r0, [r1, r2]']),
  register16(LDRB, '0101 110 mmm nnn ttt', [0x5c88, 'ldrb r0, [r1, r2]']),
  register16(LDRSH, '0101 111 mmm nnn ttt', [0x5e88, 'ldrsh r0, [r1, r2]']),
  immediate16(STR, '011 0 0 iiiii nnn ttt', [0x6048, 'str r0, [r1, #4]']),
  immediate16(LDR, '011 0 1 iiiii nnn ttt', [0x6848, 'ldr r0, [r1, #4]']),
  immediate16(STRB, '011 1 0 iiiii nnn ttt', [0x7048, 'strb r0, [r1, #1]']),
  immediate16(LDRB, '011 1 1 iiiii nnn ttt', [0x7848, 'ldrb r0, [r1, #1]']),
  immediate16(STRH, '100 0 0 iiiii nnn ttt', [0x8048, 'strh r0, [r1, #2]']),
  immediate16(LDRH, '100 0 1 iiiii nnn ttt', [0x8848, 'ldrh r0, [r1, #2]']),
  stackRelative16(STR, '1001 0 ttt iiiiiiii', [0x9001, 'str r0, [sp, #4]']),
  stackRelative16(LDR, '1001 1 ttt iiiiiiii', [0x9801, 'ldr r0, [sp, #4]']),
  ...KINDS.flatMap((kind) => [immediate12(kind), register32(kind), indexed(kind), unprivileged(kind)]),
  ...KINDS.filter((kind) => kind.load).map(literal),
  dual(true, true),
  dual(true, false),
  dual(false, true),
  dual(false, false),
  loadExclusive('', '11101 00 0 0 1 0 1 nnnn tttt ++++ iiiiiiii', [0xe8510f01, 'ldrex r0, [r1, #4]']),
  loadExclusive('B', '11101 00 0 1 1 0 1 nnnn tttt ++++ 0100 ++++', [0xe8d10f4f, 'ldrexb r0, [r1]']),
  loadExclusive('H', '11101 00 0 1 1 0 1 nnnn tttt ++++ 0101 ++++', [0xe8d10f5f, 'ldrexh r0, [r1]']),
  storeExclusive('', '11101 00 0 0 1 0 0 nnnn tttt dddd iiiiiiii', [0xe8410201, 'strex r2, r0, [r1, #4]']),
  storeExclusive('B', '11101 00 0 1 1 0 0 nnnn tttt ++++ 0100 dddd', [0xe8c10f42, 'strexb r2, r0, [r1]']),
  storeExclusive('H', '11101 00 0 1 1 0 0 nnnn tttt ++++ 0101 dddd', [0xe8c10f52, 'strexh r2, r0, [r1]']),
];
