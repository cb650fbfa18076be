/** 32-bit encodings that Unicorn 2.0.1 runs and the table has no record for. Each must be met. */

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
  readonly matches: (word: number) => boolean;
}

const under = (mask: number, value: number) => (word: number) => ((word ^ value) & mask) === 0;

export const LEFT_OUT: readonly LeftOut[] = [
  {
    name: 'stores with the PC as base',
    reason: 'UNDEFINED in every STR, STRH and STRB; Unicorn stores',
    matches: under(0xff1f0000, 0xf80f0000),
  },
  {
    name: 'element loads and stores of Advanced SIMD',
    reason: 'not in ARMv7-M: UNDEFINED; Unicorn runs some as no-operations',
    matches: under(0xff100000, 0xf9000000),
  },
  {
    name: 'LDREXD and STREXD',
    reason: 'not in ARMv7-M; Unicorn has them',
    matches: under(0xffe000f0, 0xe8c00070),
  },
];
