/**
 * The control bits by which software bends the exception model (DDI 0403, B3.2.7, B3.2.8), and an exception
 * that arrives late (B1.5.4).
 */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest, wordsOf } from '../machine/guest-machine.js';

const SCR = 0xe000ed10;
const CCR = 0xe000ed14;
const SHCSR = 0xe000ed24;
const CFSR = 0xe000ed28;
const ISER0 = 0xe000e100;
const ISPR0 = 0xe000e200;
const IPR0 = 0xe000e400;

describe('a late arrival', () => {
  /** SysTick comes due while the frame of IRQ0 is pushed. R5 is the order in which they ran. */
  const source = (reload: number) => `
main:
  poke ${IPR0}, 0x80
  poke ${ISER0}, 1
  poke 0xe000e014, ${reload}
  poke 0xe000e018, 0
  movs r5, #0
  movs r0, #7
  ldr r1, =0xe000e010
  ldr r2, =${ISPR0}
  movs r3, #1
  str r0, [r1]
  str r3, [r2]
  nop
  nop
  nop
  put r5
  mov r0, sp
  sub r0, r6, r0
  put r0
  b report
SysTick_Handler:
  lsls r5, r5, #4
  adds r5, #1
  movs r0, #0
  ldr r1, =0xe000e010
  str r0, [r1]
  bx lr
IRQ0_Handler:
  lsls r5, r5, #4
  adds r5, #2
  bx lr
`;

  it('is entered first, with one frame, and the other is chained to it', () => {
    const { machine, address } = guest(source(6));
    const entries = [address('SysTick_Handler'), address('IRQ0_Handler')];
    const first = machine.run({ addresses: entries, maxCycles: 10_000 });
    expect(first).toEqual({ reason: 'address', address: entries[0] });
    const sp = machine.register(13);
    expect(machine.run({ addresses: entries, maxCycles: 10_000 })).toEqual({
      reason: 'address',
      address: entries[1],
    });
    expect(machine.register(13)).toBe(sp);
  });

  it('is none when it comes after the entry', () => {
    const { machine, address } = guest(source(40));
    const entries = [address('SysTick_Handler'), address('IRQ0_Handler')];
    const stop = machine.run({ addresses: entries, maxCycles: 10_000 });
    expect(stop).toEqual({ reason: 'address', address: entries[1] });
  });
});

describe('SCR', () => {
  it('SLEEPONEXIT: the core sleeps when the last handler returns', () => {
    const source = (scr: number) => `
main:
  poke ${SCR}, ${scr}
  poke 0xe000e014, 999
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  movs r5, #0
1: adds r6, #1
  b 1b
SysTick_Handler:
  adds r5, #1
  cmp r5, #10
  it ne
  bxne lr
  put r6
  b report
`;
    expect(wordsOf(source(0))[0]).toBeGreaterThan(1000);
    expect(wordsOf(source(2))[0]).toBeLessThan(400);
  });

  it('SEVONPEND: an interrupt that becomes pending wakes WFE, enabled or not', () => {
    const source = (scr: number) => `
main:
  poke ${SCR}, ${scr}
  poke 0xe000e014, 999
  poke 0xe000e018, 0
  cpsid i
  poke 0xe000e010, 7
  sev
  wfe
  wfe
  movs r0, #1
  put r0
  b report
`;
    expect(agreedWords(source(0x10))).toEqual([1]);
    const { machine } = guest(source(0));
    expect(machine.run({ maxCycles: 1_000_000 })).toMatchObject({ reason: 'limit' });
  });

  it('SEVONPEND: also one that was pending before WFE', () => {
    expect(
      wordsOf(`
main:
  poke ${SCR}, 0x10
  sev
  wfe
  poke ${ISPR0}, 4
  wfe
  movs r0, #1
  put r0
  b report
`),
    ).toEqual([1]);
  });
});

describe('CCR', () => {
  it('BFHFNMIGN: data bus errors in HardFault are passed over', () => {
    const source = (ccr: number) => `
main:
  poke ${CCR}, ${ccr}
  udf #1
HardFault_Handler:
  movs r4, #9
  ldr r5, =0x70000000
  ldr r4, [r5]
  put r4
  str r4, [r5]
  movs r4, #1
  put r4
  peek ${CFSR}
  b report
`;
    expect(wordsOf(source(0x300))).toEqual([0, 1, 0x10000]);
    expect(guest(source(0x200)).machine.run()).toMatchObject({ reason: 'lockup' });
  });

  it('NONBASETHRDENA: Thread mode is returned to while another exception is active', () => {
    const source = (ccr: number) => `
main:
  poke ${CCR}, ${ccr}
  poke ${SHCSR}, 0x70000
  poke ${IPR0}, 0x80
  poke ${ISER0}, 1
  poke ${ISPR0}, 1
  nop
  b .
IRQ0_Handler:
  svc 0
  b .
SVC_Handler:
  ldr r0, =thread_code
  str r0, [sp, #24]
  movs r0, #0x01000000
  str r0, [sp, #28]
  ldr lr, =0xfffffff9
  bx lr
thread_code:
  mrs r0, ipsr
  put r0
  peek 0xe000e300
  b report
UsageFault_Handler:
  peek ${CFSR}
  b report
`;
    expect(wordsOf(source(0x201))).toEqual([0, 1]);
    expect(agreedWords(source(0x200))).toEqual([1 << 18]);
  });
});

describe('SHCSR', () => {
  it('shows what is pending, and pends and clears it', () => {
    const words = agreedWords(`
main:
  cpsid i
  poke ${SHCSR}, 0xf000
  peek ${SHCSR}
  poke ${SHCSR}, 0x8000
  peek ${SHCSR}
  poke ${SHCSR}, 0
  cpsie i
  peek ${SHCSR}
  b report
`);
    expect(words).toEqual([0xf000, 0x8000, 0]);
  });

  it('lets an SVC that was pended run', () => {
    const words = agreedWords(`
main:
  movs r5, #0
  poke ${SHCSR}, 0x8000
  put r5
  b report
SVC_Handler:
  movs r5, #11
  bx lr
`);
    expect(words).toEqual([11]);
  });
});

describe('DebugMonitor', () => {
  it('takes BKPT when DEMCR.MON_EN says so and its priority allows it, else HardFault does', () => {
    const source = (demcr: number, before = '') => `
main:
  poke 0xe000edfc, ${demcr}
  ${before}
  bkpt 1
DebugMon_Handler:
  peek 0xe000ed30
  poke 0xe000ed30, 2
  peek 0xe000ed30
  b report
HardFault_Handler:
  movs r0, #3
  put r0
  peek 0xe000ed2c
  b report
`;
    expect(wordsOf(source(1 << 16))).toEqual([2, 0]);
    expect(wordsOf(source(1 << 16, 'cpsid i'))).toEqual([3, 0x80000000]);
    expect(wordsOf(source(0))).toEqual([3, 0x80000000]);
  });

  it('is pended by DEMCR.MON_PEND', () => {
    const words = wordsOf(`
main:
  poke 0xe000edfc, 0x20000
  movs r0, #0
  put r0
  b report
DebugMon_Handler:
  mrs r0, ipsr
  put r0
  bx lr
`);
    expect(words).toEqual([12, 0]);
  });

  it('DHCSR says that no debugger halts the core', () => {
    const { machine } = guest('main:\n  peek 0xe000edf0\n  b report\n');
    expect(machine.run({ maxCycles: 10_000 })).toMatchObject({ reason: 'exit' });
    expect(machine.unmodelled()).toEqual([]);
  });
});

describe('identification', () => {
  it('is that of a Cortex-M4 with FPU, as QEMU has it', () => {
    const offsets = [0xd00, ...Array.from({ length: 13 }, (_, k) => 0xd40 + 4 * k), 0xf40, 0xf44];
    const peeks = offsets.map((offset) => `  peek ${0xe000e000 + offset}\n`).join('');
    const words = agreedWords(`\nmain:\n${peeks}  b report\n`);
    expect(words.slice(0, 3)).toEqual([0x410fc240, 0x30, 0x200]);
  });
});

describe('ACTLR', () => {
  it('names the bits whose effect is not modelled', () => {
    const { machine } = guest('main:\n  poke 0xe000e008, 0x307\n  peek 0xe000e008\n  b report\n');
    machine.run({ maxCycles: 10_000 });
    expect(machine.unmodelled().map(({ name }) => name)).toEqual(['SCS.ACTLR: DISFOLD, DISFPCA, DISOOFP']);
  });
});
