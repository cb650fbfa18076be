/**
 * A program that sets the MPU up in many ways and probes each: loads, stores and calls by privileged and by
 * unprivileged code. It runs on QEMU's board and on ours.
 */
import type { MpuSetting } from './mpu-oracle.js';

/** Where the probes go: RAM filled with `bx lr`. */
export const PLAYGROUND = { start: 0x20002000, end: 0x20006000 } as const;

/** Probes of one setting: at most 32, so that their answers fill a word. */
export interface Probed extends MpuSetting {
  readonly addresses: readonly number[];
}

/** Words that the program notes for a setting: load, store, execute, privileged and then unprivileged. */
export const WORDS_PER_SETTING = 6;
/** Regions 5 to 7 are the program's own: its code, its variables, its stack. */
export const FREE_REGIONS = 5;

const OWN_REGIONS = [
  [0x00000000, 0x0600002b], // 4 MB, read-only for all
  [0x20000000, 0x03000017], // 4 KB, read and write
  [0x20006000, 0x03000019], // 8 KB, read and write
] as const;

const table = (words: readonly number[]): string =>
  words.map((word) => `  .word 0x${(word >>> 0).toString(16)}\n`).join('');

/** `ENABLE`, and PRIVDEFENA where the setting has it. */
const controlOf = ({ privilegedDefault }: MpuSetting): number => (privilegedDefault ? 5 : 1);

function recordOf(setting: Probed): string {
  const regions = setting.regions.flatMap(([rbar, rasr], n) => [(rbar & ~0x1f) | 0x10 | n, rasr]);
  return table([controlOf(setting), setting.addresses.length, ...regions, ...setting.addresses]);
}

/**
 * R10: the record, R11: privilege to probe with, R4: the address, R5: what is probed, R7: the answers, of
 * which MemManage clears the one in R12.
 */
export const probingProgram = (settings: readonly Probed[]): string => `
main:
  poke 0xe000ed24, 0x10000
  ldr r0, =${PLAYGROUND.start}
  ldr r1, =${PLAYGROUND.end}
  ldr r2, =0x47704770
1: str r2, [r0], #4
  cmp r0, r1
  blo 1b
${OWN_REGIONS.map(
  ([base, rasr], n) => `  poke 0xe000ed9c, ${base | 0x10 | (FREE_REGIONS + n)}\n  poke 0xe000eda0, ${rasr}\n`,
).join('')}
  ldr r10, =settings
setting:
  ldr r0, =settings_end
  cmp r10, r0
  beq report
  ldr r0, =0xe000ed94
  movs r1, #0
  str r1, [r0]
  ldr r6, [r10], #4
  ldr r8, [r10], #4
  ldr r0, =0xe000ed9c
  movs r3, #${FREE_REGIONS}
2: ldmia r10!, {r1, r2}
  str r1, [r0]
  str r2, [r0, #4]
  subs r3, #1
  bne 2b
  ldr r0, =0xe000ed94
  str r6, [r0]
  dsb
  isb
  movs r11, #0
privilege:
  msr control, r11
  isb
  movs r5, #0
kind:
  mov r7, #-1
  movs r6, #0
probe:
  movs r0, #1
  lsl r12, r0, r6
  ldr r4, [r10, r6, lsl #2]
  cmp r5, #1
  blo load
  beq store
  orr r4, #1
  blx r4
  b next
load:
  ldr r0, [r4]
  b next
store:
  ldr r0, =0x47704770
  str r0, [r4]
next:
  adds r6, #1
  cmp r6, r8
  blo probe
  put r7
  adds r5, #1
  cmp r5, #3
  blo kind
  svc 0
  add r11, #1
  cmp r11, #2
  blo privilege
  add r10, r10, r8, lsl #2
  b setting
  .ltorg
SVC_Handler:
  movs r0, #0
  msr control, r0
  bx lr
MemManage_Handler:
  bic r7, r12
  ldr r0, =0xe000ed28
  ldr r1, [r0]
  str r1, [r0]
  ldr r1, [sp, #24]
  adds r1, #2
  cmp r5, #2
  it eq
  ldreq r1, [sp, #20]
  bic r1, #1
  str r1, [sp, #24]
  bx lr
  .ltorg
  .balign 4
settings:
${settings.map(recordOf).join('')}
settings_end:
`;
