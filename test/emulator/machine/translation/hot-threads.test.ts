/**
 * Hot code on more than one stack, and on a deep one: recursion, threads that change over, loops that only
 * an interrupt ends. Both machines are compared all the while.
 */
import { describe, expect, it } from 'vitest';
import { STACK_TOP } from '../guest-machine.js';
import { SMALL_RAM, Twins, wordsOfTwins } from './twins.js';

describe('recursion', () => {
  /** Sums 1 to `depth` with a frame of two words each, a dozen times. */
  const sums = (stack: number, depth: number) => `
main:
  ldr r0, =${stack}
  mov sp, r0
  movs r7, #0
  movs r8, #12
again:
  ldr r0, =${depth}
  bl sum_code
  add r7, r0
  subs r8, #1
  bne again
  put r7
  mov r0, sp
  put r0
  b report
sum_code:
  push {r4, lr}
  movs r4, r0
  beq bottom
  subs r0, #1
  bl sum_code
  add r0, r4
bottom:
  pop {r4, pc}
  .ltorg
`;

  it.each([
    [STACK_TOP, 3500],
    [0x20000000 + SMALL_RAM, 12_000],
  ])('with the stack at %i, goes %i frames deep in hot code, again and again', (stack, depth) => {
    const twins = new Twins(sums(stack, depth));
    expect(twins.runToEnd({ keepsPeaks: true })).toEqual({ reason: 'exit', code: 0 });
    const words = [12 * ((depth * (depth + 1)) / 2), stack].map(
      (w) => `${w.toString(16).padStart(8, '0')}\n`,
    );
    expect(twins.console).toBe(words.join(''));
    // The other stack lies above the first, so that its depth is not the lowest that SP has been.
    const peakBytes = stack === STACK_TOP ? (depth + 1) * 8 : 0;
    expect(twins.interpreted.stacks()).toEqual([{ name: 'main', peakBytes }]);
  });

  it('branches: fib, with two calls a frame, and functions that call each other', () => {
    const source = `
main:
  movs r0, #16
  bl fib_code
  put r0
  ldr r0, =2001
  bl even_code
  put r0
  b report
fib_code:
  cmp r0, #2
  it lt
  bxlt lr
  push {r4, r5, lr}
  mov r4, r0
  subs r0, #1
  bl fib_code
  mov r5, r0
  subs r0, r4, #2
  bl fib_code
  add r0, r5
  pop {r4, r5, pc}
even_code:
  cbz r0, is_even
  push {lr}
  subs r0, #1
  bl odd_code
  pop {pc}
is_even:
  movs r0, #1
  bx lr
odd_code:
  cbz r0, is_odd
  push {lr}
  subs r0, #1
  bl even_code
  pop {pc}
is_odd:
  movs r0, #0
  bx lr
  .ltorg
`;
    expect(wordsOfTwins(source)).toEqual([987, 0]);
  });
});

/** Two threads on the process stack; SysTick asks for PendSV, which changes over, FP registers and all. */
const THREADS = `
  .bss
  .balign 8
current: .word 0
saved: .space 8
switches: .word 0
counts: .space 8
  .text
main:
  poke 0xe000ed88, 0x00f00000
  poke 0xe000ed20, 0xc0ff0000
  ldr r0, =0x20007000
  ldr r1, =second_code
  movs r2, #0
  mov r3, #0x01000000
  movs r4, #0
  stmdb r0!, {r1, r3}
  movs r5, #15
1: str r4, [r0, #-4]!
  subs r5, #1
  bne 1b
  mvn r3, #2
  str r3, [r0, #(8 * 4)]
  ldr r1, =saved
  str r0, [r1, #4]
  ldr r0, =0x20006000
  msr psp, r0
  movs r0, #2
  msr control, r0
  isb
  poke 0xe000e014, 613
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  movs r4, #0
  vmov.f32 s20, #1.0
  vmov s21, r4
first:
  bl work_code
  adds r4, #1
  vadd.f32 s21, s21, s20
  ldr r0, =counts
  str r4, [r0]
  ldr r1, =switches
  ldr r1, [r1]
  cmp r1, #200
  blo first
  poke 0xe000e010, 0
  vcvt.s32.f32 s0, s21
  vmov r0, s0
  sub r0, r0, r4
  put r0
  peek counts
  ldr r0, =counts + 4
  ldr r0, [r0]
  put r0
  b report
second_code:
  movs r6, #0
  vmov.f32 s20, #2.0
  vmov s21, r6
second:
  bl work_code
  adds r6, #1
  vadd.f32 s21, s21, s20
  vcvt.s32.f32 s0, s21
  vmov r0, s0
  cmp r0, r6, lsl #1
  beq kept
  bkpt #1
kept:
  ldr r0, =counts
  str r6, [r0, #4]
  b second
work_code:
  movs r0, #20
2: subs r0, #1
  bne 2b
  bx lr
SysTick_Handler:
  ldr r0, =0xe000ed04
  mov r1, #0x10000000
  str r1, [r0]
  bx lr
PendSV_Handler:
  mrs r0, psp
  tst lr, #0x10
  it eq
  vstmdbeq r0!, {s16-s31}
  stmdb r0!, {r4-r11, lr}
  ldr r1, =current
  ldr r2, [r1]
  ldr r3, =saved
  str r0, [r3, r2, lsl #2]
  eor r2, #1
  str r2, [r1]
  ldr r0, [r3, r2, lsl #2]
  ldr r1, =switches
  ldr r2, [r1]
  adds r2, #1
  str r2, [r1]
  ldmia r0!, {r4-r11, lr}
  tst lr, #0x10
  it eq
  vldmiaeq r0!, {s16-s31}
  msr psp, r0
  bx lr
  .ltorg
`;

describe('threads', () => {
  it('change over by PendSV in the middle of hot loops, each with its registers', () => {
    // r9 belongs to both threads here, and only the first puts.
    const [difference, first = 0, second = 0] = wordsOfTwins(THREADS);
    expect(difference).toBe(0);
    expect(first).toBeGreaterThan(300);
    expect(second).toBeGreaterThan(300);
  });
});

describe('a loop', () => {
  it('that waits for a flag of an interrupt handler ends when that comes', () => {
    const source = `
main:
  poke 0xe000e014, 9973
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  ldr r4, =out + 512
  movs r7, #20
  movs r6, #0
wait:
  ldr r0, [r4]
  cmp r0, #0
  beq wait
  movs r0, #0
  str r0, [r4]
  adds r6, #1
  subs r7, #1
  bne wait
  put r6
  b report
SysTick_Handler:
  ldr r0, =out + 512
  movs r1, #1
  str r1, [r0]
  bx lr
`;
    expect(wordsOfTwins(source)).toEqual([20]);
  });

  it('to itself is left by an interrupt whose handler returns elsewhere', () => {
    const source = `
main:
  movs r6, #0
again:
  poke 0xe000e014, 4999
  poke 0xe000e018, 0
  poke 0xe000e010, 7
self:
  b self
out_of_it:
  adds r6, #1
  cmp r6, #12
  bne again
  put r6
  b report
SysTick_Handler:
  poke 0xe000e010, 0
  ldr r0, =out_of_it
  str r0, [sp, #24]
  bx lr
`;
    expect(wordsOfTwins(source)).toEqual([12]);
  });

  it('that sleeps each time round wakes each time', () => {
    const source = `
main:
  poke 0xe000e014, 799
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  ldr r7, =300
  movs r6, #0
  movs r5, #0
again:
  movs r0, #50
1: add r5, r0
  subs r0, #1
  bne 1b
  wfi
  subs r7, #1
  bne again
  put r5
  put r6
  b report
SysTick_Handler:
  adds r6, #1
  bx lr
`;
    expect(wordsOfTwins(source)).toEqual([300 * 1275, 300]);
  });
});
