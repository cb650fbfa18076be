/**
 * The cycle model against the Cortex-M4 TRM (Arm DDI 0439D): its worked examples (3.3.2), its tables (3-1,
 * 7-1) and its exception latencies (3.9.1). Every expectation is the manual's figure, or a parameter's
 * where it gives a range.
 */
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../emulator/errors.js';
import { Machine } from '../../../emulator/index.js';
import { TRM_DEFAULTS, trmModel } from '../../../emulator/timing/trm.js';
import { guest, profileOf } from '../machine/guest-machine.js';
import { cycleAt, measure } from './measured-cases.js';

/** [code, cycles]; instructions are parted by semicolons. */
type Row = readonly [string, number];

const P = TRM_DEFAULTS;

const tables: Readonly<Record<string, readonly Row[]>> = {
  'data processing': [
    ['mov r0, r1', 1],
    ['movs r0, #1', 1],
    ['movw r0, #1234', 1],
    ['adds r0, r1, r2', 1],
    ['add.w r0, r1, r2, lsl #3', 1],
    ['lsl.w r0, r1, r4', 1],
    ['clz r0, r1', 1],
    ['bfi r0, r1, #3, #5', 1],
    ['ssat r0, #8, r1', 1],
    ['add r0, r1; add r0, r2; add r0, r3', 3],
    ['nop', 1],
    ['clrex', 1],
  ],
  multiplication: [
    ['muls r0, r1, r0', 1],
    ['mla r0, r1, r2, r3', 1],
    ['mls r0, r1, r2, r3', 1],
    ['umull r0, r1, r2, r3', 1],
    ['smlal r0, r1, r2, r3', 1],
    ['umull r0, r1, r2, r3; umlal r0, r1, r2, r3', 2],
  ],
  'single loads and stores': [
    ['ldr r6, [r1]', 2],
    ['ldrsb r6, [r1, #1]', 2],
    ['ldrh r6, [r1, r4]', 2],
    ['ldr r6, [r1], #4', 2],
    ['ldrt r6, [r1]', 2],
    ['str r6, [r1]', 1],
    ['strb r6, [r1, #3]', 1],
    ['str r6, [r1, #4]!', 1],
    ['str r6, [sp, #-4]', 1],
    ['str r6, [r1, r4]', 2],
    ['strh r6, [r1, r4, lsl #1]', 2],
    ['ldrex r6, [r1]', 2],
    ['strex r6, r5, [r1]', 2],
  ],
  'pipelined loads, the examples of 3.3.2 first': [
    ['ldr r6, [r1]; ldr r7, [r2]', 3],
    ['ldr r6, [r1, r4]; str r6, [r3, #20]', 3],
    ['ldr r6, [r1, r4]; str r1, [r3, r4]', 3],
    ['ldr r5, [r1]; ldr r6, [r2]; ldr r7, [r3]', 4],
    ['ldr r6, [r8]; ldr r7, [r6]', 4],
    ['ldr r6, [r8]; ldr r6, [r6]; ldr r6, [r6]', 6],
    ['ldr r6, [r1]; nop; ldr r7, [r2]', 5],
    ['ldr r6, [r1]; str r7, [r2, r4]', 3],
    ['ldr r6, [r8]; str r7, [r6, r5]', 4],
    ['str r6, [r1]; ldr r7, [r2]', 3],
    ['str r6, [r1, r4]; ldr r7, [r2]', 4],
    ['str r6, [r1, r4]; str r7, [r2, r4]', 4],
    ['ldr r6, [r1]; str r7, [r2, r4]; ldr r7, [r3]', 5],
    ['ldrex r6, [r1]; ldr r7, [r2]', 3],
    ['ldr r6, [r1]; strex r7, r5, [r2]', 3],
    ['ldr r6, [r1]; ldrd r7, r12, [r2]', 5],
    ['ldrd r6, r7, [r1]; ldr r12, [r2]', 5],
    ['ldr r12, [r1]; ldmia r2, {r6, r7}', 5],
    ['ldmia r2, {r6, r7}; ldr r12, [r1]', 5],
    ['ldr r12, [r1]; beq 1f; ldr r6, [r1]; 1: ldr r7, [r2]', 2 + 1 + P.refillImmediate + 2],
  ],
  'addresses made by the instruction before': [
    ['add r1, r4; ldr r6, [r1]', 4],
    ['add r1, r4; str r6, [r1]', 3],
    ['add r4, r5; ldr r6, [r1, r4]', 4],
    ['mla r1, r5, r4, r1; ldr r6, [r1]', 4],
    ['add r1, r4; nop; ldr r6, [r1]', 4],
    ['add r6, r4; str r6, [r1]', 2],
    ['add r1, r4; ldmia r1, {r6, r7}', 5],
    ['sub sp, #8; push {r6, r7}; add sp, #16', 1 + 1 + 3 + 1],
    ['add r1, r4; vldr s5, [r1]', 4],
    ['add r1, r4; it eq; ldreq r6, [r1]', 4],
  ],
  'several words': [
    ['ldmia r1, {r4-r6}', 4],
    ['ldmia r1!, {r4, r5, r6, r7}', 5],
    ['stmia r1!, {r4, r5}', 3],
    ['stmdb r1!, {r4-r8}', 6],
    ['push {r4, r5}; pop {r4, r5}', 6],
    ['ldrd r6, r7, [r1]', 3],
    ['strd r6, r7, [r1, #8]', 3],
  ],
  branches: [
    ['b 1f; nop; 1:', 1 + P.refillImmediate],
    ['beq 1f; nop; 1:', 1 + P.refillImmediate],
    ['bne 1f; 1:', 1],
    ['beq.w 1f; nop; 1:', 1 + P.refillImmediate],
    ['cbz r5, 1f; nop; 1:', 1 + P.refillImmediate],
    ['cbnz r5, 1f; 1:', 1],
    ['bl 1f; nop; 1:', 1 + P.refillImmediate],
    ['bx r11', 1 + P.refillRegister],
    ['blx r11', 1 + P.refillRegister],
    ['mov pc, r11', 1 + P.refillRegister],
    ['add r12, pc, #1; nop; 1:', 2],
    ['str r11, [sp, #-4]!; pop {pc}', 1 + 2 + P.refillLoad],
    ['push {r4, r5, r11}; pop {r4, r5, pc}', 4 + 4 + P.refillLoad],
    ['ldr pc, [r10]', 5],
    ['ldr r12, [r1]; ldr pc, [r10]', 7],
    ['tbb [pc, r5]; .byte 1, 0; 1:', 6],
    ['tbh [pc, r5]; .short 1; 1:', 6],
    ['b 1f; 1: ldr r6, [r1]', 1 + P.refillImmediate + 2],
  ],
  'IT blocks': [
    ['nop.w; it eq; moveq r6, r7', 1 + 1 + 1],
    ['nop; it eq; moveq r6, r7', 1 + 0 + 1],
    ['nop; it ne; movne r6, r7', 1 + 0 + 1],
    ['nop; it ne; ldrne r6, [r1]', 1 + 0 + 1],
    ['nop; it ne; mlane r6, r1, r2, r3; ldr r6, [r1]', 1 + 0 + 1 + 2],
    ['nop; ite eq; ldreq r6, [r1]; ldrne r7, [r2]', 1 + 0 + 2 + 1],
    ['nop; itt eq; ldreq r6, [r1]; ldreq r7, [r2]', 1 + 0 + 3],
    ['ldr r6, [r1]; it eq; ldreq r7, [r2]', 3],
    ['nop; it eq; beq 1f; nop; 1:', 1 + 0 + 1 + P.refillImmediate],
    ['nop; it ne; popne {pc}', 1 + 0 + 1],
    ['b 1f; 1: it eq; moveq r6, r7', 1 + P.refillImmediate + 1 + 1],
  ],
  'unaligned accesses': [
    ['ldrh r6, [r1, #1]', 3],
    ['ldr r6, [r1, #2]', 3],
    ['ldr r6, [r1, #1]', 4],
    ['ldr r6, [r1, #3]', 4],
    ['str r6, [r1, #1]', 1],
    ['strh r6, [r1, #1]', 1],
    ['ldr r6, [r1]; ldr r7, [r2, #1]', 5],
  ],
  divides: [
    ['udiv r6, r5, r4', 2],
    ['udiv r6, r4, r7', 2],
    ['udiv r6, r4, r5', 2],
    ['sdiv r6, r4, r7', P.divideOverhead + 1],
    ['movs r6, #1; udiv r6, r7, r6', 1 + 12],
    ['udiv r6, r1, r2', 2],
    ['udiv r6, r4, r6; ldr r7, [r6, r1]', 2 + 3],
  ],
  system: [
    ['mrs r6, apsr', P.system],
    ['msr apsr_nzcvq, r5', P.system],
    ['cpsie i', P.system],
    ['dsb', 1],
    ['dmb', 1],
    ['isb', 1 + P.refillBarrier],
    ['sev', 1],
  ],
  'floating point, table 7-1': [
    ['vabs.f32 s4, s0', 1],
    ['vadd.f32 s4, s0, s1', 1],
    ['vmul.f32 s4, s0, s1', 1],
    ['vcmp.f32 s0, s1', 1],
    ['vcvt.s32.f32 s4, s0', 1],
    ['vmov.f32 s4, #1.0', 1],
    ['vmov.f32 s4, s0', 1],
    ['.inst.w 0xee036b10', 1],
    ['vmov s4, r6', 2],
    ['vmov r6, s0', 2],
    ['vmov r6, r7, s0, s1', 2],
    ['vmov d2, r6, r7', 2],
    ['vmrs r6, fpscr', 1],
    ['vmsr fpscr, r5', 1],
    ['vmla.f32 s4, s0, s1', 3],
    ['vfma.f32 s4, s0, s1', 3],
    ['vldr s4, [r1]', 2],
    ['vldr d2, [r1]', 3],
    ['vstr s4, [r1]', 2],
    ['vstr d2, [r1]', 3],
    ['vldmia r1, {s4-s7}', 5],
    ['vstmia r1!, {s4-s6}', 4],
    ['vpush {d8, d9}; vpop {d8, d9}', 10],
  ],
  'floating-point results': [
    ['vadd.f32 s4, s0, s1; vadd.f32 s5, s4, s1', 3],
    ['vadd.f32 s4, s0, s1; vadd.f32 s5, s0, s1', 2],
    ['vadd.f32 s4, s0, s1; nop; vadd.f32 s5, s4, s1', 3],
    ['vmul.f32 s4, s0, s1; vstr s4, [r1]', 4],
    ['vmul.f32 s4, s0, s1; vmov r6, s4', 4],
    ['vcvt.f32.s32 s4, s0; vmul.f32 s5, s4, s4', 3],
    ['vmul.f32 s4, s0, s1; vmla.f32 s4, s2, s3', 4],
    ['vmul.f32 s4, s0, s1; vmla.f32 s5, s4, s3', 5],
    ['vmla.f32 s4, s0, s1; vmla.f32 s4, s2, s3', 6],
    ['vmla.f32 s4, s0, s1; vadd.f32 s5, s4, s3', 5],
    ['vldr s4, [r1]; vadd.f32 s5, s4, s0', 3],
  ],
  'divide and square root beside the integer pipeline': [
    ['vdiv.f32 s4, s0, s1', 1],
    ['vdiv.f32 s4, s0, s1; nop; nop; nop', 4],
    ['vdiv.f32 s4, s0, s1; vadd.f32 s5, s0, s1', 14 + 1],
    ['vdiv.f32 s4, s0, s1; vadd.f32 s5, s4, s1', 14 + 1 + 1],
    ['vdiv.f32 s4, s0, s1; nop; nop; vadd.f32 s5, s4, s1', 14 + 1],
    ['vsqrt.f32 s4, s0; vmrs r6, fpscr', 14 + 1],
    ['vdiv.f32 s4, s0, s1; vdiv.f32 s5, s0, s1; vmov.f32 s6, s0', 14 + 14 + 1],
    [`vdiv.f32 s4, s0, s1; ${'nop; '.repeat(13)}vadd.f32 s5, s4, s1`, 14 + 1],
    [`vdiv.f32 s4, s0, s1; ${'nop; '.repeat(20)}vadd.f32 s5, s4, s1`, 1 + 20 + 1],
    ['vdiv.f32 s4, s0, s1; ldr r6, [r1]; ldr r7, [r2]; vadd.f32 s5, s0, s1', 14 + 1],
  ],
};

const asRows = (rows: readonly Row[]) =>
  rows.map(([code, cycles]) => ({ code: code.replaceAll('; ', '\n'), cycles }));

describe('the TRM model gives', () => {
  it.each(Object.entries(tables))('%s', (_name, rows) => {
    const found = measure(asRows(rows));
    expect(rows.map(([code], index) => [code, found[index]])).toEqual(rows);
  });

  it('every divide 2 to 12 cycles, more for a longer quotient', () => {
    const model = trmModel();
    const cycles = Array.from({ length: 32 }, (_, bit) => P.divideLeast + model.divideExtra(2 ** bit, 1));
    expect([cycles[0], cycles[31], P.divideLeast + model.divideExtra(0xffffffff, 1)]).toEqual([5, 12, 12]);
    expect(cycles).toEqual([...cycles].sort((a, b) => a - b));
    expect(model.divideExtra(7, 0)).toBe(0);
    expect(model.divideExtra(6, 7)).toBe(0);
  });
});

describe('exceptions take', () => {
  const twice = `
main:
  nop.w
before:
  svc 1
after:
  nop.w
  poke 0xe000e404, 0x00000000
  poke 0xe000e100, 3
  cpsid i
  poke 0xe000e200, 3
pended:
  cpsie i
  nop
1: b 1b
SVC_Handler:
  nop.w
leave:
  bx lr
IRQ0_Handler:
  nop.w
leave0:
  bx lr
IRQ1_Handler:
  nop.w
leave1:
  bx lr
`;

  it('12 to enter, 10 to return, 6 to tail-chain, beside the instruction that asks for it', () => {
    const program = guest(twice);
    const at = (label: string) => cycleAt(program, label);
    const [before, entered, left, after] = [at('before'), at('SVC_Handler'), at('leave'), at('after')];
    expect(entered - before).toBe(1 + 12);
    expect(after - left).toBe(1 + P.refillRegister + 10);
    const [pended, first, chained] = [at('pended'), at('IRQ0_Handler'), at('leave0')];
    expect(first - pended).toBe(P.system + 12);
    expect(at('IRQ1_Handler') - chained).toBe(1 + P.refillRegister + 6);
  });

  const withFloat = (fpccr: number, inHandler: string) => `
main:
  poke 0xe000ed88, 0x00f00000
  poke 0xe000ef34, ${fpccr}
  vmov.f32 s0, #1.0
  nop.w
before:
  svc 1
after:
  b .
SVC_Handler:
  nop.w
compute:
${inHandler}
leave:
  bx lr
`;

  function timesOf(fpccr: number, inHandler: string) {
    const program = guest(withFloat(fpccr, inHandler));
    const at = (label: string) => cycleAt(program, label);
    const [before, entered, compute, leave, after] = [
      'before',
      'SVC_Handler',
      'compute',
      'leave',
      'after',
    ].map(at);
    const to = (a = 0, b = 0) => b - a;
    return {
      entry: to(before, entered) - 1,
      handler: to(compute, leave),
      return: to(leave, after) - 1 - P.refillRegister,
    };
  }

  it('29 and 27 with FP context where lazy stacking is off', () => {
    expect(timesOf(0x80000000, '  nop')).toEqual({ entry: 29, handler: 1, return: 27 });
  });

  it('12 and 10 with lazy stacking, unless the handler computes: then the stores are paid there', () => {
    expect(timesOf(0xc0000000, '  nop')).toEqual({ entry: 12, handler: 1, return: 10 });
    expect(timesOf(0xc0000000, '  vmov.f32 s0, s1')).toEqual({
      entry: 12,
      handler: 1 + P.floatFrame,
      return: 27,
    });
  });
});

describe('timing.parameters', () => {
  const branch = [{ code: 'b 1f\nnop\n1:', cycles: 0 }];

  it('change the cycles', () => {
    expect(measure(branch, { parameters: { refillImmediate: 3 } })).toEqual([4]);
    expect(measure(branch)).toEqual([2]);
  });

  it.each(Object.keys(TRM_DEFAULTS))('%s is used', (name) => {
    const all = Object.values(tables).flatMap(asRows);
    const parameters = { [name]: TRM_DEFAULTS[name as keyof typeof TRM_DEFAULTS] + 1 };
    const model = trmModel(parameters);
    const plain = trmModel();
    const { exceptionEntry, exceptionReturn, tailChain, floatFrame } = model;
    const others = [exceptionEntry, exceptionReturn, tailChain, floatFrame, model.divideExtra(100, 1)];
    const were = [plain.exceptionEntry, plain.exceptionReturn, plain.tailChain, plain.floatFrame];
    const same = others.join() === [...were, plain.divideExtra(100, 1)].join();
    const measured = same ? measure(all, { parameters }) : [];
    expect(measured).not.toEqual(all.map(({ cycles }) => cycles));
  });

  it.each([
    [
      'an unknown one',
      { refil: 1 },
      /^timing\.parameters\.refil is 1, but is no parameter of the model trm; use one of/,
    ],
    [
      'one too large',
      { refillImmediate: 65 },
      /^timing\.parameters\.refillImmediate is 65, but must be a whole number of cycles, 0 to 64;/,
    ],
    ['one that every object has', { toString: 1 }, /^timing\.parameters\.toString is 1, but is no parameter/],
    [
      'a fraction',
      { refillLoad: 1.5 },
      /^timing\.parameters\.refillLoad is 1\.5, but must be a whole number/,
    ],
    ['a negative one', { barrier: -1 }, /^timing\.parameters\.barrier is -1, but must be/],
  ])('%s is refused', (_name, parameters, message) => {
    const build = () =>
      new Machine(profileOf('stm32l496zg', parameters as unknown as Record<string, number>));
    expect(build).toThrow(UserError);
    expect(build).toThrow(message);
  });
});
