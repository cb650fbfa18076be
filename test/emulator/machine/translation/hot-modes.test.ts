/**
 * The core's modes changed while code is hot: rounding, the FPU, traps. What was translated for one must not
 * be run in another. Both machines are compared all the while.
 */
import { describe, expect, it } from 'vitest';
import { FAULTS_ON, tickEvery, wordsOfTwins } from './twins.js';

const FPU_ON = 'poke 0xe000ed88, 0x00f00000';

describe('FPSCR', () => {
  /** Bits of results and flags of one function that is called in each of some modes, in turn. */
  const modes = (values: readonly string[], rounds: number) => `
main:
  ${FPU_ON}
  ldr r8, =${rounds}
  ldr r4, =modes
  movs r7, #0
next:
  ldr r0, [r4], #4
  vmsr fpscr, r0
  bl sums_code
  vmrs r1, fpscr
  add r7, r1, r7, ror #1
  vmov r1, s4
  add r7, r1, r7, ror #3
  ldr r0, =modes_end
  cmp r4, r0
  bne kept
  put r7
  ldr r4, =modes
kept:
  subs r8, #1
  bne next
  b report
sums_code:
  vldr s0, start
  vldr s1, start + 4
  vldr s2, start + 8
  vldr s6, start + 12
  vmov.f32 s4, #1.0
  movs r0, #80
1: vmul.f32 s3, s4, s0
  vadd.f32 s4, s3, s1
  vdiv.f32 s5, s4, s0
  vsub.f32 s4, s5, s2
  vmul.f32 s5, s6, s0
  vadd.f32 s4, s4, s5
  vsqrt.f32 s5, s1
  vmla.f32 s4, s5, s6
  vcvt.f32.s32 s3, s3
  subs r0, #1
  bne 1b
  bx lr
  .balign 4
start: .word 0x3f8ccccd, 0x3e99999a, 0x3dcccccd, 0x00012345
modes: .word ${values.join(', ')}
modes_end:
  .ltorg
`;
  const ROUNDING = ['0', '0x00400000', '0x00800000', '0x00c00000'];

  it('rounds in the direction that was set last', () => {
    const words = wordsOfTwins(modes(ROUNDING, 4 * 20));
    expect(words).toHaveLength(20);
    expect(new Set(words).size).toBe(20);
  });

  it('flushes to zero, gives the default NaN, and keeps flags that are set, or not, from before', () => {
    const values = ['0', '0x01000000', '0x02000000', '0x03c00000', '0x0000009f', '0x01000010', '0'];
    expect(wordsOfTwins(modes(values, 7 * 12))).toHaveLength(12);
  });

  it('is changed in the middle of a loop, by the loop and by interrupts', () => {
    const source = `
main:
  ${FPU_ON}
  ${tickEvery(1237)}
  ldr r8, =20000
  movs r7, #0
  vldr s0, third
  vmov.f32 s1, #1.0
again:
  vdiv.f32 s2, s1, s0
  vadd.f32 s1, s2, s0
  vmov r0, s1
  add r7, r0, r7, ror #1
  tst r8, #0x7f
  bne kept
  vmrs r0, fpscr
  add r7, r0
  eor r0, #0x00400000
  vmsr fpscr, r0
kept:
  subs r8, #1
  bne again
  put r7
  b report
SysTick_Handler:
  vmrs r0, fpscr
  orr r0, #0x00800000
  vmsr fpscr, r0
  vldr s0, third
  vdiv.f32 s1, s0, s0
  ldr r0, [sp, #96]
  eor r0, #0x00800000
  str r0, [sp, #96]
  bx lr
  .balign 4
third: .word 0x3eaaaaab
`;
    expect(wordsOfTwins(source)).toHaveLength(1);
  });
});

describe('the FPU switched off by an interrupt', () => {
  it('stops a hot FP loop by a UsageFault, whose handler switches it on again', () => {
    const source = `
main:
  ${FPU_ON}
  ${FAULTS_ON}
  ${tickEvery(5003)}
  ldr r8, =16000
  vmov.f32 s0, #1.0
  movs r0, #0
  vmov s1, r0
  movs r10, #0
again:
  vadd.f32 s1, s1, s0
  subs r8, #1
  bne again
  vcvt.s32.f32 s1, s1
  vmov r0, s1
  put r0
  cmp r10, #4
  ite hi
  movhi r10, #1
  movls r10, #0
  put r10
  b report
SysTick_Handler:
  poke 0xe000ed88, 0
  bx lr
UsageFault_Handler:
  ${FPU_ON}
  poke 0xe000ed28, 0x00080000
  add r10, #1
  bx lr
`;
    expect(wordsOfTwins(source)).toEqual([16000, 1]);
  });
});

describe('traps of CCR, switched on by an interrupt and off by the fault', () => {
  /** A hot loop of one instruction that CCR's bit makes a fault; r7 sums what it gives. */
  const trapped = (bit: number, instruction: string) => `
main:
  ${FAULTS_ON}
  ${tickEvery(2999)}
  ldr r4, =0x20004001
  ldr r0, =0x01020304
  str r0, [r4]
  ldr r8, =16000
  movs r7, #0
  movs r5, #0
  movs r6, #77
  movs r10, #0
again:
  ${instruction}
  add r7, r0
  subs r8, #1
  bne again
  put r7
  put r10
  b report
SysTick_Handler:
  poke 0xe000ed14, ${0x200 + bit}
  bx lr
UsageFault_Handler:
  poke 0xe000ed14, 0x200
  ldr r0, =0xe000ed28
  ldr r1, [r0]
  str r1, [r0]
  add r10, #1
  bx lr
  .ltorg
`;
  it.each([
    ['UNALIGN_TRP, at an unaligned load', 8, 'ldr r0, [r4]', 0x01020304],
    ['UNALIGN_TRP, at an unaligned store', 8, 'str r8, [r4, #8]\n  movs r0, #1', 1],
    ['DIV_0_TRP, at a signed divide', 16, 'bic r0, r8, #0xff00\n  sdiv r0, r0, r0', 1],
    ['DIV_0_TRP, at an unsigned divide', 16, 'bic r0, r8, #0xff00\n  udiv r0, r0, r0', 1],
  ])('%s', (_name, bit, instruction, each) => {
    const [sum, faults = 0] = wordsOfTwins(trapped(bit, instruction));
    // A divide of zero by zero gives zero, once in 256 rounds.
    const zeros = bit === 16 ? Math.floor(16000 / 256) : 0;
    expect(sum).toBe(((16000 - zeros) * each) >>> 0);
    expect(faults).toBeGreaterThan(4);
  });
});
