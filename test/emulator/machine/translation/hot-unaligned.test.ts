/** Unaligned accesses of hot code: in RAM and at its ends, in flash, and with a trap set in the loop. */
import { describe, expect, it } from 'vitest';
import { FAULTS_ON, SMALL_RAM, wordsOfTwins } from './twins.js';

/** Reads, and writes what makes a difference, at four addresses in turn from r4 on; r7 mixes what is read. */
const accesses = (read: string, write: string) => `
main:
  ldr r5, =0x20004000
  ldr r8, =12000
  movs r7, #0
again:
  and r0, r8, #3
  add r4, r5, r0
  ${write} r8, [r4, #8]
  ${read} r1, [r4, #8]
  add r7, r1, r7, ror #3
  ${read} r1, [r4, r0]
  add r7, r1, r7, ror #3
  subs r8, #1
  bne again
  put r7
  b report
  .ltorg
`;

/** The least that must be translated, so that a test says something of that. */
const leastShare = 0.5;

describe('unaligned accesses of hot code', () => {
  it.each([
    ['ldr', 'str'],
    ['ldrh', 'strh'],
    ['ldrsh', 'str'],
    ['ldr', 'strh'],
  ])('%s and %s cost and give what they do when interpreted', (read, write) => {
    expect(wordsOfTwins(accesses(read, write), { leastShare })).toHaveLength(1);
  });

  it('are made in flash', () => {
    const source = `
main:
  adr r5, table
  ldr r8, =12000
  movs r7, #0
again:
  and r0, r8, #3
  ldr r1, [r5, r0]
  add r7, r1, r7, ror #3
  ldrh r1, [r5, r0]
  add r7, r1, r7, ror #3
  subs r8, #1
  bne again
  put r7
  b report
  .ltorg
  .align 2
table:
  .word 0x04030201, 0x08070605
`;
    expect(wordsOfTwins(source, { leastShare })).toHaveLength(1);
  });

  const beyondTheEnd = ['ldr.w r1, [r4]', 'str.w r8, [r4]', 'ldrh.w r1, [r4, #2]'];
  it.each(beyondTheEnd)('%s faults where RAM ends', (access) => {
    const source = `
main:
  ${FAULTS_ON}
  ldr r5, =${0x20000000 + SMALL_RAM - 8}
  ldr r8, =12000
  movs r7, #0
  movs r10, #0
again:
  and r0, r8, #7
  add r4, r5, r0
  movs r1, #0
  ${access}
  add r7, r1, r7, ror #3
  subs r8, #1
  bne again
  put r7
  put r10
  b report
BusFault_Handler:
  add r10, #1
  ldr r0, =0xe000ed28
  ldr r2, [r0]
  str r2, [r0]
  ldr r0, [sp, #24]
  adds r0, #4
  str r0, [sp, #24]
  bx lr
  .ltorg
`;
    const [, faults = 0] = wordsOfTwins(source);
    expect(faults).toBeGreaterThan(1000);
  });

  it('fault from the instruction on that lets them', () => {
    const source = `
main:
  ${FAULTS_ON}
  ldr r4, =0x20004001
  ldr r11, =0xe000ed14
  ldr r8, =20000
  movs r7, #0
  movs r10, #0
again:
  ubfx r2, r8, #0, #11
  mov r0, #0x200
  cmp r2, #7
  it eq
  moveq r0, #0x208
  str r0, [r11]
  ldr r1, [r4]
  add r7, r1
  subs r8, #1
  bne again
  put r10
  b report
UsageFault_Handler:
  poke 0xe000ed14, 0x200
  ldr r0, =0xe000ed28
  ldr r1, [r0]
  str r1, [r0]
  add r10, #1
  bx lr
  .ltorg
`;
    const [faults] = wordsOfTwins(source, { leastShare: 0.3 });
    expect(faults).toBe(Math.floor((20000 - 7) / 2048) + 1);
  });
});
