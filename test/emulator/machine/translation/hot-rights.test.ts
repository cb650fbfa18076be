/**
 * What code may do, and which handlers it has, changed while it is hot: the MPU, privilege, the vector table.
 * Both machines are compared all the while.
 */
import { describe, expect, it } from 'vitest';
import { FAULTS_ON, tickEvery, wordsOfTwins } from './twins.js';

describe('the MPU', () => {
  /** A region of 32 bytes at `base`, and the MPU on over the default map. */
  const fence = (base: number, attributes: number) => `
  poke 0xe000ed9c, ${base + 0x10}
  poke 0xe000eda0, ${attributes + 9}
  poke 0xe000ed94, 5
`;
  const READ_ONLY = 0x06000000;
  const NOTHING = 0;
  const NEVER_EXECUTED = 0x11600000;

  const fenced = (arm: string, fenceIt: string) => `
main:
  ${FAULTS_ON}
  ldr r4, =0x20006000
  ldr r8, =16000
  movs r10, #0
  movs r11, #0
  ${arm}
again:
  ldr r0, [r4]
  adds r0, #1
  str r0, [r4]
  ldr r1, =4000
  cmp r8, r1
  bne kept
  ${arm === '' ? fenceIt : ''}
kept:
  subs r8, #1
  bne again
  put r0
  put r10
  put r11
  b report
  .ltorg
SysTick_Handler:
  ${arm === '' ? '' : fenceIt}
  bx lr
MemManage_Handler:
  ldr r0, =0xe000ed28
  ldr r1, [r0]
  str r1, [r0]
  orr r11, r1
  poke 0xe000ed94, 0
  add r10, #1
  bx lr
  .ltorg
`;

  it('switched on by a hot loop itself forbids the next store, or load', () => {
    expect(wordsOfTwins(fenced('', fence(0x20006000, READ_ONLY)))).toEqual([16000, 1, 0x82]);
    expect(wordsOfTwins(fenced('', fence(0x20006000, NOTHING)))).toEqual([16000, 1, 0x82]);
    expect(wordsOfTwins(fenced('', fence(0x20007000, NOTHING)))).toEqual([16000, 0, 0]);
  });

  it('switched on by an interrupt, and off by the fault, again and again', () => {
    const [sum, faults = 0, status] = wordsOfTwins(fenced(tickEvery(4001), fence(0x20006000, READ_ONLY)));
    expect([sum, status]).toEqual([16000, 0x82]);
    expect(faults).toBeGreaterThan(8);
  });

  it('takes the right to execute from code that is hot', () => {
    const source = `
main:
  ${FAULTS_ON}
  ${tickEvery(6007)}
  ldr r8, =16000
  movs r7, #0
  movs r10, #0
again:
  bl hot_code
  subs r8, #1
  bne again
  put r7
  put r10
  b report
  .ltorg
  .balign 32
hot_code:
  adds r7, #1
  bx lr
  .balign 32
SysTick_Handler:
  ldr r0, =0xe000ed9c
  ldr r1, =hot_code
  bic r1, #0x1f
  orr r1, #0x10
  str r1, [r0]
  ldr r1, =${NEVER_EXECUTED + 9}
  str r1, [r0, #4]
  poke 0xe000ed94, 5
  bx lr
MemManage_Handler:
  poke 0xe000ed28, 1
  poke 0xe000ed94, 0
  add r10, #1
  bx lr
  .ltorg
`;
    const [sum, faults = 0] = wordsOfTwins(source);
    expect(sum).toBe(16000);
    expect(faults).toBeGreaterThan(4);
  });

  it('on from the start, with code that stays within its rights', () => {
    const source = `
main:
  ${fence(0x20006000, READ_ONLY)}
  ldr r4, =0x20006020
  ldr r8, =16000
again:
  ldr r0, [r4, #-32]
  ldr r1, [r4]
  add r1, r8
  str r1, [r4]
  subs r8, #1
  bne again
  put r1
  b report
`;
    // Under the MPU nothing is translated.
    expect(wordsOfTwins(source, { leastShare: 0 })).toEqual([(16000 * 16001) / 2]);
  });
});

describe('privilege and vectors', () => {
  it('unprivileged from the middle of a hot loop on, a read of the system space is a fault', () => {
    const source = `
main:
  ${FAULTS_ON}
  ldr r4, =0xe000ed00
  ldr r8, =20000
  movs r7, #0
  movs r10, #0
again:
  ldr r0, [r4]
  add r7, r0, r7, ror #1
  ldr r1, =5000
  cmp r8, r1
  itt eq
  moveq r0, #1
  msreq control, r0
  subs r8, #1
  bne again
  put r7
  put r10
  b report
  .ltorg
BusFault_Handler:
  poke 0xe000ed28, 0x8200
  movs r0, #0
  msr control, r0
  add r10, #1
  bx lr
  .ltorg
`;
    const words = wordsOfTwins(source);
    expect(words[1]).toBe(1);
  });

  it('another vector table, set while code is hot, has its handlers run', () => {
    const source = `
  .bss
  .balign 512
table: .space 512
  .text
main:
  ${tickEvery(1999)}
  ldr r8, =40000
  movs r6, #0
  movs r7, #0
again:
  subs r8, #1
  bne again
  put r6
  put r7
  b report
SysTick_Handler:
  adds r6, #1
  cmp r6, #12
  bne stay
  ldr r0, =0xe000ed08
  ldr r1, =table
  ldr r2, =other_code
  str r2, [r1, #60]
  str r1, [r0]
stay:
  bx lr
other_code:
  adds r7, #1
  bx lr
  .ltorg
`;
    const [first, second = 0] = wordsOfTwins(source);
    expect(first).toBe(12);
    expect(second).toBeGreaterThan(8);
  });
});
