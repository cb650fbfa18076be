/** Exception entry and return that fail: frames, EXC_RETURN, vectors (DDI 0403, B1.5.6-B1.5.8). */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest, STACK_TOP, wordsOf } from '../machine/guest-machine.js';

const CFSR = 0xe000ed28;
const HFSR = 0xe000ed2c;
const SHCSR = 0xe000ed24;
const ENABLE_ALL = 7 << 16;
const USAGE = 6;
const BUS = 5;
const HARD = 3;
const FORCED = 2 ** 30;

describe('exception entry and return that fail', () => {
  it('STKERR: a frame that cannot be pushed is a BusFault, entered without another frame', () => {
    const source = `
main:
  poke ${SHCSR}, ${ENABLE_ALL}
  ldr r4, =0x60000100
  mov r5, sp
  mov sp, r4
  svc 1
BusFault_Handler:
  mov r4, sp
  mov sp, r5
  put r4
  peek ${CFSR}
  mrs r10, ipsr
  put r10
  peek 0xe000ed24
  b report
`;
    // SVCall has not been entered: it is neither active nor gone.
    const words = wordsOf(source);
    expect(words.slice(0, 3)).toEqual([0x600000e0, 1 << 12, BUS]);
    expect((words[3] ?? 0) & 0xffff & ~(1 << 15)).toBe(1 << 1);
  });

  it('STKERR without a BusFault handler is a HardFault, and in a HardFault lockup', () => {
    const source = (body: string) => `
main:
  ldr r4, =0x60000100
  mov r5, sp
  mov sp, r4
  udf #1
HardFault_Handler:
${body}
`;
    const words = wordsOf(source(`  mov sp, r5\n  peek ${CFSR}\n  peek ${HFSR}\n  b report`));
    expect(words).toEqual([(1 << 12) + (1 << 16), FORCED]);
    const { machine } = guest(source('  udf #2'));
    expect(machine.run({ maxCycles: 10_000 })).toMatchObject({ reason: 'lockup' });
  });

  it('UNSTKERR: a frame that cannot be popped is a BusFault, tail-chained', () => {
    const source = `
main:
  poke ${SHCSR}, ${ENABLE_ALL}
  svc 1
SVC_Handler:
  mov r5, sp
  ldr r4, =0x60000000
  mov sp, r4
  bx lr
BusFault_Handler:
  mov r4, sp
  mov sp, r5
  put r4
  put lr
  peek ${CFSR}
  mrs r10, ipsr
  put r10
  b report
`;
    expect(wordsOf(source)).toEqual([0x60000000, 0xfffffff9, 1 << 11, BUS]);
  });

  it('INVPC: a return that does not fit is a UsageFault, without another frame', () => {
    const source = (excReturn: number, before = '') => `
main:
  poke ${SHCSR}, ${ENABLE_ALL}
  svc 1
SVC_Handler:
  ${before}
  ldr r4, =${excReturn}
  bx r4
UsageFault_Handler:
  mov r4, sp
  put r4
  put lr
  peek ${CFSR}
  mrs r10, ipsr
  put r10
  b report
`;
    for (const excReturn of [0xfffffff1, 0xfffffff5]) {
      expect(wordsOf(source(excReturn))).toEqual([STACK_TOP - 32, excReturn, 1 << 18, USAGE]);
    }
    // FAULTMASK is cleared by the illegal return too, or UsageFault could not be taken.
    for (const before of ['', 'cpsid f']) {
      const words = agreedWords(source(0xfffffff1, before));
      expect(words).toEqual([STACK_TOP - 32, 0xfffffff1, 1 << 18, USAGE]);
    }
  });

  it('INVSTATE: a stacked xPSR without T', () => {
    const source = `
main:
  poke ${SHCSR}, ${ENABLE_ALL}
  svc 1
SVC_Handler:
  ldr r4, [sp, #28]
  bic r4, #0x01000000
  str r4, [sp, #28]
  bx lr
UsageFault_Handler:
  peek ${CFSR}
  b report
`;
    // QEMU 7.2 finds the return address unaligned for Arm code and says UNALIGNED.
    expect(wordsOf(source)).toEqual([1 << 17]);
  });

  it('VECTTBL: a vector that cannot be read is a HardFault, over the same frame', () => {
    const source = `
main:
  ldr r0, =0x2004ff80
  ldr r1, =HardFault_Handler
  orr r1, #1
  str r1, [r0, #12]
  ldr r1, =0xe000ed08
  str r0, [r1]
  poke 0xe000e100, 0x10000
  mov r5, sp
  poke 0xe000e200, 0x10000
  nop
  b .
HardFault_Handler:
  mov r0, sp
  subs r5, r5, r0
  put r5
  mrs r0, ipsr
  put r0
  peek ${HFSR}
  peek ${CFSR}
  peek 0xe000e200
  b report
`;
    expect(wordsOf(source)).toEqual([32, HARD, 2, 0, 0x10000]);
  });

  it('VECTTBL: HardFault’s own vector is the end', () => {
    const { machine } = guest('main:\n  poke 0xe000ed08, 0x70000000\n  svc 0\n');
    expect(machine.run()).toMatchObject({
      reason: 'lockup',
      text: 'the vector of HardFault cannot be read',
    });
  });
});
