/** FP context over exceptions: lazy stacking, and without it (DDI 0403, B1.5.7). */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest, STACK_TOP, wordsOf } from '../machine/guest-machine.js';

const FPCCR = 0xe000ef34;
const FPCAR = 0xe000ef38;
const FPDSCR = 0xe000ef3c;
const LSPACT = 1;
const LAZY = 0xc0000000;
/** Cumulative and mode bits that are easy to tell from zero: RMode 01, IXC. */
const FPSCR = 0x00400010;

const FPU_ON = `
  poke 0xe000ed88, 0x00f00000
  ldr r0, =${FPSCR}
  vmsr fpscr, r0
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  mov r0, #(0x40 + \\n)
  vmov s\\n, r0
  .endr
`;

/** Words for FPSCR and S0..S31: the sum says whether all are as they were. */
const PUT_FLOATS = `
  vmrs r0, fpscr
  put r0
  movs r1, #0
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  vmov r0, s\\n
  eor r0, r0, #(0x40 + \\n)
  orrs r1, r0
  .endr
  put r1
`;
const INTACT = [FPSCR, 0];

const FRAME = STACK_TOP - 104;

/** The core's own account in the handler. FPCCR's other status bits differ between implementations. */
const PUT_STATE = `
  put lr
  mov r10, sp
  put r10
  peek ${FPCAR}
  ldr r0, =${FPCCR}
  ldr r0, [r0]
  and r0, #1
  put r0
  mrs r10, control
  put r10
`;

describe('FP context', () => {
  it('is not stacked for a handler that leaves the FPU alone, only its room is kept', () => {
    const words = agreedWords(`
main:
${FPU_ON}
  ldr r0, =0xdeadbeef
  str r0, [sp, #-72]
  svc 1
${PUT_FLOATS}
  mrs r0, control
  put r0
  b report
SVC_Handler:
${PUT_STATE}
  ldr r10, [sp, #32]
  put r10
  bx lr
`);
    const handler = [0xffffffe9, FRAME, FRAME + 32, LSPACT, 0, 0xdeadbeef];
    expect(words).toEqual([...handler, ...INTACT, 4]);
  });

  it('is stacked by the first FP instruction of the handler, which gets a fresh FPSCR', () => {
    const words = agreedWords(`
main:
${FPU_ON}
  poke ${FPDSCR}, 0x03000000
  svc 1
${PUT_FLOATS}
  b report
SVC_Handler:
  vmrs r11, fpscr
  put r11
${PUT_STATE}
  ldr r10, [sp, #32]
  put r10
  ldr r10, [sp, #92]
  put r10
  ldr r10, [sp, #96]
  put r10
  movs r10, #0
  vmov s0, r10
  vmov s15, r10
  vmsr fpscr, r10
  bx lr
`);
    const handler = [0x03000000, 0xffffffe9, FRAME, FRAME + 32, 0, 4, 0x40, 0x4f, FPSCR];
    expect(words).toEqual([...handler, ...INTACT]);
  });

  it('survives a handler within a handler, both computing', () => {
    const words = agreedWords(`
main:
${FPU_ON}
  poke 0xe000ed1c, 0x80000000
  svc 1
${PUT_FLOATS}
  b report
SVC_Handler:
  push {r4, lr}
  movs r10, #7
  vmov s1, r10
  vmsr fpscr, r10
  poke 0xe000e100, 1
  poke 0xe000e200, 1
  vmov r11, s1
  put r11
  vmrs r11, fpscr
  put r11
  pop {r4, pc}
IRQ0_Handler:
  put lr
  movs r10, #8
  vmov s1, r10
  vmsr fpscr, r10
  bx lr
`);
    expect(words).toEqual([0xffffffe1, 7, 7, ...INTACT]);
  });

  it('is left for later by a handler that does not compute, and stored for one within it that does', () => {
    const words = agreedWords(`
main:
${FPU_ON}
  poke 0xe000ed1c, 0x80000000
  svc 1
${PUT_FLOATS}
  b report
SVC_Handler:
  push {r4, lr}
  poke 0xe000e100, 1
  poke 0xe000e200, 1
  ldr r11, [sp, #40]
  put r11
  pop {r4, pc}
IRQ0_Handler:
  put lr
  movs r10, #8
  vmov s0, r10
  bx lr
`);
    expect(words).toEqual([0xfffffff1, 0x40, ...INTACT]);
  });

  it('is stacked at once when FPCCR.LSPEN is 0, and not at all when ASPEN is 0', () => {
    const source = (fpccr: number) => `
main:
  poke ${FPCCR}, ${fpccr}
${FPU_ON}
  ldr r0, =0xdeadbeef
  str r0, [sp, #-72]
  svc 1
${PUT_FLOATS}
  b report
SVC_Handler:
  put lr
  mov r10, sp
  put r10
  ldr r10, [sp, #32]
  put r10
  bx lr
`;
    expect(agreedWords(source(0x80000000))).toEqual([0xffffffe9, FRAME, 0x40, ...INTACT]);
    const [lr, sp, , ...floats] = agreedWords(source(0));
    expect([lr, sp, ...floats]).toEqual([0xfffffff9, STACK_TOP - 32, ...INTACT]);
  });

  it('moves with its thread when a handler switches the process stack', () => {
    const words = agreedWords(`
main:
  poke 0xe000ed88, 0x00f00000
  ldr r0, =0x20004000
  msr psp, r0
  ldr r4, =0x20006000 - 32
  ldr r0, =other_code
  str r0, [r4, #24]
  ldr r0, =0x01000000
  str r0, [r4, #28]
  ldr r5, =0xfffffffd
  movs r0, #2
  msr control, r0
  isb
  movs r0, #77
  vmov s0, r0
  vmov s16, r0
  svc 1
  vmov r0, s0
  put r0
  vmov r0, s16
  put r0
  b report
other_code:
  mrs r0, control
  put r0
  movs r0, #99
  vmov s0, r0
  svc 1
  b .
SVC_Handler:
  put lr
  mrs r0, psp
  tst lr, #0x10
  it eq
  vstmdbeq r0!, {s16-s31}
  mov r1, r4
  mov r4, r0
  mov r2, r5
  mov r5, lr
  mov r0, r1
  mov lr, r2
  tst lr, #0x10
  it eq
  vldmiaeq r0!, {s16-s31}
  msr psp, r0
  bx lr
`);
    expect(words).toEqual([0xffffffed, 2, 0xffffffed, 77, 77]);
  });

  it('LSPERR: what lazy stacking cannot store is a BusFault at the FP instruction', () => {
    const { machine, address, console } = guest(`
main:
  poke 0xe000ed24, 0x00070000
  poke 0xe000ed1c, 0x80000000
${FPU_ON}
  svc 1
SVC_Handler:
  poke ${FPCAR}, 0x60000000
culprit: vmov s0, r0
BusFault_Handler:
  peek 0xe000ed28
  ldr r10, [sp, #24]
  put r10
  b report
`);
    expect(machine.run({ maxCycles: 10_000 })).toMatchObject({ reason: 'exit' });
    expect(console()).toBe(`00002000\n${address('culprit').toString(16).padStart(8, '0')}\n`);
  });

  it('the FPU is off at reset, and for unprivileged code when CPACR says privileged only', () => {
    const source = (cpacr: number) => `
main:
  poke 0xe000ed88, ${cpacr}
  poke 0xe000ed24, 0x00070000
  movs r0, #1
  msr control, r0
  isb
  vmov s0, r0
  b report
UsageFault_Handler:
  peek 0xe000ed28
  b report
`;
    expect(wordsOf(source(0x00500000))).toEqual([1 << 19]);
    expect(guest(source(0x00f00000)).machine.run({ maxCycles: 10_000 })).toMatchObject({ reason: 'exit' });
  });

  it('FPCCR resets to lazy stacking on', () => {
    expect(wordsOf(`\nmain:\n  peek ${FPCCR}\n  b report\n`)).toEqual([LAZY]);
  });
});
