/**
 * Programs to interrupt. A sweep interrupts its own kernel at cycle 1, 2, 3 ... after arming a timer, one
 * interrupt a run of the kernel, until the kernel ends first, and notes what each interrupt met: nothing
 * outside it takes part, so the kernel stays as hot as it can be. The other runs the kernel for ever.
 */
import { DIGEST, KERNEL } from './torture-kernel.js';

export interface SweepOptions {
  /** Rounds of the kernel: its length. */
  readonly rounds: number;
  /** Cycles between one interrupt and the next; 1: every boundary. */
  readonly step: number;
  /** Thread mode's stack. */
  readonly stack: 'main' | 'process';
  /** What the handler does: nothing with the FPU, or enough to have the registers stacked lazily. */
  readonly handler: 'integer' | 'float';
  /** FPCCR: FP registers are stacked lazily, at once, or not at all. */
  readonly stacking: 'lazy' | 'eager' | 'none';
  /** What interrupts: the core's own timer, or a peripheral's (TIM6). */
  readonly timer: 'systick' | 'tim6';
}

/** Runs of the kernel before the first interrupt. */
const WARM_UP = 60;
/** Where the log begins: above the stack. */
export const LOG = 0x20008000;
export const LOG_WORDS = 4;

const FPCCR: Readonly<Record<SweepOptions['stacking'], number>> = {
  lazy: 0xc0000000,
  eager: 0x80000000,
  none: 0,
};

/** Arms the timer for r5 cycles from about now; r1 is 0 after it. */
const ARM = {
  systick: `
  ldr r0, =0xe000e010
  str r5, [r0, #4]
  movs r1, #0
  str r1, [r0, #8]
  movs r1, #7
  str r1, [r0]
`,
  // ARR, then UG with URS set so that it raises nothing, the flag off, and one pulse with its interrupt on.
  tim6: `
  ldr r0, =0x40001000
  str r5, [r0, #0x2c]
  movs r1, #1
  str r1, [r0, #0x14]
  movs r1, #0
  str r1, [r0, #0x10]
  movs r1, #1
  str r1, [r0, #0x0c]
  movs r1, #13
  str r1, [r0]
`,
} as const;

/** The timer off, and what of it is pending cleared. */
const DISARM = {
  systick: `
  ldr r0, =0xe000e010
  movs r1, #0
  str r1, [r0]
  ldr r0, =0xe000ed04
  mov r1, #0x02000000
  str r1, [r0]
`,
  tim6: `
  ldr r0, =0x40001000
  movs r1, #0
  str r1, [r0]
  str r1, [r0, #0x0c]
  str r1, [r0, #0x10]
  dsb
  ldr r0, =0xe000e280
  mov r1, #0x00400000
  str r1, [r0, #4]
`,
} as const;

/** Notes where it came from, and spoils what an exception may spoil. */
const handler = (kind: SweepOptions['handler'], disarm: string) => `
irq_code:
  tst lr, #4
  ite eq
  mrseq r2, msp
  mrsne r2, psp
${disarm}
  ldr r1, =hit
  ldr r3, [r2, #24]
  str r3, [r1]
  ldr r3, [r2, #28]
  str r3, [r1, #4]
  str lr, [r1, #8]
  ${kind === 'float' ? 'vmov s0, r3\n  vcvt.f32.s32 s1, s0\n  vsqrt.f32 s15, s1' : 'mvn r12, r3'}
  movs r0, #0
  bx lr
`;

/** TIM6 is interrupt 54; its vector, like all of them, is looked for in a table in RAM. */
const VECTORS_IN_RAM = `
  ldr r0, =0xe000ed08
  ldr r1, =ram_vectors
  str r1, [r0]
  ldr r2, =irq_code
  str r2, [r1, #60]
  str r2, [r1, #(64 + 54 * 4)]
  ldr r0, =0xe000e104
  mov r2, #0x00400000
  str r2, [r0]
`;

type Setting = Pick<SweepOptions, 'rounds' | 'stack' | 'stacking'>;

/**
 * To the moment when the kernel is hot, and `reference` holds what it leaves when nothing interrupts it.
 * Interrupt 54 is more urgent than SysTick; both are masked while BASEPRI is 0x40.
 */
const prologue = ({ rounds, stack, stacking }: Setting) => `
  .bss
  .balign 512
ram_vectors: .space 512
hit: .space 16
reference: .space 4
wrong: .space 4
  .text
main:
  poke 0xe000ed88, 0x00f00000
  poke 0xe000ef34, ${FPCCR[stacking]}
  poke 0xe000edfc, 0x01000000
  poke 0xe0001000, 1
  poke 0x40021058, 0x10
  poke 0xe000ed20, 0x80000000
  poke 0xe000e434, 0x00400000
${VECTORS_IN_RAM}
  ldr r0, =0x20007000
  msr psp, r0
  movs r0, #${stack === 'process' ? 2 : 0}
  msr control, r0
  isb
  movs r7, #${WARM_UP}
warm:
  movs r0, #${rounds}
  bl kernel_code
  bl digest_code
  subs r7, #1
  bne warm
  ldr r1, =reference
  str r0, [r1]
`;

/** Counts in `wrong` when the kernel has left something else than the first time. */
const CHECK = `
  bl digest_code
  ldr r1, =reference
  ldr r1, [r1]
  cmp r0, r1
  ittt ne
  ldrne r2, =wrong
  ldrne r1, [r2]
  addne r1, #1
  it ne
  strne r1, [r2]
`;

/** @returns assembly, for guest-machine.ts */
export function sweepProgram(options: SweepOptions): string {
  const { rounds, step, timer } = options;
  return `${prologue(options)}
  ldr r4, =${LOG}
  movs r5, #1
sweep:
  ldr r0, =hit
  movs r1, #0
  str r1, [r0]
${ARM[timer]}
  movs r0, #${rounds}
  bl kernel_code
  ldr r6, =0xe0001004
  ldr r6, [r6]
${DISARM[timer]}
${CHECK}
  ldr r1, =hit
  ldm r1, {r0-r2}
  mov r3, r6
  cbz r0, over
  stmia r4!, {r0-r3}
  add r5, r5, #${step}
  b sweep
over:
  b report
${handler(options.handler, DISARM[timer])}
  .ltorg
${KERNEL}
${DIGEST}
`;
}

/** The kernel over and over, checked each time, interrupted from outside by SysTick and interrupt 54. */
export function endlessProgram(options: Setting & Pick<SweepOptions, 'handler'>): string {
  return `${prologue(options)}
  movs r7, #0
endless:
  movs r0, #${options.rounds}
  bl kernel_code
${CHECK}
  adds r7, #1
  b endless
${handler(options.handler, '')}
  .ltorg
${KERNEL}
${DIGEST}
`;
}
