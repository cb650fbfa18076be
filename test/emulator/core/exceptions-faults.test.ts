/**
 * Every class of fault: what CFSR, HFSR and the frame say, escalation, and lockup (DDI 0403, B1.5.14,
 * B1.5.15).
 */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest, wordsOf } from '../machine/guest-machine.js';

const CFSR = 0xe000ed28;
const HFSR = 0xe000ed2c;
const SHCSR = 0xe000ed24;
const CCR = 0xe000ed14;
const ENABLE_ALL = 7 << 16;

const handler = (name: string) => `
${name}_Handler:
  mrs r10, ipsr
  put r10
  peek ${CFSR}
  peek ${HFSR}
  ldr r10, [sp, #24]
  ldr r11, =culprit
  sub r10, r11
  put r10
  ldr r10, =resume
  str r10, [sp, #24]
  ldr r10, [sp, #28]
  orr r10, #0x01000000
  str r10, [sp, #28]
  poke ${CFSR}, 0xffffffff
  poke ${HFSR}, 0xffffffff
  bx lr
`;

/** Notes IPSR, CFSR, HFSR and the return address less `culprit`; then goes on at `resume`. */
const faulting = (code: string, { enable = 0, before = '' } = {}) => `
main:
  poke ${SHCSR}, ${enable}
${before}
  ldr r4, =0x20004000
  movs r5, #0
  b culprit
  .ltorg
culprit:
${code}
resume:
  b report
  .ltorg
${['HardFault', 'MemManage', 'BusFault', 'UsageFault'].map(handler).join('')}
`;

const USAGE = 6;
const BUS = 5;
const MEMMANAGE = 4;
const HARD = 3;
const FORCED = 2 ** 30;

interface Case {
  readonly name: string;
  readonly code: string;
  readonly before?: string;
  /** The exception with everything enabled. */
  readonly exception: number;
  readonly cfsr: number;
  /** The return address, in bytes from `culprit`; 0 by default. */
  readonly at?: number;
  /** False where QEMU 7.2 does not do as the manual says, or does not model it. */
  readonly qemu?: boolean;
}

const cases: readonly Case[] = [
  { name: 'UNDEFINSTR', code: '  udf #1', exception: USAGE, cfsr: 1 << 16 },
  { name: 'UNDEFINSTR of 32 bits', code: '  nop\n  udf.w #1', exception: USAGE, cfsr: 1 << 16, at: 2 },
  { name: 'INVSTATE', code: '  ldr r6, =culprit\n  bx r6', exception: USAGE, cfsr: 1 << 17, at: 0 },
  { name: 'NOCP', code: '  vmov s0, r0', exception: USAGE, cfsr: 1 << 19 },
  {
    name: 'UNALIGNED by LDRD',
    code: '  adds r4, #2\n  ldrd r6, r7, [r4, #0]',
    exception: USAGE,
    cfsr: 1 << 24,
    at: 2,
    qemu: false,
  },
  {
    name: 'UNALIGNED by LDM',
    code: '  adds r4, #2\n  ldmia r4, {r6, r7}',
    exception: USAGE,
    cfsr: 1 << 24,
    at: 2,
    qemu: false,
  },
  {
    name: 'UNALIGNED by LDREX',
    code: '  adds r4, #2\n  ldrex r6, [r4]',
    exception: USAGE,
    cfsr: 1 << 24,
    at: 2,
    qemu: false,
  },
  {
    name: 'UNALIGNED by STR under UNALIGN_TRP',
    code: '  adds r4, #2\n  str r6, [r4]',
    before: `  poke ${CCR}, 0x208`,
    exception: USAGE,
    cfsr: 1 << 24,
    at: 2,
    qemu: false,
  },
  {
    name: 'DIVBYZERO by UDIV',
    code: '  udiv r6, r4, r5',
    before: `  poke ${CCR}, 0x210`,
    exception: USAGE,
    cfsr: 1 << 25,
  },
  {
    name: 'DIVBYZERO by SDIV',
    code: '  nop\n  sdiv r6, r4, r5',
    before: `  poke ${CCR}, 0x210`,
    exception: USAGE,
    cfsr: 1 << 25,
    at: 2,
  },
  {
    name: 'PRECISERR by a load',
    code: '  ldr r6, =0x70000000\n  ldr r6, [r6]',
    exception: BUS,
    cfsr: 0x8200,
    at: 4,
  },
  {
    name: 'PRECISERR by a store that ACTLR.DISDEFWBUF keeps out of the write buffer',
    code: '  ldr r6, =0x70000000\n  str r6, [r6]',
    before: '  poke 0xe000e008, 2',
    exception: BUS,
    cfsr: 0x8200,
    at: 4,
  },
  {
    name: 'PRECISERR by a store to write-through memory',
    code: '  ldr r6, =0x90000000\n  str r6, [r6]',
    exception: BUS,
    cfsr: 0x8200,
    at: 4,
  },
  {
    name: 'IMPRECISERR by a buffered store, after it',
    code: '  ldr r6, =0x70000000\n  str r6, [r6]',
    exception: BUS,
    cfsr: 0x400,
    at: 6,
    qemu: false,
  },
];

/** Faults whose return address is the target, not the branch. */
const fetches: readonly [string, number, number, number][] = [
  ['IBUSERR', 0x90000001, BUS, 1 << 8],
  ['IACCVIOL', 0x40000001, MEMMANAGE, 1],
];

const runnerOf = (entry: Case) => (entry.qemu === false ? wordsOf : agreedWords);

describe('a fault with its handler enabled', () => {
  it.each(cases)('$name', (entry) => {
    const words = runnerOf(entry)(faulting(entry.code, { ...entry, enable: ENABLE_ALL }));
    expect(words).toEqual([entry.exception, entry.cfsr, 0, entry.at ?? 0]);
  });

  it.each(fetches)('%s', (_name, target, exception, cfsr) => {
    const source = faulting(`  ldr r6, =${target}\n  bx r6`, { enable: ENABLE_ALL });
    const { address } = guest(source, { mcu: 'mps2-an386' });
    expect(agreedWords(source)).toEqual([exception, cfsr, 0, (target - 1 - address('culprit')) >>> 0]);
  });

  it('BFAR holds the address', () => {
    const source = `
main:
  poke ${SHCSR}, ${ENABLE_ALL}
  ldr r6, =0x70000004
  ldr r6, [r6, #8]
BusFault_Handler:
  peek 0xe000ed38
  b report
`;
    expect(agreedWords(source)).toEqual([0x7000000c]);
  });
});

describe('a fault without', () => {
  it.each(cases)('$name is a HardFault, FORCED', (entry) => {
    const words = runnerOf(entry)(faulting(entry.code, entry));
    expect(words).toEqual([HARD, entry.cfsr, FORCED, entry.at ?? 0]);
  });
});

describe('escalation', () => {
  it('makes a fault a HardFault where its priority cannot preempt', () => {
    const before = '  poke 0xe000ed18, 0x00400000\n  movs r0, #0x40\n  msr basepri, r0';
    expect(agreedWords(faulting('  udf #1', { enable: ENABLE_ALL, before }))).toEqual([
      HARD,
      1 << 16,
      FORCED,
      0,
    ]);
    const lower = '  poke 0xe000ed18, 0x00400000\n  movs r0, #0x80\n  msr basepri, r0';
    expect(agreedWords(faulting('  udf #1', { enable: ENABLE_ALL, before: lower }))).toEqual([
      USAGE,
      1 << 16,
      0,
      0,
    ]);
    expect(
      agreedWords(faulting('  udf #1', { enable: ENABLE_ALL, before: '  cpsid i' })).slice(0, 3),
    ).toEqual([HARD, 1 << 16, FORCED]);
  });

  it('makes an SVC a HardFault under PRIMASK', () => {
    const words = agreedWords(faulting('  cpsid i\n  svc 1', { enable: ENABLE_ALL }));
    expect(words.slice(0, 3)).toEqual([HARD, 0, FORCED]);
  });

  it('lets a BKPT without a debugger be a HardFault with DEBUGEVT', () => {
    expect(wordsOf(faulting('  bkpt 1'))).toEqual([HARD, 0, 0x80000000, 0]);
  });
});

describe('CFSR', () => {
  it('is cleared by ones, and by a byte that byte only', () => {
    const source = `
main:
  poke ${SHCSR}, ${ENABLE_ALL}
  ldr r6, =0x70000000
  ldr r6, [r6]
  nop
  udf #1
BusFault_Handler:
  ldr r10, [sp, #24]
  adds r10, #4
  str r10, [sp, #24]
  bx lr
UsageFault_Handler:
  peek ${CFSR}
  ldr r0, =${CFSR}
  movs r1, #0xff
  strb r1, [r0, #1]
  peek ${CFSR}
  ldr r0, =${CFSR}
  movs r1, #1
  strh r1, [r0, #2]
  peek ${CFSR}
  b report
`;
    expect(agreedWords(source)).toEqual([0x00018200, 0x00010000, 0]);
  });
});

describe('the end', () => {
  const udf = '\nmain:\n  nop\nculprit: udf #3\n  b report\n';

  it('fault: a handler that only loops; text, and the address of the culprit', () => {
    const { machine, address } = guest(udf);
    const stop = machine.run();
    expect(stop).toMatchObject({ reason: 'fault', pc: address('culprit') });
    expect('text' in stop && stop.text).toMatch(/^UsageFault: undefined instruction de03 at 0x[0-9a-f]{8}$/);
  });

  it('fault: at the first turn of the loop, however the run is cut', () => {
    const slow = `${udf}HardFault_Handler:\n  movs r0, #100\n1: subs r0, #1\n  bne 1b\n  b .\n`;
    const whole = guest(slow).machine;
    expect(whole.run().reason).toBe('fault');
    const cut = guest(slow).machine;
    for (let cycles = 7; cut.run({ maxCycles: cycles }).reason === 'limit'; cycles += 7);
    expect(cut.cycles).toBe(whole.cycles);
    expect(whole.cycles).toBeLessThan(400);
  });

  it('lockup: a fault in HardFault, in NMI, and under FAULTMASK', () => {
    const locked = (source: string) => guest(source).machine.run({ maxCycles: 10_000 });
    const text = /^undefined instruction de0\d at 0x[0-9a-f]{8} while /;
    for (const source of [
      `${udf}HardFault_Handler: udf #4\n`,
      `\nmain:\n  poke 0xe000ed04, 0x80000000\nNMI_Handler: udf #4\n`,
      `\nmain:\n  cpsid f\n  udf #4\n`,
    ]) {
      expect(locked(source)).toMatchObject({ reason: 'lockup', text: expect.stringMatching(text) });
    }
  });

  it('lockup: a reset vector without bit 0', () => {
    const { machine } = guest('\nmain: b .\n');
    machine.writeWord(0x08000004, 0x08000100);
    machine.reset();
    expect(machine.run()).toMatchObject({ reason: 'lockup', text: expect.stringContaining('0x08000100') });
  });
});
