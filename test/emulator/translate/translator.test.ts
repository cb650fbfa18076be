import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CFSR } from '../../../emulator/core/exception-numbers.js';
import { loadElf } from '../../../emulator/index.js';
import { buildElf } from '../../witness/compiler.js';
import { runLockstep, startLockstep } from './lockstep.js';

/**
 * Everything the records must carry, in one loop: post-indexed loads, LDM with write-back, UMULL, an ITE
 * block, FP multiply and add, a store, a conditional branch; \`__stack - 256\` is where LDM reads, so that
 * the loop's 33rd turn runs off the end of RAM in the middle of the block.
 */
const LOOP = `
  .syntax unified
  .thumb
  .global main, loop, loop_end, HardFault_Handler
  .thumb_func
main:
  push {r4-r11, lr}
  vmov.f32 s4, #1.0
  vmov.f32 s5, #3.0
  vdiv.f32 s6, s4, s5
  ldr r0, =0x20001000
  ldr r1, =0x2004ff00
  ldr r2, =0x20002000
  movs r8, #0
  vmov s3, r8
  ldr r12, =0x12345678
  mov r3, r0
  mov r4, #512
fill:
  mul r12, r12, r4
  add r12, r12, r3
  and r5, r12, #0x3f800000
  str r5, [r3], #4
  subs r4, #1
  bne fill
  mov r10, #100
  vmov.f32 s7, #1.5
  vstr s7, [r2]
  vstr s6, [r2, #4]
  .thumb_func
loop:
  ldr r3, [r0], #4
  ldmia r1!, {r4, r5}
  umull r6, r7, r3, r4
  cmp r6, r5
  ite hi
  addhi r8, r8, r6
  subls r8, r8, r7
  vldr s0, [r2]
  vldr s1, [r2, #4]
  vmul.f32 s2, s0, s1
  vadd.f32 s3, s3, s2
  vstr s3, [r2, #8]
  strh r8, [r2, #12]
  adcs r9, r9, r6
  subs r10, #1
  bne loop
  .thumb_func
loop_end:
  movs r0, #0
  pop {r4-r11, pc}
`;

/** A budget sequence that visits every residue: the unit must stop at every block boundary at some time. */
const varied = (turn: number): number => 1 + ((turn * 37) % 211);

describe('a translated loop runs as the interpreter does', () => {
  const elf = loadElf(readFileSync(buildElf(LOOP, { language: 's', mcu: 'stm32l496zg' })), 'loop.elf');

  it('through loads, LDM, UMULL, IT, FP and the branch, up to a fault in the middle', () => {
    const lockstep = startLockstep(elf, 'loop', 'loop_end');
    runLockstep(lockstep, 33 * 16, varied);
    expect(lockstep.unitInstructions).toBeGreaterThan(300);
    expect(lockstep.translated.core.exceptions.cfsr & CFSR.PRECISERR).toBe(CFSR.PRECISERR);
    expect(lockstep.translated.core.exceptions.faultAddress >>> 0).toBe(0x20050000);
  });

  it('with the whole budget at once', () => {
    const lockstep = startLockstep(elf, 'loop', 'loop_end');
    runLockstep(lockstep, 32 * 16, () => 1_000_000);
    expect(lockstep.entries).toBeLessThan(3);
    expect(lockstep.unitInstructions).toBeGreaterThan(500);
  });
});

describe("the firmware's own kernels", () => {
  const path = join(import.meta.dirname, '../../../firmware/prebuilt/stm32l496zg/train_once.elf');
  const elf = loadElf(readFileSync(path), 'train_once.elf');
  const kernel = (name: string): { start: number; end: number } => {
    const symbol = elf.symbol(name);
    if (symbol === undefined) throw new Error(`no ${name}`);
    return { start: symbol.address, end: symbol.address + symbol.size };
  };

  it.each(['conv1d_forward', 'dense_forward', 'dense_backward'])('%s', (name) => {
    const { start, end } = kernel(name);
    const lockstep = startLockstep(elf, start, end);
    runLockstep(lockstep, 40_000, (turn) => 1 + ((turn * 7919) % 20_011));
    expect(lockstep.unitInstructions).toBeGreaterThan(100);
  });

  it("a whole kernel in one go gives the interpreter's cycles and memory", () => {
    const { start, end } = kernel('conv1d_forward');
    const lockstep = startLockstep(elf, start, end);
    runLockstep(lockstep, 100_000, () => 1_000_000_000);
    expect(lockstep.unitInstructions).toBeGreaterThan(50_000);
  });
});
