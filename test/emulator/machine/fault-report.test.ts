/** What is reported of a fault: registers as the faulting code had them, and the fault registers in words. */
import { describe, expect, it } from 'vitest';
import { type FaultReport, faultReport } from '../../../emulator/index.js';
import type { Stop } from '../../../emulator/machine/stop.js';
import { type Guest, guest, STACK_TOP } from './guest-machine.js';

/** What the faulting code has in R0 to R12. */
const filled = (n: number): number => 0x60000000 + n * 0x01010101;
const VALUES = Array.from({ length: 13 }, (_, n) => filled(n));
const LR = 0x12345679;
const FILL = `${VALUES.map((value, n) => `  ldr r${n}, =${value}\n`).join('')}  ldr lr, =${LR}
  b culprit
  .ltorg
`;
/** A handler that leaves nothing as it was, and then loops. */
const TRASH = `
${Array.from({ length: 13 }, (_, n) => `  mov r${n}, #0\n`).join('')}  sub sp, #16
  push {r0-r7}
  ldr r1, =0xe000ed28
  mvn r2, #0
  str r2, [r1]
  str r2, [r1, #4]
  b .
  .ltorg
`;
const HANDLER = `HardFault_Handler:\n${TRASH}`;
const FPU_ON = '  poke 0xe000ed88, 0x00f00000\n';

interface Reported extends Guest {
  readonly stop: Stop;
  readonly report: FaultReport;
}

function reported(source: string): Reported {
  const made = guest(`\n${source}`);
  const stop = made.machine.run({ maxCycles: 1_000_000 });
  const report = faultReport(made.machine, made.elf, stop);
  if (report === null) throw new Error(`no report of ${JSON.stringify(stop)}`);
  return { ...made, stop, report };
}

/** The frame that exception entry pushed: R0-R3, R12, LR, the return address, xPSR. */
function frameAt({ machine }: Guest, sp: number): number[] {
  return Array.from({ length: 8 }, (_, k) => machine.readWord(sp + 4 * k));
}

const framePart = ({ r, xpsr }: FaultReport) => [...[0, 1, 2, 3, 12, 14, 15].map((n) => r[n]), xpsr];
const namesOf = ({ status }: FaultReport) => status.flatMap(({ bits }) => bits.map(({ name }) => name));

describe('the registers of a fault are those of the faulting code', () => {
  it('in Thread mode on the main stack', () => {
    const made = reported(`main:\n${FILL}culprit: udf #1\n${HANDLER}`);
    const { report, address } = made;
    expect(report.r).toEqual([...VALUES, STACK_TOP, LR, address('culprit')]);
    expect(report).toMatchObject({ mode: 'thread', exception: null, privileged: true, stack: 'main' });
    expect(report).toMatchObject({ excReturn: 0xfffffff9, msp: STACK_TOP, float: null, earlier: [] });
    expect(framePart(report)).toEqual(frameAt(made, STACK_TOP - 32));
  });

  it('unprivileged on the process stack', () => {
    const made = reported(`main:
  ldr r0, =0x20003004
  msr psp, r0
  movs r0, #3
  msr control, r0
  isb
${FILL}culprit: udf #1\n${HANDLER}`);
    const { report, address } = made;
    expect(report.r).toEqual([...VALUES, 0x20003004, LR, address('culprit')]);
    expect(report).toMatchObject({ mode: 'thread', privileged: false, stack: 'process', control: 3 });
    expect(report).toMatchObject({ excReturn: 0xfffffffd, psp: 0x20003004, msp: STACK_TOP });
    // The frame is padded to 8 bytes and says so in bit 9 of the stacked xPSR.
    const frame = frameAt(made, 0x20003000 - 32);
    expect(framePart(report)).toEqual([...frame.slice(0, 7), (frame[7] ?? 0) & ~(1 << 9)]);
  });

  it('inside a handler', () => {
    const made = reported(`main:\n  svc 1\nSVC_Handler:\n${FILL}culprit: udf #1\n${HANDLER}`);
    const { report, address } = made;
    const sp = STACK_TOP - 32;
    expect(report.r).toEqual([...VALUES, sp, LR, address('culprit')]);
    expect(report).toMatchObject({ mode: 'handler', exception: 'SVCall', privileged: true, stack: 'main' });
    expect(report).toMatchObject({ excReturn: 0xfffffff1, xpsr: 0x0100000b });
    expect(framePart(report)).toEqual(frameAt(made, sp - 32));
  });

  it('with the FPU in use, whose registers its handler changes', () => {
    const made = reported(`main:
${FPU_ON}  vmov.f32 s0, #1.5
  vmov.f32 s15, #-2.0
  vmov.f32 s31, #4.0
${FILL}culprit: udf #1
HardFault_Handler:
  vmov.f32 s0, #8.0
${TRASH}`);
    const { report, machine } = made;
    expect(report.excReturn).toBe(0xffffffe9);
    expect(report.float?.s[0]).toBe(0x3fc00000);
    expect(report.float?.s[15]).toBe(0xc0000000);
    expect(report.float?.s[31]).toBe(0x40800000);
    expect(report.float?.fpscr).toBe(machine.readWord(STACK_TOP - 104 + 96));
    expect(machine.readWord(STACK_TOP - 104 + 32)).toBe(report.float?.s[0]);
    expect(framePart(report)).toEqual(frameAt(made, STACK_TOP - 104));
  });

  it('where no handler could take it: lockup, under FAULTMASK', () => {
    const { report, stop, address } = reported(`main:\n  cpsid f\n${FILL}culprit: udf #1\n`);
    expect(stop.reason).toBe('lockup');
    expect(report.r).toEqual([...VALUES, STACK_TOP, LR, address('culprit')]);
    expect(report).toMatchObject({ faultmask: 1, mode: 'thread', excReturn: null });
    expect(namesOf(report)).toEqual(['UNDEFINSTR']);
  });

  it('where the frame could not be pushed: SP is what it was before', () => {
    const { report, stop, address } = reported(
      `main:\n  ldr sp, =0x60000100\n${FILL}culprit: udf #1\nHardFault_Handler: b .\n`,
    );
    expect(stop).toMatchObject({
      reason: 'fault',
      text: expect.stringMatching(/^BusFault: the frame of HardFault cannot be pushed/),
    });
    expect(report.r).toEqual([...VALUES, 0x60000100, LR, address('culprit')]);
    expect(report.earlier).toEqual([expect.stringMatching(/^UsageFault: undefined instruction de01 at /)]);
    expect(namesOf(report)).toEqual(['STKERR', 'UNDEFINSTR', 'FORCED']);
  });

  it('of an SVC that cannot be taken; the place is the SVC itself', () => {
    const { report, stop, address } = reported(`main:\n  cpsid i\n${FILL}culprit: svc 1\n${HANDLER}`);
    expect(stop).toMatchObject({ reason: 'fault', pc: address('culprit') });
    expect(report.r[15]).toBe(address('culprit') + 2);
    expect(report).toMatchObject({ primask: 1, backtrace: { frames: [{ pc: address('culprit') }] } });
  });
});

describe('faults one after the other', () => {
  const RECOVER = `UsageFault_Handler:
  ldr r0, [sp, #24]
  adds r0, #2
  str r0, [sp, #24]
  poke 0xe000ed28, 0xffffffff
  bx lr
  .ltorg
`;
  const USAGE_ON = '  poke 0xe000ed24, 0x00040000\n';

  it('leave nothing where the program recovers', () => {
    const { machine, elf } = guest(`\nmain:\n${USAGE_ON}  udf #1\n  udf #2\n  b report\n${RECOVER}`);
    const stop = machine.run({ maxCycles: 1_000_000 });
    expect(stop.reason).toBe('exit');
    expect(machine.core.exceptions.faults.open).toEqual([]);
    expect(faultReport(machine, elf, stop)).toBeNull();
  });

  it('are told apart: the one that was recovered from is not reported', () => {
    const { report, address } = reported(
      `main:\n${USAGE_ON}  udf #1\n${FILL}culprit: ldr r0, [r0]\n${RECOVER}${HANDLER}`,
    );
    expect(report.r).toEqual([...VALUES, STACK_TOP, LR, address('culprit')]);
    expect(report).toMatchObject({ earlier: [], bfar: filled(0), mmfar: null });
    expect(namesOf(report)).toEqual(['PRECISERR', 'BFARVALID', 'FORCED']);
  });

  it('are told together where the first is still handled', () => {
    const { report, address } = reported(
      `main:\n${USAGE_ON}first: udf #1\nUsageFault_Handler:\n${FILL}culprit: udf #2\n${HANDLER}`,
    );
    const first = `undefined instruction de01 at 0x0${address('first').toString(16)}`;
    expect(report.earlier).toEqual([`UsageFault: ${first}`]);
    expect(report.r).toEqual([...VALUES, STACK_TOP - 32, LR, address('culprit')]);
    expect(report).toMatchObject({ mode: 'handler', exception: 'UsageFault' });
  });

  it('are forgotten by a reset', () => {
    const { machine } = guest(`\nmain:\n  udf #1\n`);
    machine.run();
    expect(machine.core.exceptions.faults.open).toHaveLength(1);
    machine.reset();
    expect(machine.core.exceptions.faults.open).toEqual([]);
  });

  it('are put back by a snapshot', () => {
    const { machine, elf } = guest(`\nmain:\n  udf #1\n`);
    const stop = machine.run();
    const before = faultReport(machine, elf, stop);
    const snapshot = machine.snapshot();
    machine.reset();
    machine.run({ maxInstructions: 3 });
    machine.restore(snapshot);
    expect(faultReport(machine, elf, stop)).toEqual(before);
  });
});

describe('each class of fault, in words', () => {
  const trapZero = '  poke 0xe000ed14, 0x210\n';
  const classes: readonly [string, string, readonly string[]][] = [
    ['undefined instruction', '  udf #1', ['UNDEFINSTR', 'FORCED']],
    ['no Thumb address', '  ldr r0, =0x20000000\n  bx r0', ['INVSTATE', 'FORCED']],
    ['FPU off', '  vmov s0, r0', ['NOCP', 'FORCED']],
    ['unaligned', '  ldr r0, =0x20000002\n  ldrd r2, r3, [r0]', ['UNALIGNED', 'FORCED']],
    ['divide by zero', `${trapZero}  movs r0, #0\n  udiv r1, r1, r0`, ['DIVBYZERO', 'FORCED']],
    ['bus fault', '  ldr r0, =0x70000000\n  ldr r0, [r0]', ['PRECISERR', 'BFARVALID', 'FORCED']],
    ['fetch from nowhere', '  ldr r0, =0x90000001\n  bx r0', ['IBUSERR', 'FORCED']],
    ['fetch from a device', '  ldr r0, =0x40000001\n  bx r0', ['IACCVIOL', 'FORCED']],
    ['unstacking', '  svc 1\nSVC_Handler:\n  ldr sp, =0x60000000\n  bx lr', ['UNSTKERR', 'FORCED']],
    [
      'return that does not fit',
      '  svc 1\nSVC_Handler:\n  ldr r0, =0xfffffff5\n  bx r0',
      ['INVPC', 'FORCED'],
    ],
    [
      'lazy stacking',
      `${FPU_ON}  ldr sp, =0x20001000\n  vmov s0, r0\n  svc 1\nSVC_Handler:
  poke 0xe000ef38, 0x60000000\n  vmov s1, r0`,
      ['LSPERR', 'FORCED'],
    ],
    ['no vector', '  poke 0xe000ed08, 0x60000000\n  udf #1', ['UNDEFINSTR', 'VECTTBL', 'FORCED']],
    ['BKPT', '  bkpt 1', ['DEBUGEVT', 'BKPT']],
  ];

  it.each(classes)('%s', (_name, code, names) => {
    const { report } = reported(`main:\n${code}\n  b report\n  .ltorg\n`);
    expect(namesOf(report)).toEqual(names);
    for (const { bits } of report.status)
      for (const { meaning } of bits) expect(meaning).toMatch(/^[a-zA-Z]/);
  });

  it('DFSR.BKPT is seen and cleared by the program too', () => {
    const source = `main:
  bkpt 1
  b report
HardFault_Handler:
  ldr r10, [sp, #24]
  adds r10, #2
  str r10, [sp, #24]
  peek 0xe000ed30
  poke 0xe000ed30, 2
  peek 0xe000ed30
  bx lr
`;
    const { machine, console } = guest(`\n${source}`);
    expect(machine.run({ maxCycles: 100_000 }).reason).toBe('exit');
    expect(console()).toBe('00000002\n00000000\n');
  });
});

describe('other stops', () => {
  it('report the live registers where the program cannot go on by itself', () => {
    const { report, stop, address } = reported(`main:\n${FILL}culprit: wfi\n  b report\n`);
    expect(stop.reason).toBe('idle');
    expect(report.r).toEqual([...VALUES, STACK_TOP, LR, address('culprit')]);
    expect(report).toMatchObject({ status: [], excReturn: null });
  });

  it('report the fault in whose handler the program ended or was stopped', () => {
    const source = (end: string) => `main:\n${FILL}culprit: udf #1\nHardFault_Handler:\n  mov r4, #0\n${end}`;
    const ended = reported(source('  movs r0, #0x18\n  ldr r1, =0x20026\n  bkpt 0xab\n'));
    const blinking = reported(source('1: adds r4, #1\n  b 1b\n'));
    expect([ended.stop.reason, blinking.stop.reason]).toEqual(['exit', 'limit']);
    for (const { report, address } of [ended, blinking]) {
      expect(report.text).toMatch(/^UsageFault: undefined instruction de01 at /);
      expect(report.r).toEqual([...VALUES, STACK_TOP, LR, address('culprit')]);
    }
  });

  it('report nothing where the program ended, or was to stop', () => {
    const { machine, elf, address } = guest('\nmain:\n  nop\nhere: b report\n');
    for (const until of [{ maxCycles: 1 }, { addresses: [address('here')] }, {}]) {
      const stop = machine.run(until);
      expect(faultReport(machine, elf, stop)).toBeNull();
    }
  });
});
