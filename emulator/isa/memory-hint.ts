/**
 * Memory hints (DDI 0403, A5.3.8-9): what would load a byte or halfword into R15. PLD and PLI preload a cache
 * that this core does not have; the rest are not allocated. All are no-operations and access nothing.
 */
import { type Insn, insn } from './insn.js';
import { offsetAddress, R } from './text.js';

interface Space {
  readonly name: string;
  readonly mnemonic: string;
  /** What the text has before the address: R15 where objdump knows no hint. */
  readonly operand: string;
  /** The letters of the load in whose place the hint stands. */
  readonly sign: '0' | '1';
  readonly size: '00' | '01';
}

const SPACES: readonly Space[] = [
  { name: 'PLD', mnemonic: 'pld', operand: '', sign: '0', size: '00' },
  { name: 'PLI', mnemonic: 'pli', operand: '', sign: '1', size: '00' },
  { name: 'Unallocated memory hint', mnemonic: 'pldw', operand: '', sign: '0', size: '01' },
  { name: 'Unallocated memory hint', mnemonic: 'ldrsh', operand: 'pc, ', sign: '1', size: '01' },
];

/** The base address of the first halfword, to make examples of. */
const firstHalfword = ({ sign, size }: Space): number => 0xf810 | (Number(sign) << 8) | (Number(size) << 5);

/** The diagram of PLD with the sign and size of another space. */
const inSpace = <B extends string>({ sign, size }: Space, diagram: B): B =>
  diagram.replace(/^11111 00 0 (.) 00/, `11111 00 ${sign} $1 ${size}`) as B;

const mnemonicOf = ({ mnemonic, operand }: Space, c: string): string =>
  operand === '' ? `${mnemonic}${c} ` : `${mnemonic}${c}.w ${operand}`;

const exampleOf = (space: Space, n: number, second: number, address: string): readonly [number, string] => [
  (((firstHalfword(space) | n) << 16) | second) >>> 0,
  `${mnemonicOf(space, '')}${address}`,
];

const positive = (space: Space): Insn =>
  insn({
    name: `${space.name} (immediate)`,
    encoding: 'T1',
    bits: inSpace(space, '11111 00 0 1 00 1 nnnn 1111 iiiiiiiiiiii'),
    asm: ({ n, i }, x) => `${mnemonicOf(space, x.c)}${offsetAddress(n, i, true)}`,
    cycles: 'hint',
    when: ({ n }) => n !== 15,
    example: exampleOf(space, 0x81, 0xf004, '[r1, #4]'),
    meaning: (o) => o.hint('NOP'),
  });

const negative = (space: Space): Insn =>
  insn({
    name: `${space.name} (immediate)`,
    encoding: 'T2',
    bits: inSpace(space, '11111 00 0 0 00 1 nnnn 1111 1100 iiiiiiii'),
    asm: ({ n, i }, x) => `${mnemonicOf(space, x.c)}${offsetAddress(n, i, i === 0)}`,
    cycles: 'hint',
    when: ({ n }) => n !== 15,
    example: exampleOf(space, 0x01, 0xfc04, '[r1, #-4]'),
    meaning: (o) => o.hint('NOP'),
  });

const literal = (space: Space): Insn =>
  insn({
    name: `${space.name} (literal)`,
    encoding: 'T1',
    bits: inSpace(space, '11111 00 0 u 00 1 1111 1111 iiiiiiiiiiii'),
    asm: ({ u, i }, x) => `${mnemonicOf(space, x.c)}${offsetAddress(15, i, u === 1 || i === 0)}`,
    cycles: 'hint',
    example: exampleOf(space, 0x8f, 0xf004, '[pc, #4]'),
    meaning: (o) => o.hint('NOP'),
  });

const register = (space: Space): Insn =>
  insn({
    name: `${space.name} (register)`,
    encoding: 'T1',
    bits: inSpace(space, '11111 00 0 0 00 1 nnnn 1111 0 00000 ii mmmm'),
    asm: ({ n, i, m }, x) => `${mnemonicOf(space, x.c)}[${R(n)}, ${R(m)}${i === 0 ? '' : `, lsl #${i}`}]`,
    cycles: 'hint',
    when: ({ n }) => n !== 15,
    unpredictable: [{ when: ({ m }) => m === 13 || m === 15, choice: 'hints as any other register does' }],
    example: exampleOf(space, 0x01, 0xf022, '[r1, r2, lsl #2]'),
    meaning: (o) => o.hint('NOP'),
  });

export const memoryHint: readonly Insn[] = SPACES.flatMap((space) => [
  positive(space),
  negative(space),
  literal(space),
  register(space),
]);
