/**
 * Hot code that does not go where it is expected to: returns to elsewhere, unwinds, jumps by tables and into
 * the middle of things. Each program says what must come out; both machines are compared all the while.
 */
import { describe, expect, it } from 'vitest';
import { wordsOfTwins } from './twins.js';

/** Rounds of each hot loop. */
const N = 6000;
const u32 = (value: number): number => value >>> 0;

describe('returns and jumps', () => {
  it('unwind several hot frames at once, as longjmp does', () => {
    const source = `
  .bss
  .balign 8
jump: .space 48
  .text
main:
  ldr r8, =${N}
  movs r7, #0
again:
  bl set_code
  cbnz r0, landed
  mov r0, #4
  bl down_code
  b .
landed:
  add r7, r0
  subs r8, #1
  bne again
  put r7
  mov r0, sp
  put r0
  b report
set_code:
  ldr r1, =jump
  mov r2, sp
  stmia r1!, {r2, r4-r11, lr}
  movs r0, #0
  bx lr
down_code:
  push {r4-r6, lr}
  mov r4, r0
  subs r0, #1
  beq thrown
  bl down_code
  b .
thrown:
  movs r0, #3
  ldr r1, =jump
  ldmia r1, {r2, r4-r11, lr}
  mov sp, r2
  bx lr
  .ltorg
`;
    expect(wordsOfTwins(source)).toEqual([3 * N, 0x20008000]);
  });

  it('go past a word, when the callee has moved the return address in LR or on the stack', () => {
    const source = `
main:
  ldr r8, =${N}
  movs r7, #0
again:
  bl over_code
  udf #0
  add r7, #1
  bl deep_over_code
  udf #1
  add r7, #1
  subs r8, #1
  bne again
  put r7
  b report
over_code:
  adds lr, #2
  bx lr
deep_over_code:
  push {r4, lr}
  ldr r4, [sp, #4]
  add r4, #2
  str r4, [sp, #4]
  pop {r4, pc}
`;
    expect(wordsOfTwins(source)).toEqual([2 * N]);
  });

  it('call through pointers that change, to functions that share a caller', () => {
    const source = `
  .data
  .balign 4
  .bss
pointers: .space 16
  .text
main:
  ldr r1, =pointers
  ldr r0, =one_code
  str r0, [r1]
  ldr r0, =two_code
  str r0, [r1, #4]
  ldr r0, =three_code
  str r0, [r1, #8]
  ldr r0, =again_code
  str r0, [r1, #12]
  ldr r8, =${N}
  movs r7, #0
  ldr r10, =12345
next:
  ldr r0, =1103515245
  mul r10, r10, r0
  add r10, #12345 & 0xff
  ubfx r0, r10, #16, #2
  ldr r1, =pointers
  ldr r2, [r1, r0, lsl #2]
  blx r2
  ldr r2, [r1]
  ldr r3, [r1, #4]
  tst r10, #0x00800000
  itt ne
  strne r2, [r1, #4]
  strne r3, [r1]
  subs r8, #1
  bne next
  put r7
  b report
one_code:
  add r7, #1
  bx lr
two_code:
  add r7, r7, r7, ror #3
  bx lr
three_code:
  eor r7, r7, #0x5500
  bx lr
again_code:
  push {lr}
  ldr r2, [r1]
  blx r2
  ldr r2, [r1, #4]
  pop {lr}
  bx r2
  .ltorg
`;
    let [x, r7, swapped] = [12345, 0, false];
    const one = () => {
      r7 = (r7 + 1) | 0;
    };
    const two = () => {
      r7 = (r7 + ((r7 >>> 3) | (r7 << 29))) | 0;
    };
    for (let k = 0; k < N; k++) {
      x = (Math.imul(x, 1103515245) + (12345 & 0xff)) | 0;
      const [first, second] = swapped ? [two, one] : [one, two];
      const which = (x >>> 16) & 3;
      if (which === 0) first();
      else if (which === 1) second();
      else if (which === 2) r7 ^= 0x5500;
      else {
        first();
        second();
      }
      if ((x & 0x00800000) !== 0) swapped = !swapped;
    }
    expect(wordsOfTwins(source)).toEqual([u32(r7)]);
  });

  it('by a table of addresses, by a computed PC, and out of IT blocks', () => {
    const source = `
main:
  ldr r8, =${N}
  movs r7, #0
again:
  and r0, r8, #3
  adr r1, places
  ldr pc, [r1, r0, lsl #2]
  .balign 4
places: .word place0 + 1, place1 + 1, place2 + 1, place3 + 1
place0:
  adds r7, #1
  b joined
place1:
  adds r7, #2
place2:
  adds r7, #3
  b joined
place3:
  adr r1, place2
  orr r1, #1
  mov pc, r1
joined:
  bl odd_code
  tst r8, #4
  ite eq
  addeq r7, #1
  bne passed
  adds r7, #1
passed:
  subs r8, #1
  bne again
  put r7
  b report
odd_code:
  tst r8, #1
  it eq
  bxeq lr
  push {r4, lr}
  tst r8, #2
  itt eq
  addeq r7, #7
  popeq {r4, pc}
  adds r7, #8
  pop {r4, pc}
`;
    let r7 = 0;
    for (let r8 = N; r8 > 0; r8--) {
      r7 += [1, 5, 3, 3][r8 & 3] as number;
      if ((r8 & 1) === 1) r7 += (r8 & 2) === 0 ? 7 : 8;
      if ((r8 & 4) === 0) r7 += 2;
    }
    expect(wordsOfTwins(source)).toEqual([r7]);
  });

  it('into the second half of an instruction, which is another one', () => {
    // movw r0, #0x3701 is f243 7001 (0x7001 is strb r1, [r0]); its second half run by itself stores.
    const source = `
main:
  ldr r8, =${N}
  movs r7, #0
  ldr r9, =out
again:
  movw r0, #0x3701
  add r7, r0
  mov r0, r9
  movs r1, #5
  adr r2, halves
  orr r2, #1
  tst r8, #1
  it ne
  addne r2, #2
  bx r2
  .balign 4
halves:
  .hword 0xf243, 0x7001
  add r7, #1
  subs r8, #1
  bne again
  ldrb r0, [r9], #1
  subs r9, #1
  adds r9, #4
  str r0, [r9], #4
  put r7
  b report
  .ltorg
`;
    const [, stored, sum] = wordsOfTwins(source);
    expect([stored, sum]).toEqual([5, u32(N * (0x3701 + 1))]);
  });

  it('back from an SVC whose handler has moved the return address', () => {
    const source = `
main:
  ldr r8, =${N}
  movs r7, #0
again:
  mov r0, r7
  svc 3
  udf #0
  mov r7, r0
  subs r8, #1
  bne again
  put r7
  b report
SVC_Handler:
  ldr r0, [sp, #24]
  ldrb r1, [r0, #-2]
  adds r0, #2
  str r0, [sp, #24]
  ldr r0, [sp]
  add r0, r1
  str r0, [sp]
  bx lr
`;
    // An SVC ends what is translated, and there is one in every round.
    expect(wordsOfTwins(source, { leastShare: 0.01 })).toEqual([3 * N]);
  });
});
