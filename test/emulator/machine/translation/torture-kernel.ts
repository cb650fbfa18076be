/**
 * A kernel that has most of what can be interrupted badly: IT blocks, LDM and STM, a branch by table, calls
 * and returns of each kind, recursion, divides, long multiplies, FP with its flags and stacked registers,
 * exclusive, unaligned and bit-band accesses, masked stretches. What it leaves in memory depends on nothing
 * but its rounds.
 */

/** `kernel_code`: r0 is how many rounds. It leaves 16 words at `work`, and 47 at `finals`: all registers. */
export const KERNEL = `
  .bss
  .balign 8
work: .space 64
finals: .space 256
tally: .space 4
  .text
  .balign 4
seeds:
  .word 0x00000001, 0x7fffffff, 0x80000000, 0xffffffff, 0x12345678, 0x9abcdef0, 0x00010000, 0x0000ffff
  .word 0x3f800000, 0x40490fdb, 0xbf000000, 0x42c80000, 0x00000007, 0xfffffff9, 0x55555555, 0xaaaaaaaa

kernel_code:
  push {r4-r11, lr}
  mov r11, r0
  ldr r10, =work
  ldr r9, =seeds
  ldmia r9!, {r0-r7}
  stmia r10!, {r0-r7}
  ldmia r9, {r0-r7}
  stmia r10, {r0-r7}
  ldr r8, =0x9e3779b9
  vmov.f32 s16, #1.5
  vmov.f32 s17, #0.25
  movs r0, #0
  vmsr fpscr, r0
round:
  ldr r10, =work
  ldmia r10!, {r0-r3}
  eor r0, r0, r8
  adds r1, r1, r0, ror #7
  sbcs r2, r2, r1, lsl #3
  umlal r0, r3, r1, r2
  stmdb r10, {r0-r3}
  cmp r0, r1
  itete hi
  addhi r4, r0, #1
  subls r4, r1, #3
  lslhi r5, r1, #2
  mvnls r5, r0
  ands r6, r4, #3
  itt eq
  addeq r8, r8, #17
  moveq r6, #2
  tbb [pc, r6]
table: .byte (case0 - table) / 2, (case1 - table) / 2, (case2 - table) / 2, (case3 - table) / 2
case0:
  nop
case1:
  adds r8, r8, r4, lsl #1
  b joined
case2:
  rbit r8, r8
  b joined
case3:
  smulbt r7, r4, r5
  qadd r8, r8, r7
joined:
  mov r0, r4
  bl outer_code
  add r8, r8, r0
  and r0, r5, #7
  bl deep_code
  eor r8, r8, r0
  orr r1, r5, #1
  udiv r2, r8, r1
  mls r3, r2, r1, r8
  sdiv r7, r8, r1
  add r8, r8, r3
  eor r8, r8, r7
  vmov s0, r8
  vcvt.f32.s32 s0, s0
  vldmia r10, {s8-s15}
  vmla.f32 s16, s0, s17
  vdiv.f32 s1, s16, s13
  vabs.f32 s2, s1
  vsqrt.f32 s3, s2
  vpush {s0-s3}
  vadd.f32 s4, s3, s16
  vcmp.f32 s4, s3
  vmrs apsr_nzcv, fpscr
  ite gt
  vmovgt.f32 s17, #0.25
  vmovle.f32 s17, #-0.5
  vpop {s4-s7}
  vcvt.s32.f32 s5, s6
  vmov r7, s5
  add r8, r8, r7
  ldr r12, =tally
again:
  ldrex r0, [r12]
  add r0, r0, r8
  strex r1, r0, [r12]
  cmp r1, #0
  bne again
  ldr r0, [r10, #1]
  str r0, [r10, #6]
  bic r1, r10, #0x20000000
  lsls r1, r1, #5
  add r1, r1, #0x22000000
  ldr r0, [r1, #(43 * 4)]
  eor r0, r0, #1
  str r0, [r1, #(43 * 4)]
  cpsid i
  ldrd r0, r1, [r10, #8]
  adds r0, r0, r8
  adc r1, r1, #0
  strd r0, r1, [r10, #8]
  cpsie i
  movs r0, #0x40
  msr basepri, r0
  ssat r2, #12, r8
  add r8, r8, r2, ror #9
  movs r0, #0
  msr basepri, r0
  subs r11, r11, #1
  bne round
  str r8, [r10, #28]
  mov r9, #0
  ldr r12, =tally
  str r9, [r12]
  ldr lr, =finals
  stmia lr!, {r0-r12}
  vstmia lr!, {s0-s15}
  vstmia lr!, {s16-s31}
  mrs r0, apsr
  vmrs r1, fpscr
  stmia lr, {r0, r1}
  pop {r4-r11, pc}

outer_code:
  push {r4, lr}
  mov r4, r0
  ldr r3, =leaf_code
  blx r3
  add r0, r0, r4
  bl inner_code
  tst r0, #1
  it ne
  popne {r4, pc}
  adds r0, #5
  pop {r4, pc}
inner_code:
  push {lr}
  bl leaf_code
  rev r0, r0
  ldr pc, [sp], #4
leaf_code:
  cbz r0, leaf_end
  ubfx r1, r0, #3, #11
  bfi r0, r1, #17, #9
leaf_end:
  bx lr
deep_code:
  push {r4, r5, lr}
  sub sp, #12
  str r0, [sp, #4]
  subs r0, #1
  bmi deep_end
  bl deep_code
  ldr r4, [sp, #4]
  add r0, r0, r4
deep_end:
  add sp, #12
  pop {r4, r5, pc}
  .ltorg
`;

/** `digest_code`: r0 becomes a sum of all that the kernel leaves behind; r1-r3 and r12 are lost. */
export const DIGEST = `
digest_code:
  ldr r1, =work
  movs r2, #(16 + 47)
  movs r0, #0
1: ldr r3, [r1], #4
  add r0, r3, r0, ror #5
  eor r0, r0, r0, lsl #7
  subs r2, #1
  cmp r2, #47
  it eq
  ldreq r1, =finals
  cmp r2, #0
  bne 1b
  bx lr
  .ltorg
`;
