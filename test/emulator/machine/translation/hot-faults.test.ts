/**
 * A fault in the middle of hot code: each access of each kind fails once, in its thousandth round; the
 * handler notes what it sees, puts it right, and the loop goes on. And runs that a fault ends, with the same
 * report. Both machines are compared all the while.
 */
import { describe, expect, it } from 'vitest';
import { faultReport } from '../../../../emulator/index.js';
import { Twins, wordsOfTwins } from './twins.js';

const ROUNDS = 4000;
const FAULTY = 1500;
const GOOD = 0x20004000;
/** No memory answers there. */
const NOWHERE = 0x60000000;
const UNALIGNED = GOOD + 2;

interface Case {
  readonly name: string;
  /** Uses r2, whose value is bad once; r5 is the round. */
  readonly code: string;
  readonly bad?: number;
  /** CFSR in the handler. */
  readonly status: number;
}

const PRECISE = 0x8200;
const IMPRECISE = 0x0400;
const INVALID_STATE = 0x00020000;
const UNDEFINED = 0x00010000;
const NO_ALIGNMENT = 0x01000000;
const NO_INSTRUCTION = 0x0100;

const cases: readonly Case[] = [
  { name: 'LDR', code: 'ldr r0, [r2]', status: PRECISE },
  { name: 'LDRB', code: 'ldrb r0, [r2, #3]', status: PRECISE },
  { name: 'LDRSH by a register', code: 'movs r1, #2\n  ldrsh r0, [r2, r1, lsl #1]', status: PRECISE },
  { name: 'LDR with its base written back after', code: 'ldr r0, [r2], #4', status: PRECISE },
  { name: 'LDR with its base written back before', code: 'ldr r0, [r2, #4]!', status: PRECISE },
  { name: 'LDRD', code: 'ldrd r0, r1, [r2, #8]', status: PRECISE },
  { name: 'LDM', code: 'ldmia r2!, {r0, r1, r3}', status: PRECISE },
  { name: 'LDMDB', code: 'ldmdb r2, {r0, r1, r3}', status: PRECISE },
  { name: 'VLDR', code: 'vldr s0, [r2]\n  vmov r0, s0', status: PRECISE },
  { name: 'VLDM', code: 'vldmia r2!, {s0-s5}\n  vmov r0, s1', status: PRECISE },
  {
    name: 'LDR in an IT block',
    code: 'tst r5, r5\n  ittt ne\n  addne r0, #1\n  ldrne r0, [r2]\n  addne r0, #2',
    status: PRECISE,
  },
  { name: 'LDREX', code: 'ldrex r0, [r2]', status: PRECISE },
  { name: 'TBB', code: 'movs r1, #0\n  tbb [r2, r1]', status: PRECISE },
  { name: 'STR', code: 'str r5, [r2]', status: IMPRECISE },
  { name: 'STRB with its base written back', code: 'strb r5, [r2], #1', status: IMPRECISE },
  { name: 'STM', code: 'stmia r2!, {r4, r5, r6}', status: IMPRECISE },
  { name: 'LDRD, unaligned', code: 'ldrd r0, r1, [r2]', bad: UNALIGNED, status: NO_ALIGNMENT },
  { name: 'LDM, unaligned', code: 'ldmia r2, {r0, r1}', bad: UNALIGNED, status: NO_ALIGNMENT },
  { name: 'VLDR, unaligned', code: 'vldr s0, [r2]', bad: UNALIGNED, status: NO_ALIGNMENT },
  { name: 'STRD, unaligned', code: 'strd r5, r6, [r2]', bad: UNALIGNED, status: NO_ALIGNMENT },
  {
    name: 'UDF, passed by otherwise',
    code: 'cmp r2, r4\n  beq 9f\n  udf #7\n9:',
    bad: NOWHERE,
    status: UNDEFINED,
  },
  {
    name: 'BLX to an even address',
    code: 'adr r1, place + 1\n  cmp r2, r4\n  it ne\n  subne r1, #1\n  blx r1',
    bad: NOWHERE,
    status: INVALID_STATE,
  },
  {
    name: 'BLX to where no code can be',
    code: 'adr r1, place + 1\n  cmp r2, r4\n  it ne\n  movne r1, r2\n  blx r1',
    bad: NOWHERE + 1,
    status: NO_INSTRUCTION,
  },
];

/** Faults of an instruction that would be the same again. */
const NOT_AGAIN = INVALID_STATE | UNDEFINED | NO_INSTRUCTION;
const GO_ON = `
  ldr r0, =after
  str r0, [sp, #24]
  mov r0, #0x01000000
  str r0, [sp, #28]
`;

/**
 * r2 is r4 but once. The handler puts CFSR, the place less `access`, the stacked xPSR, r0 and r2; then it
 * makes r2 right and has the instruction run again, or goes on at `after` where that would be no use.
 */
const program = ({ code, bad = NOWHERE, status }: Case) => `
main:
  poke 0xe000ed88, 0x00f00000
  poke 0xe000ed24, 0x70000
  ldr r4, =${GOOD}
  movs r0, #0
  str r0, [r4]
  str r0, [r4, #4]
  ldr r5, =${ROUNDS}
  movs r6, #0
  movs r7, #0
  mov r0, r9
  adds r0, #64
  mov r10, r0
again:
  mov r2, r4
  ldr r1, =${FAULTY}
  cmp r5, r1
  it eq
  ldreq r2, =${bad}
  movs r0, #5
access:
  ${code}
after:
  add r7, r0, r7, ror #1
  add r6, r2, r6, ror #3
  subs r5, #1
  bne again
  put r6
  put r7
  mrs r0, control
  put r0
  b report
  .ltorg
  .balign 4
place:
  bx lr
BusFault_Handler:
UsageFault_Handler:
  ldr r0, =0xe000ed28
  ldr r1, [r0]
  str r1, [r0]
  put r1
  ldr r2, [sp, #24]
  ldr r0, =access
  sub r0, r2, r0
  put r0
  ldr r0, [sp, #28]
  put r0
  ldr r0, [sp]
  put r0
  ldr r0, [sp, #8]
  put r0
  str r4, [sp, #8]
${(status & NOT_AGAIN) !== 0 ? GO_ON : ''}
  bx lr
  .ltorg
`;

describe('a fault in a hot loop', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    const words = wordsOfTwins(program(each));
    expect(words).toHaveLength(8);
    expect(words[0]).toBe(each.status);
    const atFault = words[4];
    // Nothing has happened to the base, unless the store went on and its bus error came after it.
    if (each.status !== IMPRECISE) expect(atFault).toBe(each.bad ?? NOWHERE);
  });
});

describe('a run that ends by a fault in hot code', () => {
  const ending = (code: string, extra = '') => `
main:
  ldr r4, =${GOOD}
  ldr r5, =${ROUNDS}
again:
  bl outer_code
  subs r5, #1
  b again
  .ltorg
outer_code:
  push {r4-r6, lr}
  bl inner_code
  pop {r4-r6, pc}
inner_code:
  push {r4, r5}
  ldr r0, [r4]
  adds r0, #1
  str r0, [r4]
  cmp r5, #0
  bne kept
  ${code}
kept:
  pop {r4, r5}
  bx lr
  .ltorg
${extra}
`;
  const cases: readonly (readonly [string, string, string])[] = [
    ['in a handler that loops', ending(`ldr r0, =${NOWHERE}\n  ldr r0, [r0]`), 'fault'],
    ['at an undefined instruction', ending('udf #0'), 'fault'],
    ['in lockup', ending('udf #0', 'HardFault_Handler:\n  udf #1'), 'lockup'],
    ['by a branch to data', ending('movs r0, #0\n  bx r0'), 'fault'],
    ['with its stack run out', 'main:\n  bl down_code\ndown_code:\n  push {lr}\n  bl down_code\n', 'fault'],
    ['by WFI that nothing ends', ending('cpsid i\n  wfi'), 'idle'],
    [
      'at a register that is not modelled',
      ending('ldr r0, =0x40013000\n  ldr r1, [r0]\n  b .-2'),
      'unmodelled',
    ],
  ];

  it.each(cases)('%s: same stop, same report', (_name, source, reason) => {
    const twins = new Twins(source);
    const stop = twins.runToEnd();
    expect(stop.reason).toBe(reason);
    const report = twins.both((machine, { elf }) => faultReport(machine, elf, stop));
    if (reason !== 'idle') expect(report).not.toBeNull();
    expect(twins.instructions).toBeGreaterThan(3000);
    // Asked once more, it says the same.
    expect(twins.run()).toEqual(stop);
  });
});
