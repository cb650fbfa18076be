/** Fault handlers that only loop: what ends them, and which fault a run then ends with. */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest } from '../machine/guest-machine.js';

const SHCSR = 0xe000ed24;

describe('a fault handler that stands still', () => {
  it('goes on where an interrupt can preempt it', () => {
    const source = (priority: number) => `
main:
  poke ${SHCSR}, 0x70000
  poke 0xe000ed18, 0x00800000
  poke 0xe000ed20, ${(priority << 24) >>> 0}
  poke 0xe000e014, 999
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  udf #1
UsageFault_Handler: b .
SysTick_Handler:
  movs r0, #7
  put r0
  b report
`;
    expect(agreedWords(source(0x40))).toEqual([7]);
    expect(guest(source(0xc0)).machine.run()).toMatchObject({ reason: 'fault' });
  });
});

describe('a fault handler that stands still, too', () => {
  const source = (code: string) => `
main:
  poke ${SHCSR}, 0x70000
  poke 0xe000ed18, 0x00808080
  poke 0xe000e100, 1
  udf #1
UsageFault_Handler:
${code}
  b .
IRQ0_Handler:
  movs r0, #7
  put r0
  b report
`;

  it('is left by an interrupt that is pending', () => {
    expect(agreedWords(source('  ldr r0, =0xe000e200\n  movs r1, #1\n  str r1, [r0]'))).toEqual([7]);
  });

  it('is named by its own fault, not by one that waits', () => {
    const { machine } = guest(source('  ldr r0, =0x60000000\n  str r0, [r0]\n  dsb'));
    const text = expect.stringMatching(/^UsageFault: undefined instruction/);
    expect(machine.run({ maxCycles: 100_000 })).toMatchObject({ reason: 'fault', text });
  });
});
