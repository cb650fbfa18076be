/** Corners of the exception model and of its registers, each by the manual's clause; QEMU where it agrees. */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest, wordsOf } from '../machine/guest-machine.js';

const CFSR = 0xe000ed28;
const SHCSR = 0xe000ed24;
const CPACR = 0xe000ed88;

describe('EPSR.T (B1.4.2)', () => {
  it('is 0 in the frame of an INVSTATE, which comes again until it is mended', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x70000
  movs r5, #0
  ldr r0, =target
  bic r0, #1
  bx r0
target:
  b report
UsageFault_Handler:
  ldr r1, [sp, #28]
  and r1, #0x01000000
  put r1
  adds r5, #1
  cmp r5, #3
  bne 1f
  ldr r1, [sp, #28]
  orr r1, #0x01000000
  str r1, [sp, #28]
1: bx lr
`);
    expect(words).toEqual([0, 0, 0]);
  });

  it('comes from the stacked xPSR: POP to an even address, and a frame without T', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x70000
  ldr r0, =report
  bic r0, #1
  push {r0}
  pop {pc}
UsageFault_Handler:
  peek ${CFSR}
  ldr r1, [sp, #28]
  orr r1, #0x01000000
  str r1, [sp, #28]
  bx lr
`);
    expect(words).toEqual([1 << 17]);
  });
});

describe('STREX', () => {
  it('succeeds on a register whose bits are not modelled', () => {
    const { machine, console } = guest(`
main:
  movs r5, #0
  ldr r4, =0xe000e008
1: adds r5, #1
  cmp r5, #5
  beq 2f
  ldrex r1, [r4]
  orr r1, #4
  strex r2, r1, [r4]
  cmp r2, #0
  bne 1b
2: put r5
  peek 0xe000e008
  b report
`);
    expect(machine.run({ maxCycles: 100_000 })).toEqual({ reason: 'exit', code: 0 });
    expect(console()).toBe('00000001\n00000004\n');
    expect(machine.unmodelled().map(({ name }) => name)).toEqual(['SCS.ACTLR: DISFOLD']);
  });

  it('that fails imprecisely is done once', () => {
    const words = wordsOf(`
main:
  poke ${SHCSR}, 0x70000
  ldr r4, =0x70000000
  ldr r5, =0x20002000
  ldrex r1, [r5]
  strex r2, r1, [r4]
  nop
BusFault_Handler:
  put r2
  peek ${CFSR}
  b report
`);
    expect(words).toEqual([0, 0x400]);
  });
});

describe('imprecise bus faults', () => {
  it('that wait, however many, take no memory of the host', () => {
    const { machine } = guest(`
main:
  poke ${SHCSR}, 0x70000
  cpsid i
  ldr r4, =0x70000000
  movw r5, #1000
1: str r5, [r4]
  subs r5, #1
  bne 1b
  cpsie i
  b .
BusFault_Handler: b .
`);
    expect(machine.run({ maxCycles: 1_000_000 })).toMatchObject({ reason: 'fault' });
    expect(machine.core.exceptions.faults.open).toHaveLength(1);
  });
});

describe('an interrupt line', () => {
  it('that rises while its handler is active makes it pending again', () => {
    const words = wordsOf(`
main:
  movs r5, #0
  ldr r0, =0x20006000
  ldr r1, =IRQ54_Handler
  str r1, [r0, #280]
  poke 0xe000ed08, 0x20006000
  poke 0x40021058, 0x10      @ RCC: TIM6 on
  poke 0x4000102c, 99        @ ARR
  poke 0x4000100c, 1         @ DIER: UIE
  poke 0xe000e104, 0x400000  @ IRQ54
  poke 0x40001000, 1         @ CR1: CEN
  b .
  .ltorg
IRQ54_Handler:
  adds r5, #1
  cmp r5, #2
  beq report
  ldr r0, =0x40001010
  movs r1, #0
  str r1, [r0]
2: ldr r2, [r0]
  ands r2, #1
  beq 2b
  ldr r3, =0xe000e204
  ldr r3, [r3]
  put r3
  str r1, [r0]
  bx lr
`);
    expect(words).toEqual([0x400000]);
  });
});

describe('NVIC registers', () => {
  it('take bytes and halfwords, which leave the other interrupts alone', () => {
    const words = agreedWords(`
main:
  cpsid i
  ldr r6, =0xe000e100
  movs r1, #5
  strb r1, [r6]
  movs r1, #1
  strb r1, [r6, #1]
  peek 0xe000e100
  movs r1, #4
  strb r1, [r6, #0x80]
  peek 0xe000e100
  movs r1, #1
  strb r1, [r6, #0x101]
  ldrb r2, [r6, #0x101]
  put r2
  ldrh r2, [r6, #0x100]
  put r2
  b report
`);
    expect(words).toEqual([0x105, 0x101, 1, 0x100]);
  });

  it('of interrupts that are not there read as zero', () => {
    const { machine } = guest(`
main:
  poke 0xe000e19c, 0xffffffff
  peek 0xe000e11c
  poke 0xe000e4ec, 0xffffffff
  peek 0xe000e4ec
  peek 0xe000ef48
  b report
`);
    expect(machine.run({ maxCycles: 10_000 })).toMatchObject({ reason: 'exit' });
    expect(machine.unmodelled()).toEqual([]);
  });
});

describe('the event register', () => {
  it('is set by entering a handler that is chained to another', () => {
    const words = agreedWords(`
main:
  cpsid i
  poke 0xe000e100, 3
  poke 0xe000e200, 3
  cpsie i
  movs r0, #3
  put r0
  b report
IRQ0_Handler:
  wfe
  movs r0, #1
  put r0
  bx lr
IRQ1_Handler:
  wfe
  movs r0, #2
  put r0
  bx lr
`);
    expect(words).toEqual([1, 2, 3]);
  });
});

describe('the FPU off', () => {
  it('is a NOCP when FP registers are to be popped', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x70000
  poke ${CPACR}, 0x00f00000
  vmov s0, r0
  svc 0
SVC_Handler:
  vmov s1, r0
  poke ${CPACR}, 0
  bx lr
UsageFault_Handler:
  peek ${CFSR}
  put lr
  b report
`);
    expect(words).toEqual([1 << 19, 0xffffffe9]);
  });

  it('is a NOCP when they are to be pushed at once', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x70000
  poke ${CPACR}, 0x00f00000
  poke 0xe000ef34, 0x80000000
  vmov s0, r0
  poke ${CPACR}, 0
  svc 0
SVC_Handler:
  movs r0, #11
  put r0
UsageFault_Handler:
  peek ${CFSR}
  peek ${SHCSR}
  b report
`);
    expect(words).toEqual([1 << 19, 0x78008]);
  });

  it('is a NOCP for an encoding of its coprocessors that does not exist', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x70000
  .short 0xee31, 0x0b02
UsageFault_Handler:
  peek ${CFSR}
  b report
`);
    expect(words).toEqual([1 << 19]);
  });
});

describe('fault registers', () => {
  it('hold one address, MMFAR’s or BFAR’s (DDI 0439, table 4-1)', () => {
    const words = wordsOf(`
main:
  poke ${SHCSR}, 0x70000
  ldr r0, =0x70000000
  ldr r0, [r0]
  poke 0xe000ed9c, 0x20004010
  poke 0xe000eda0, 0x13
  poke 0xe000ed94, 5
  ldr r0, =0x20004000
  ldr r0, [r0]
  b report
BusFault_Handler:
  ldr r1, [sp, #24]
  adds r1, #2
  str r1, [sp, #24]
  bx lr
MemManage_Handler:
  peek ${CFSR}
  peek 0xe000ed34
  peek 0xe000ed38
  b report
`);
    expect(words).toEqual([0x282, 0x20004000, 0x20004000]);
  });

  it('show a rejected return’s frame with the IPSR that was popped', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x70000
  svc 0
SVC_Handler:
  ldr r0, [sp, #28]
  orr r0, #14
  str r0, [sp, #28]
  bx lr
UsageFault_Handler:
  peek ${CFSR}
  ldr r0, [sp, #28]
  and r0, #0xff
  put r0
  b report
`);
    expect(words).toEqual([1 << 18, 14]);
  });
});

describe('SYST_CALIB', () => {
  it('reads what the profile says', () => {
    const source = '\nmain:\n  peek 0xe000e01c\n  b report\n';
    expect(agreedWords(source)).toEqual([0x270f]);
    expect(wordsOf(source)).toEqual([0x4000270f]);
  });
});

describe('DEMCR', () => {
  it('loses the monitor’s bits in a system reset, and keeps TRCENA', () => {
    const words = wordsOf(`
main:
  ldr r4, =0x20005000
  ldr r0, [r4]
  ldr r1, =0x5eed5eed
  cmp r0, r1
  beq 1f
  str r1, [r4]
  poke 0xe000edfc, 0x01010000
  poke 0xe000ed0c, 0x05fa0004
  b .
1: peek 0xe000edfc
  b report
`);
    expect(words).toEqual([0x01000000]);
  });

  it('MON_EN lets FPCCR note that DebugMonitor could be taken', () => {
    const words = wordsOf(`
main:
  poke ${CPACR}, 0x00f00000
  poke 0xe000edfc, 0x10000
  vmov s0, r0
  svc 0
SVC_Handler:
  peek 0xe000ef34
  b report
`);
    expect(words).toEqual([0xc0000119]);
  });
});
