import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../../harness/report/json-text.js';
import { type RunFacts, runJsonSchema, runReport, runText } from '../../../harness/report/run-report.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'harness', 'report');

const facts: RunFacts = {
  elf: { path: 'fw.elf', sha256: 'ab' },
  mcu: 'stm32l496zg',
  timingModel: 'trm/1',
  exit: {
    reason: 'fault',
    code: 125,
    status: null,
    text: 'fault: it broke',
    pc: 0x08000102,
    function: 'main+0x2',
  },
  fault: null,
  instructions: 1234,
  cycles: 6_000_000,
  clockHz: 4_000_000,
  finalClockHz: 4_000_000,
  seconds: 1.5,
  energy: null,
  unmodelled: [],
  notices: [],
  memory: {
    flashBytes: 1000,
    staticBytes: 24,
    stacks: [{ name: 'main', peakBytes: 5678, chain: ['main', 'work'], writtenBytes: null }],
    heapPeakBytes: null,
    heap: null,
  },
  functions: null,
  console: 'hello\n',
};

const timeOf = (cycles: number) =>
  runText(runReport({ ...facts, seconds: cycles / 4e6 })).find((line) => line.includes('time '));

describe('the report of a run', () => {
  it('is m4lab.run/1', () => {
    expect(runReport(facts)).toEqual({ schema: 'm4lab.run/1', ...facts });
  });

  it('names what is not modelled, what to know, and a clock that changed', () => {
    const use = {
      address: 0x40021010,
      name: 'RCC.PLLSAI1CFGR',
      pc: 0x08000102,
      count: 3,
      access: 'write' as const,
    };
    const notices = [{ code: 'watchdog-reset', text: 'IWDG reset the MCU', count: 1 }];
    const lines = runText(runReport({ ...facts, finalClockHz: 80_000_000, unmodelled: [use], notices }));
    expect(lines).toContain('  time          1.500 s at 4 MHz, 80 MHz at the end');
    expect(lines).toContain('  watchdog-reset IWDG reset the MCU');
    expect(lines).toContain('  unmodelled    write of RCC.PLLSAI1CFGR at 0x08000102, 3 times');
  });

  it('says it in words', () => {
    expect(runText(runReport(facts))).toEqual([
      'm4lab: fault: it broke',
      '  at            0x08000102, main+0x2',
      '  program       fw.elf on stm32l496zg',
      '  instructions  1,234',
      '  cycles        6,000,000, timing model trm/1, unverified on silicon',
      '  time          1.500 s at 4 MHz, the clock at reset',
      '  memory        flash 1,000, static 24 bytes',
      '  stack peak    main 5,678 bytes',
      '    main        main > work',
    ]);
    const exit = { ...facts.exit, reason: 'exit' as const, pc: null, function: null };
    expect(runText(runReport({ ...facts, exit })).join('\n')).not.toContain(' at   ');
  });

  it('has the energy by the datasheet beneath the time, with its doubt', () => {
    const energy = {
      ...{ joules: 0.00198, runMicroampsPerMHz: 100, supplyVolts: 3.3, celsius: 25, atHz: 80_000_000 },
      ...{ source: 'a datasheet', verified: false as const },
    };
    const lines = runText(runReport({ ...facts, energy }));
    expect(lines.slice(5, 7)).toEqual([
      '  time          1.500 s at 4 MHz, the clock at reset',
      '  energy        1.98 mJ by 100 uA/MHz at 3.3 V, 25 degrees Celsius, 80 MHz, ' +
        'a datasheet figure, unverified',
    ]);
  });

  it('says what the heap took and what is wrong with it', () => {
    const heap = {
      ...{ peakBytes: 1200, liveBytes: 24, liveBlocks: 1, allocations: 9, frees: 8, failures: 0 },
      breakPeakBytes: 4096,
      errors: [{ kind: 'double-free' as const, address: 0x20000010, pc: 0x100, chain: ['main', 'free'] }],
    };
    const text = runText(runReport({ ...facts, memory: { ...facts.memory, heap, heapPeakBytes: 1200 } }));
    expect(text.slice(-2)).toEqual([
      '  heap peak     1,200 bytes, 4,096 from the system, 24 live at the end',
      '  double-free   0x20000010: main > free',
    ]);
  });

  it('folds what is long, counts calls of oneself and leaves out the middle of a chain', () => {
    const pairs = Array.from({ length: 20 }, () => ['ping', 'pong']).flat();
    const chain = ['main', ...pairs, ...Array<string>(1200).fill('deep'), 'printf'];
    const stack = { name: 'main', peakBytes: 64, chain, writtenBytes: null };
    const others = Array.from({ length: 9 }, (_, k) => ({ ...stack, name: `task_stack_${k}`, chain: [] }));
    const report = runReport({ ...facts, memory: { ...facts.memory, stacks: [stack, ...others] } });
    expect(runText(report).slice(-5)).toEqual([
      '  stack peak    main 64, task_stack_0 64, task_stack_1 64, task_stack_2 64, task_stack_3 64,',
      '                task_stack_4 64, task_stack_5 64, task_stack_6 64, task_stack_7 64,',
      '                task_stack_8 64 bytes',
      '    main        main > ping > pong > ping > pong > ping > pong > ping > (27 more) > ping > pong',
      '                > ping > pong > ping > pong > deep (1,200 times) > printf',
    ]);
    expect(report.memory.stacks[0]?.chain).toEqual(chain);
  });

  it('has a table of functions, as long as is asked for', () => {
    const use = { address: 256, calls: 3, inclusiveCycles: 6_000_000, peakStackBytes: 40, interrupt: false };
    const functions = [
      { ...use, name: 'work', exclusiveCycles: 4_500_000 },
      { ...use, name: 'tick', exclusiveCycles: 1_500_000, interrupt: true },
    ];
    const report = runReport({ ...facts, functions });
    expect(runText(report).slice(-3)).toEqual([
      '       own cycles              %     with calls          calls          stack  function',
      '        4,500,000          75.00      6,000,000              3             40  work',
      '        1,500,000          25.00      6,000,000              3             40  tick (interrupt)',
    ]);
    expect(runText(report, 1).slice(-2)).toEqual([
      '        4,500,000          75.00      6,000,000              3             40  work',
      '  1 more function: see --json',
    ]);
  });

  it('gives the time in a unit that shows it', () => {
    expect(timeOf(53)).toMatch(/13\.25 us at/);
    expect(timeOf(40_000)).toMatch(/10\.000 ms at/);
  });

  it('refuses what is no report', () => {
    const exit = { ...facts.exit, code: 256 };
    expect(() => runReport({ ...facts, exit })).toThrow();
    expect(() => runReport({ ...facts, cycles: -1 })).toThrow();
  });

  it('run.schema.json is what the code generates (npm run schema writes it)', async () => {
    await expect(jsonText(runJsonSchema())).toMatchFileSnapshot(join(folder, 'run.schema.json'));
  });
});
