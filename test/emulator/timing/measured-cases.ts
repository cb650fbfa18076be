/**
 * Short pieces of code and the cycles each takes, all in one program: a case starts with the pipeline at
 * rest, known registers and an idle FPU, and is measured from its first instruction to what follows its
 * last.
 */
import { type Guest, type GuestOptions, guest } from '../machine/guest-machine.js';

/**
 * R0 to R3 are word-aligned addresses in RAM, R4 is 4, R5 is 0, R6 is 7, R7 is 0xffffffff; R8 points to
 * itself, R11 and LR to the end of the case, R10 to such a pointer; Z is set.
 */
const setUp = (index: number) => `
  ldr r0, =0x20004000
  ldr r1, =0x20004100
  ldr r2, =0x20004200
  ldr r3, =0x20004300
  movs r4, #4
  movs r5, #0
  movs r6, #7
  ldr r7, =0xffffffff
  vmov.f32 s0, #1.5
  vmov.f32 s1, #2.5
  vmov.f32 s2, #3.5
  vmov.f32 s3, #4.5
  ldr r8, =0x20004400
  ldr r10, =0x20004500
  ldr r11, =end_${index} + 1
  str r11, [r10]
  str r8, [r8]
  mov lr, r11
  vmrs r12, fpscr
  cmp r5, #0
  b case_${index}
  .ltorg
  .balign 4
case_${index}:
  nop.w
`;

export interface Measured {
  readonly code: string;
  readonly cycles: number;
}

function programOf(cases: readonly Measured[]): string {
  const bodies = cases.map(
    ({ code }, index) => `${setUp(index)}start_${index}:\n${code}\nend_${index}:\n  nop.w\n`,
  );
  return `\nmain:\n  poke 0xe000ed88, 0x00f00000\n${bodies.join('')}\n  b .\n`;
}

/** Runs to the label and gives the time there. */
export function cycleAt({ machine, address }: Guest, label: string): number {
  const stop = machine.run({ addresses: [address(label)], maxCycles: machine.cycles + 10_000 });
  if (stop.reason !== 'address') throw new Error(`${label} was not reached: ${JSON.stringify(stop)}`);
  return machine.cycles;
}

/** The cycles of each case, in order. */
export function measure(cases: readonly Measured[], options: GuestOptions = {}): number[] {
  const program = guest(programOf(cases), options);
  return cases.map((_case, index) => {
    const start = cycleAt(program, `start_${index}`);
    return cycleAt(program, `end_${index}`) - start;
  });
}
