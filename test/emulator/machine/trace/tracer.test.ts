/** Traces: against QEMU's own steps, and that they add up, change nothing and can be bounded. */
import { describe, expect, it } from 'vitest';
import {
  type TracedEvent,
  type TracedInstruction,
  type TraceRecord,
  Tracer,
} from '../../../../emulator/index.js';
import { traceLine } from '../../../../emulator/machine/trace/trace-text.js';
import { type QemuStep, qemuSteps } from '../../../witness/qemu.js';
import { type Guest, guest, STACK_TOP } from '../guest-machine.js';

const LIMIT = 1_000_000;

function traced(source: string, mcu: 'stm32l496zg' | 'mps2-an386' = 'stm32l496zg', limit?: number) {
  const made = guest(source, { mcu });
  const records: TraceRecord[] = [];
  const tracer = new Tracer(made.machine, made.elf, {
    take: (record) => records.push(record),
    ...(limit === undefined ? {} : { limit }),
  });
  tracer.start();
  const stop = made.machine.run({ maxCycles: LIMIT });
  tracer.stop();
  return { ...made, records, stop, tracer };
}

const isInstruction = (record: TraceRecord): record is TracedInstruction => record.kind === 'instruction';
const instructions = (records: readonly TraceRecord[]) => records.filter(isInstruction);
const events = (records: readonly TraceRecord[]) =>
  records.filter((record): record is TracedEvent => !isInstruction(record));

/** Each record begins where the one before it ended, the first at 0 and the last at the machine's cycles. */
function gaps({
  records,
  machine,
}: {
  records: readonly TraceRecord[];
  machine: Guest['machine'];
}): string[] {
  const ends = records.map(({ cycle, cycles }) => cycle + cycles);
  const starts = [...records.map(({ cycle }) => cycle), machine.cycles];
  return starts.flatMap((cycle, k) => (cycle === (ends[k - 1] ?? 0) ? [] : [`${ends[k - 1]} then ${cycle}`]));
}

/** Calls, IT blocks, stores of each size, flags, LDM and STM, a divide, SVC, and unaligned loads. */
const MIXTURE = `
main:
  mov r4, #9
1: ldr r0, =out + 200
  mul r1, r4, r4
  strb r1, [r0, #1]
  strh r1, [r0, #2]
  ldrsb r2, [r0, #1]
  ldr r3, [r0, #1]
  cmp r2, #20
  itete gt
  addgt r5, #3
  suble r5, #1
  movgt r6, r1
  ldrle r6, [r0]
  push {r1-r3, r5, lr}
  bl double_code
  pop {r1-r3, r5, lr}
  umull r7, r8, r3, r3
  sdiv r10, r3, r4
  adds r11, r10, r8, lsl #3
  svc 3
  movs r6, #1
  tbb [pc, r6]
2: .byte 1, 1
  .balign 2
3: subs r4, #1
  bne 1b
  put r5
  b report
double_code:
  lsls r1, r1, #1
  rsb r2, r1, #0
  ldmia sp, {r1, r3}
  bx lr
SVC_Handler:
  ldr r1, [sp, #24]
  str r1, [sp, #0]
  bx lr
`;

/** The registers before each instruction, as the trace's records say. */
function replay(records: readonly TraceRecord[], steps: readonly QemuStep[]) {
  const names = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'sl', 'fp', 'ip', 'sp', 'lr'];
  let now = [...(steps[0]?.registers ?? [])];
  let flags = 'nZcvq';
  const seen: QemuStep[] = [];
  for (const record of records) {
    // A frame is pushed and popped by the hardware: what it left in the registers is not in the trace.
    if (!isInstruction(record)) {
      now = [...(steps[seen.length]?.registers ?? [])];
      flags = lettersOf(steps[seen.length]?.xpsr ?? 0);
      continue;
    }
    const xpsr = [...flags].reduce((bits, f, k) => bits + (f === f.toUpperCase() ? 2 ** (31 - k) : 0), 0);
    seen.push({ registers: [...now.slice(0, 15), record.address], xpsr });
    for (const { name, value } of record.registers)
      if (names.includes(name)) now[names.indexOf(name)] = value;
    flags = record.flags ?? flags;
    // SYS_WRITE0 leaves nothing certain in R0.
    if (record.text.startsWith('bkpt')) now[0] = steps[seen.length]?.registers[0] ?? 0;
  }
  return seen;
}

const lettersOf = (xpsr: number): string =>
  Array.from('nzcvq', (flag, k) => ((xpsr >>> (31 - k)) & 1 ? flag.toUpperCase() : flag)).join('');

describe('a trace against QEMU', () => {
  it('has the same addresses, registers and flags before every instruction', () => {
    const { records, stop, path } = traced(MIXTURE, 'mps2-an386');
    expect(stop).toMatchObject({ reason: 'exit', code: 0 });
    const theirs = qemuSteps(path);
    const ours = replay(records, theirs);
    expect(ours.length).toBeGreaterThan(300);
    const plain = (steps: readonly QemuStep[]) =>
      steps.map(({ registers, xpsr }) =>
        [...registers, (xpsr & 0xf8000000) >>> 0].map((v) => v.toString(16)).join(),
      );
    expect(plain(ours)).toEqual(plain(theirs));
  });
});

/** SysTick wakes the core, its handler asks for PendSV, which is chained and meets a fault of each kind. */
const EVENTFUL = `
main:
  poke 0xe000ed88, 0x00f00000
  poke 0xe000ed24, 0x00070000
  vmov.f32 s0, #1.0
  poke 0xe000e014, 999
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  wfi
after:
  ldr r0, =0x60000000
load:
  ldr r1, [r0]
undefined:
  udf #1
  b report
SysTick_Handler:
  poke 0xe000e010, 0
  vmov.f32 s1, #2.0
  poke 0xe000ed04, 0x10000000
  bx lr
PendSV_Handler:
  bx lr
BusFault_Handler:
UsageFault_Handler:
  ldr r1, [sp, #24]
  adds r1, #2
  str r1, [sp, #24]
  bx lr
`;

describe('a trace', () => {
  const eventful = traced(EVENTFUL);

  it.each([
    ['a program with calls, IT blocks and SVC', MIXTURE],
    ['one with interrupts, faults and sleep', EVENTFUL],
  ])('of %s adds up to the cycles, and changes nothing', (_name, source) => {
    const run = traced(source);
    expect(run.stop).toEqual({ reason: 'exit', code: 0 });
    expect(gaps(run)).toEqual([]);
    const plain = guest(source);
    expect(plain.machine.run({ maxCycles: LIMIT })).toEqual(run.stop);
    expect(run.console()).toBe(plain.console());
    expect([run.machine.cycles, run.machine.instructions]).toEqual([
      plain.machine.cycles,
      plain.machine.instructions,
    ]);
    // BusFault's LDR and UDF are not retired; all else is.
    const done = instructions(run.records).filter(({ outcome }) => outcome !== 'faulted').length;
    expect(done).toBe(plain.machine.instructions);
  });

  it('tells of exceptions, tail-chaining, faults and sleep', () => {
    const { records, address } = eventful;
    const told = events(records).map(({ kind, text }) =>
      text === '' ? kind : `${kind} ${text.split(':')[0]}`,
    );
    expect(told).toEqual([
      ...['sleep', 'enter SysTick', 'chain PendSV after SysTick', 'return PendSV'],
      ...['fault BusFault', 'enter BusFault', 'return BusFault'],
      ...['fault UsageFault', 'enter UsageFault', 'return UsageFault'],
    ]);
    const [sleep, enter, chain, back] = events(records) as [
      TracedEvent,
      TracedEvent,
      TracedEvent,
      TracedEvent,
    ];
    expect(sleep.cycle + sleep.cycles).toBe(enter.cycle);
    expect(sleep.cycles).toBeGreaterThan(900);
    const frame = STACK_TOP - 104;
    expect(enter).toMatchObject({
      cycles: 12,
      values: [
        { name: 'pc', value: address('SysTick_Handler') },
        { name: 'from', value: address('after') },
        { name: 'frame', value: frame },
        { name: 'lr', value: 0xffffffe9 },
      ],
    });
    expect(chain).toMatchObject({ cycles: 6, values: [{ value: address('PendSV_Handler') }] });
    // FP registers were stored by the handler's VMOV: they are loaded again.
    expect(back.values).toEqual([
      { name: 'pc', value: address('after') },
      { name: 'sp', value: STACK_TOP },
    ]);
    expect(back.cycles).toBe(10 + 17);
  });

  it('marks what faulted, and which instruction did the lazy stacking', () => {
    const { records, address } = eventful;
    const [load] = instructions(records).filter((record) => record.address === address('load'));
    expect(load).toMatchObject({
      ...{ outcome: 'faulted', registers: [], cycles: 0 },
      accesses: [{ write: false, address: 0x60000000, size: 4, value: undefined }],
    });
    const stored = instructions(records).filter(({ storedFloat }) => storedFloat);
    expect(stored.map(({ text, cycles }) => [text, cycles])).toEqual([['vmov.f32 s1, #0', 1 + 17]]);
  });

  it('says that a condition failed, and shows registers that keep their value', () => {
    const { records } = traced(`
main:
  movs r0, #1
  cmp r0, #2
  it eq
  moveq r0, #3
  mov r0, r0
  strh r0, [r9]
  ldrsh r1, [r9], #4
  b report`);
    const lines = instructions(records)
      .filter(({ place }) => place?.startsWith('main'))
      .map(traceLine);
    const texts = lines.map((line) => line.slice(64).replace(/ +\| /, ' | '));
    expect(texts.slice(0, -1)).toEqual([
      'movs r0, #1 | r0=0x00000001',
      'cmp r0, #2 | flags=Nzcvq',
      'it eq',
      'moveq r0, #3 | skipped',
      'mov r0, r0 | r0=0x00000001',
      'strh.w r0, [r9] | store2[0x2000000c]=0x0001',
      'ldrsh.w r1, [r9], #4 | load2[0x2000000c]=0x0001 r1=0x00000001 r9=0x20000010',
    ]);
    expect(texts.at(-1)).toMatch(/^b\.n 0x[0-9a-f]+ \| pc=0x[0-9a-f]{8}$/);
  });

  it('is told of once when a register that is not modelled is met, and of a reset', () => {
    const run = traced(`
main:
  ldr r0, =0xe0042ffc
  ldr r1, [r0]
  ldr r0, =out + 512
  ldr r1, [r0]
  cbnz r1, report_far
  str r0, [r0]
  poke 0xe000ed0c, 0x05fa0004
  b .
report_far:
  b report`);
    expect(run.stop).toEqual({ reason: 'exit', code: 0 });
    expect(gaps(run)).toEqual([]);
    expect(run.machine.unmodelled()).toHaveLength(1);
    expect(instructions(run.records)).toHaveLength(run.machine.instructions);
    expect(
      events(run.records)
        .map(traceLine)
        .map((line) => line.slice(18)),
    ).toEqual([expect.stringMatching(/^restart {3}pc=0x080000[0-9a-f]{2}$/)]);
  });

  it('can begin anywhere and ends itself at its limit; the machine runs on as it would', () => {
    const whole = traced(MIXTURE);
    const { machine, elf, address } = guest(MIXTURE);
    const records: TraceRecord[] = [];
    const tracer = new Tracer(machine, elf, { take: (record) => records.push(record), limit: 40 });
    machine.run({ addresses: [address('SVC_Handler')] });
    tracer.start();
    expect(machine.run({ maxCycles: LIMIT })).toEqual(whole.stop);
    expect([tracer.isOn, tracer.records, machine.cycles]).toEqual([false, 40, whole.machine.cycles]);
    const { exceptions, interpreter } = machine.core;
    expect([exceptions.observers.size, interpreter.onRetireSignalled]).toEqual([0, undefined]);
    const from = whole.records.findIndex(
      (record) => isInstruction(record) && record.place === 'SVC_Handler+0x0',
    );
    expect(records).toEqual(whole.records.slice(from, from + 40));
  });

  it('goes with the machine back in time', () => {
    const { machine, elf } = guest(MIXTURE);
    const records: TraceRecord[] = [];
    const tracer = new Tracer(machine, elf, { take: (record) => records.push(record) });
    tracer.start();
    machine.run({ maxInstructions: 100 });
    const then = machine.snapshot();
    machine.run({ maxInstructions: 150 });
    const first = records.splice(0).filter(({ cycle }) => cycle >= then.cycles);
    machine.restore(then);
    machine.run({ maxInstructions: 150 });
    expect(first.length).toBeGreaterThan(45);
    expect(records).toEqual(first);
  });
});
