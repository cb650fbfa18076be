/** Entry, return, priorities and masks, against the Arm ARM's text (DDI 0403, B1.5) and QEMU. */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest, STACK_TOP, wordsOf } from '../machine/guest-machine.js';

const ICSR = 0xe000ed04;
const AIRCR = 0xe000ed0c;
const PEND_PENDSV = 1 << 28;
const NVIC_ISER = 0xe000e100;
const NVIC_ISPR = 0xe000e200;
const NVIC_IPR = 0xe000e400;
const SHPR3 = 0xe000ed20;

/** Known values in the registers that entry stacks, and the handler's view of its frame. */
const FRAME = (misalign: number) => `
main:
  sub sp, #${misalign}
  ldr r0, =0x10101010
  ldr r1, =0x21212121
  ldr r2, =0x32323232
  ldr r3, =0x43434343
  ldr r12, =0x5c5c5c5c
  ldr lr, =0x6e6e6e6e
  movs r7, #0
  msr apsr_nzcvq, r7
  cmp r7, r7
  svc 7
after:
  put r0
  put r1
  put r12
  mov r0, sp
  put r0
  mrs r0, apsr
  put r0
  b report
SVC_Handler:
  mov r8, lr
  mov r10, sp
  put r8
  put r10
  mrs r11, ipsr
  put r11
  .irp offset, 0, 4, 8, 12, 16, 20, 28
  ldr r11, [sp, #\\offset]
  put r11
  .endr
  ldr r11, [sp, #24]
  ldr r10, =after
  sub r11, r10
  put r11
  ldr r0, =0xa0a0a0a0
  str r0, [sp]
  movs r1, #0
  bx lr
`;

const STACKED = [0x10101010, 0x21212121, 0x32323232, 0x43434343, 0x5c5c5c5c, 0x6e6e6e6e];
const Z_AND_C = 0x60000000;
const T = 1 << 24;

describe('exception entry and return', () => {
  it('stacks R0-R3, R12, LR, the return address and xPSR, and takes R0 back as the handler left it', () => {
    const words = agreedWords(FRAME(0));
    const sp = STACK_TOP - 32;
    const handler = [0xfffffff9, sp, 11, ...STACKED, Z_AND_C + T, 0];
    expect(words).toEqual([...handler, 0xa0a0a0a0, 0x21212121, 0x5c5c5c5c, STACK_TOP, Z_AND_C]);
  });

  it('aligns the frame to 8 bytes, says so in bit 9, and undoes it', () => {
    const words = agreedWords(FRAME(4));
    const sp = STACK_TOP - 4 - 4 - 32;
    const handler = [0xfffffff9, sp, 11, ...STACKED, Z_AND_C + T + (1 << 9), 0];
    expect(words).toEqual([...handler, 0xa0a0a0a0, 0x21212121, 0x5c5c5c5c, STACK_TOP - 4, Z_AND_C]);
  });

  it('keeps ITSTATE: an IT block goes on after an exception inside it', () => {
    const words = agreedWords(`
main:
  movs r4, #1
  cmp r4, #1
  ittee eq
  svceq 1
  moveq r5, #2
  movne r5, #3
  addne r4, #8
  put r4
  put r5
  b report
SVC_Handler:
  ldr r10, [sp, #28]
  put r10
  bx lr
`);
    // ITSTATE 0b0000_1110: EQ, three left of the four; its low two bits are xPSR 26:25, the rest 15:10.
    expect(words.map((word) => word.toString(16))).toEqual(['65000c00', '1', '2']);
  });

  it('returns by POP {PC}, by LDR PC and by BX, to the process stack and to a handler', () => {
    const words = agreedWords(`
main:
  ldr r0, =0x20004000
  msr psp, r0
  movs r0, #2
  msr control, r0
  isb
  push {r4, r5}
  svc 1
  mov r0, sp
  put r0
  mrs r0, control
  put r0
  mrs r0, msp
  put r0
  b report
SVC_Handler:
  put lr
  mrs r10, psp
  put r10
  mov r10, sp
  put r10
  mrs r10, control
  put r10
  push {r4, lr}
  poke ${ICSR}, ${PEND_PENDSV}
  pop {r4, pc}
PendSV_Handler:
  put lr
  ldr r11, =IRQ0_Handler
  poke ${NVIC_IPR}, 0
  poke ${NVIC_ISER}, 1
  poke ${NVIC_ISPR}, 1
  push {lr}
  ldr pc, [sp], #4
IRQ0_Handler:
  put lr
  bx lr
`);
    expect(words.map((word) => word.toString(16))).toEqual([
      ...['fffffffd', (0x20004000 - 8 - 32).toString(16), STACK_TOP.toString(16), '0'],
      ...['fffffffd', 'fffffffd'],
      ...[(0x20004000 - 8).toString(16), '2', STACK_TOP.toString(16)],
    ]);
  });

  it('clears the exclusive monitor on entry and on return', () => {
    const words = agreedWords(`
main:
  ldr r4, =0x20006000
  ldrex r5, [r4]
  svc 1
  strex r6, r5, [r4]
  put r6
  b report
SVC_Handler:
  ldr r10, =0x20006000
  ldrex r11, [r10]
  bx lr
`);
    expect(words).toEqual([1]);
  });
});

/**
 * IRQ0 to IRQ2 at the given priorities; a handler notes its number + 0x10 and its LR at the start, its
 * number at the end.
 */
const prioritised = (priorities: readonly number[], main: string, inIRQ0: string, group = 0) => `
main:
  poke ${AIRCR}, ${0x05fa0000 + (group << 8)}
  poke ${NVIC_IPR}, ${priorities.reduce((word, priority, n) => word + priority * 2 ** (8 * n), 0)}
  poke ${NVIC_ISER}, 7
${main}
  movs r4, #0xff
  put r4
  b report
IRQ0_Handler:
  movs r4, #0x10
  put r4
  put lr
  push {r4, lr}
${inIRQ0}
  movs r4, #0
  put r4
  pop {r4, pc}
IRQ1_Handler:
  movs r4, #0x11
  put r4
  put lr
  movs r4, #1
  put r4
  bx lr
IRQ2_Handler:
  movs r4, #0x12
  put r4
  put lr
  movs r4, #2
  put r4
  bx lr
`;

const pend = (mask: number) => `  poke ${NVIC_ISPR}, ${mask}`;
const THREAD = 0xfffffff9;
const HANDLER = 0xfffffff1;

describe('priorities', () => {
  it('preempt: a more urgent interrupt comes at once, a less urgent one is tail-chained', () => {
    const words = agreedWords(prioritised([0x80, 0x40, 0xc0], pend(1), pend(6)));
    expect(words).toEqual([0x10, THREAD, 0x11, HANDLER, 1, 0, 0x12, THREAD, 2, 0xff]);
  });

  it('order what pends together, ties by number', () => {
    const words = agreedWords(prioritised([0x80, 0x40, 0x40], pend(7), ''));
    expect(words).toEqual([0x11, THREAD, 1, 0x12, THREAD, 2, 0x10, THREAD, 0, 0xff]);
  });

  it('do not preempt within a group, and still order by subpriority', () => {
    const words = agreedWords(prioritised([0x90, 0x80, 0x40], pend(1), pend(6), 4));
    expect(words).toEqual([0x10, THREAD, 0x12, HANDLER, 2, 0, 0x11, THREAD, 1, 0xff]);
  });

  it('have 4 bits on the STM32: the low ones read as zero and do not count', () => {
    const { machine, address } = guest(`
main:
  poke ${NVIC_IPR}, 0xffffffff
  ldr r0, =${NVIC_IPR}
  ldr r5, [r0]
here: b .
`);
    machine.run({ addresses: [address('here')] });
    expect(machine.register(5).toString(16)).toBe('f0f0f0f0');
  });

  it('let a disabled interrupt pend, and take it when it is enabled', () => {
    const words = agreedWords(`
main:
${pend(1)}
  movs r4, #1
  put r4
  poke ${NVIC_ISER}, 1
  movs r4, #2
  put r4
  b report
IRQ0_Handler:
  movs r4, #0x10
  put r4
  bx lr
`);
    expect(words).toEqual([1, 0x10, 2]);
  });
});

describe('masks', () => {
  const masked = (mask: string, unmask: string) => `
main:
  poke ${SHPR3}, 0x00800000
${mask}
  poke ${ICSR}, ${PEND_PENDSV}
  movs r4, #1
  put r4
  peek ${ICSR}
${unmask}
  movs r4, #2
  put r4
  b report
PendSV_Handler:
  movs r4, #0x20
  put r4
  bx lr
`;

  const cases: readonly [string, string, string][] = [
    ['PRIMASK', '  cpsid i', '  cpsie i'],
    ['FAULTMASK', '  cpsid f', '  cpsie f'],
    ['BASEPRI at the priority', '  movs r0, #0x80\n  msr basepri, r0', '  movs r0, #0\n  msr basepri, r0'],
    [
      'BASEPRI_MAX, which only lowers',
      '  movs r0, #0x40\n  msr basepri_max, r0\n  movs r0, #0xc0\n  msr basepri_max, r0',
      '  movs r0, #0xc0\n  msr basepri, r0',
    ],
  ];

  it.each(cases)('%s holds PendSV back until it is lifted', (_name, mask, unmask) => {
    // ICSR: PendSV is pending (bit 28); VECTPENDING shows it under PRIMASK alone, where QEMU always does.
    const program = masked(mask, unmask);
    const shown = mask.includes('cpsid i') ? 14 << 12 : 0;
    expect(wordsOf(program)).toEqual([1, PEND_PENDSV + shown + (1 << 11), 0x20, 2]);
    expect(agreedWords(program.replace(`peek ${ICSR}`, 'put r4'))).toEqual([1, 1, 0x20, 2]);
  });

  it('BASEPRI lets a more urgent one through', () => {
    const words = agreedWords(
      masked('  movs r0, #0x90\n  msr basepri, r0', '  movs r0, #0\n  msr basepri, r0'),
    );
    expect(words).toEqual([0x20, 1, 1 << 11, 2]);
  });

  it('FAULTMASK is cleared by the return from a handler that set it', () => {
    const words = agreedWords(`
main:
  svc 1
  mrs r0, faultmask
  put r0
  b report
SVC_Handler:
  cpsid f
  mrs r0, faultmask
  put r0
  bx lr
`);
    expect(words).toEqual([1, 0]);
  });
});
