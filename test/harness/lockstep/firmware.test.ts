/**
 * Whole programs in lockstep with the interpreter: every firmware that ships, and programs of tests, which
 * fault, sleep, take interrupts, change their own code and lock up.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ElfImage, loadElf } from '../../../emulator/index.js';
import { guest } from '../../emulator/machine/guest-machine.js';
import type { WitnessMcu } from '../../witness/compiler.js';
import { pairOf, runPair } from './planted.js';

const prebuilt = join(import.meta.dirname, '../../../firmware/prebuilt');
const firmware = readdirSync(prebuilt, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.elf'))
  .sort();
/** Of a firmware that runs long. */
const MOST_INSTRUCTIONS = 6_000_000;

function differencesOf(elf: ElfImage, mcu: WitnessMcu, stretch: number, until = MOST_INSTRUCTIONS) {
  const { end, lockstep } = runPair(pairOf(elf, mcu), elf, { stretch, until });
  return {
    end: end.kind === 'different' ? end : end.kind,
    instructions: lockstep.instructions,
    stop: end,
    translated: lockstep.pair.subject.machine.translatedInstructions,
  };
}

describe('the firmware that ships', () => {
  it.each(firmware)('%s', (file) => {
    const elf = loadElf(readFileSync(join(prebuilt, file)), file);
    const [mcu] = file.split('/') as [WitnessMcu];
    const { end, instructions, translated } = differencesOf(elf, mcu, 20_000);
    expect(['ended', 'until']).toContain(end);
    expect(instructions).toBeGreaterThan(20);
    if (file.endsWith('train_once.elf')) expect(translated).toBeGreaterThan(0.8 * instructions);
  });
});

/** Programs as `guest` takes them, each a case that translated code may get wrong. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'a loop that SysTick interrupts, with FP in both': `
main:
  poke 0xe000ed88, 0x00f00000
  poke 0xe000e014, 523
  poke 0xe000e010, 7
  vmov.f32 s0, #1.0
  vmov.f32 s1, #0.5
  ldr r4, =40000
1: vmla.f32 s0, s1, s1
  vmul.f32 s2, s0, s1
  adds r5, r5, r4
  subs r4, #1
  bne 1b
  put r5
  put r7
  b report
SysTick_Handler:
  vadd.f32 s3, s0, s1
  adds r7, #1
  bx lr
`,
  'a loop that changes the code it runs': `
main:
  ldr r0, =0x20001000
  ldr r1, =0x4770300a
  str r1, [r0]
  adds r6, r0, #1
  ldr r4, =3000
  movs r0, #0
1: blx r6
  ldr r1, =0x20001000
  strb r4, [r1]
  dsb
  isb
  subs r4, #1
  bne 1b
  put r0
  b report
`,
  'a loop that polls a device and one that writes it': `
main:
  ldr r0, =0xe0001004
  poke 0xe000edfc, 0x01000000
  poke 0xe0001000, 1
  ldr r0, =0xe0001004
  ldr r4, =5000
1: ldr r1, [r0]
  eor r5, r5, r1
  str r4, [r0]
  subs r4, #1
  bne 1b
  put r5
  b report
`,
  'a loop that faults now and then and goes on': `
main:
  ldr r0, =0x2004f000
  ldr r4, =2000
1: ldr r1, [r0], #8
  add r5, r5, r1
  subs r4, #1
  bne 1b
  put r5
  b report
HardFault_Handler:
  ldr r2, [sp, #24]
  adds r2, #4
  str r2, [sp, #24]
  ldr r2, =0x2004f000
  str r2, [sp]
  bx lr
`,
  'a loop that sleeps': `
main:
  poke 0xe000e014, 999
  poke 0xe000e010, 7
  ldr r4, =300
1: wfi
  add r5, r5, r4
  subs r4, #1
  bne 1b
  put r5
  b report
SysTick_Handler:
  bx lr
`,
  'a fault that its handler only loops in': 'main:\n  ldr r0, =0x70000000\n  ldr r0, [r0]\n  b report\n',
  'a lockup': 'main:\n  ldr r0, =0x10\n  mov sp, r0\n  push {r0-r7}\n  b report\n',
  'divides, of every kind of operand, in a loop': `
main:
  ldr r4, =20000
  ldr r0, =0x12345678
1: mul r0, r0, r4
  add r0, r0, #77
  udiv r1, r0, r4
  sdiv r2, r0, r1
  add r5, r5, r2
  smlal r6, r7, r1, r2
  subs r4, #1
  bne 1b
  put r5
  put r6
  put r7
  b report
`,
};

describe('a program with', () => {
  it.each(Object.entries(PROGRAMS))('%s', (_name, source) => {
    const { elf } = guest(source);
    const runs = [11, 1000, 100_000].map((stretch) => differencesOf(elf, 'stm32l496zg', stretch, 400_000));
    for (const { end } of runs) expect(['ended', 'until']).toContain(end);
    const [first, ...others] = runs.map(({ end, instructions, stop }) => ({ end, instructions, stop }));
    for (const other of others) expect(other).toEqual(first);
  });
});
