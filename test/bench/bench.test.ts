/** What `npm run bench` computes and refuses, and that its programs print one checksum wherever they run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadElf, Machine, parseMcuProfile } from '../../emulator/index.js';
import { runQemu } from '../witness/qemu.js';

interface Program {
  readonly name: string;
  readonly hostFlags?: readonly string[];
}
interface Built {
  readonly elf: string;
  readonly native?: string;
}
interface Time {
  readonly wall: number;
  readonly cpu: number;
  readonly peakMb: number;
  readonly runs?: number;
}
interface Row {
  readonly name: string;
  readonly instructions?: number;
  readonly cycles?: number;
  readonly times: Readonly<Record<string, Time>>;
}
interface Bar {
  readonly what: string;
  readonly unit: string;
  readonly value?: number;
  readonly met?: boolean;
}
interface Figures {
  readonly mips: number;
  readonly mhz: number;
  readonly qemu: number;
  readonly qemuNet: number;
  readonly timesNative: number;
}
interface Evaluated {
  readonly figures: readonly Figures[];
  readonly all: { readonly mean: number; readonly worst: number; readonly worstRow: string };
  readonly doubts: readonly string[];
  readonly bars: readonly Bar[];
}
interface HistoryLine {
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly geometricMean: number | null;
  readonly ratios: Readonly<Record<string, number | null>>;
}

// Plain modules, as the command runs without a compiler.
const bench = new URL('../../bench/', import.meta.url);
const load = async (name: string) => import(new URL(name, bench).href);
const { parseOptions } = (await load('options.mjs')) as {
  parseOptions(argv: readonly string[], programs: readonly string[]): object;
};
const { evaluate } = (await load('figures.mjs')) as { evaluate(measured: object): Evaluated };
const { median, geometricMean } = (await load('statistics.mjs')) as {
  median(values: readonly number[]): number;
  geometricMean(values: readonly number[]): number;
};
const { resultsText } = (await load('results-text.mjs')) as {
  resultsText(results: object, slower: readonly string[]): string;
};
const { findSlower, historyEntry, withEntry } = (await load('history.mjs')) as {
  historyEntry(results: object): HistoryLine;
  findSlower(history: readonly HistoryLine[], entry: HistoryLine): string[];
  withEntry(history: readonly HistoryLine[], entry: HistoryLine): HistoryLine[];
};
const { figure, table } = (await load('tables.mjs')) as {
  figure(value: number | undefined): string;
  table(head: readonly string[], rows: readonly (readonly string[])[]): string;
};
const { PROGRAMS } = (await load('programs.mjs')) as { PROGRAMS: readonly Program[] };
const { buildProgram, buildTools } = (await load('build-programs.mjs')) as {
  buildProgram(program: Program, folder: string, cpuFlags: readonly string[]): Built;
  buildTools(folder: string): { readonly stopwatch: string };
};
const { timeProcess } = (await load('process-time.mjs')) as {
  timeProcess(
    stopwatch: string,
    command: readonly string[],
  ): Time & { readonly status: number; readonly stdout: string };
};

const folder = mkdtempSync(join(tmpdir(), 'm4lab-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('options', () => {
  it('are read, and a part of the whole is not recorded', () => {
    const whole = { quick: false, only: [], runs: 5, record: true, help: false, complete: true };
    expect(parseOptions([], [])).toEqual(whole);
    expect(parseOptions(['--runs', '3', '--no-record'], [])).toEqual({ ...whole, runs: 3, record: false });
    const part = { ...whole, record: false, complete: false };
    expect(parseOptions(['--quick'], [])).toEqual({ ...part, quick: true, runs: 1 });
    expect(parseOptions(['--only=a', '--only', 'b'], ['a', 'b'])).toEqual({ ...part, only: ['a', 'b'] });
  });

  it.each([
    [['--quikc'], 'there is no option --quikc; the options are --quick, --only'],
    [['--only', 'hallo'], 'there is no program hallo; the programs are train-full, '],
    [['--only'], '--only needs the name of a program'],
    [['--runs', '0'], '--runs is 0, must be a whole number from 1 to 99'],
    [['toString'], 'there is no option toString'],
  ])('%s is refused with status 2', (argv, message) => {
    const run = spawnSync(process.execPath, [fileURLToPath(new URL('run.mjs', bench)), ...argv], {
      encoding: 'utf8',
    });
    expect(run.stderr).toContain(`bench: ${message}`);
    expect(run.status).toBe(2);
  });
});

describe('figures', () => {
  const time = (wall: number): Time => ({ wall, cpu: wall, peakMb: 50 });
  const hello: Row = {
    name: 'hello',
    times: { m4lab: { wall: 0.2, cpu: 0.3, peakMb: 121 }, qemu: time(0.1), native: time(0.001) },
  };
  const row = (name: string, m4lab: number, qemu: number): Row => ({
    name,
    instructions: 2e9,
    cycles: 3e9,
    times: { m4lab: time(m4lab), qemu: time(qemu), native: time(0.5) },
  });

  it('are ratios of medians, whole and less start-up', () => {
    const rows = [row('train-full-x10', 2.2, 8.1), row('slow', 4, 2)];
    const { figures, all } = evaluate({ rows, hello, growth: [], complete: true });
    expect(figures[0]?.qemu).toBeCloseTo(8.1 / 2.2);
    expect(figures[0]?.qemuNet).toBeCloseTo(4);
    expect(figures[0]?.timesNative).toBeCloseTo(4.4);
    expect(figures[0]?.mips).toBeCloseTo(1000);
    expect(figures[0]?.mhz).toBeCloseTo(3000 / 2.2);
    expect(all).toEqual({ mean: Math.sqrt((8.1 / 2.2) * 0.5), worst: 0.5, worstRow: 'slow' });
  });

  it('pass or miss each bar, and leave open what was not measured', () => {
    const rows = [row('train-full-x10', 2.2, 8.1), row('slow', 4, 2)];
    const growth = [row('1x', 0.3, 1), row('10x', 1.2, 1), row('100x', 10.4, 1)];
    const { bars } = evaluate({ rows, hello, growth, complete: true });
    const met = (what: RegExp) =>
      bars.filter((bar) => what.test(`${bar.what}, ${bar.unit}`)).map((b) => b.met);
    expect(met(/^training step, all layers, VMUL/)).toEqual([true, true]);
    expect(met(/^training step, dense layers/)).toEqual([undefined, undefined]);
    expect(met(/^geometric mean/)).toEqual([false]);
    expect(met(/^worst/)).toEqual([false]);
    expect(met(/^simulated clock/)).toEqual([true]);
    expect(met(/hello.elf.*, s$/)).toEqual([true]);
    expect(met(/hello.elf.*, MB$/)).toEqual([false]);
    expect(met(/^100x the work/)).toEqual([false]);
  });

  it('are doubted when the host was busy', () => {
    const busy = { ...row('a', 1, 2), times: { m4lab: time(1), qemu: { wall: 2, cpu: 1.6, peakMb: 50 } } };
    expect(evaluate({ rows: [row('a', 1, 2)], hello, growth: [] }).doubts).toEqual([]);
    expect(evaluate({ rows: [busy], hello, growth: [] }).doubts[0]).toContain(
      '1.25 times its processor time',
    );
  });

  it('make RESULTS.md and a line of the history', () => {
    const rows = [
      { ...row('train-full-x10', 2.2, 8.1), program: 'train-full', work: '10 batches', notes: [] },
    ];
    const platforms = [
      { name: 'm4lab', title: 'm4lab' },
      { name: 'unicorn', title: 'Unicorn', reason: 'it is not here' },
    ];
    const machine = { date: '2026-01-01', commit: 'abc', cpu: 'one', cores: 2, node: 'v20' };
    const measured = evaluate({ rows, hello, growth: [], platforms, complete: true });
    const results = { ...measured, machine, runs: 5 };
    const text = resultsText(results, ['train: 3.5']);
    expect(text).toContain('| processor      |');
    expect(text).toMatch(/^\| train-full-x10 \| 2,000,000,000 \| 1,000 \| +3\.68 \|/m);
    expect(text).toContain('- `train-full-x10`: training step, all layers, VMUL and VADD; 10 batches');
    expect(text).toContain('- without Unicorn: it is not here\n- slower than before: train: 3.5');
    expect(historyEntry(results)).toMatchObject({
      commit: 'abc',
      geometricMean: 3.682,
      ratios: { 'train-full-x10': 3.682 },
      barsMissed: ['`m4lab run hello.elf`, peak memory, MB'],
    });
  });

  it('have a middle and a mean', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(geometricMean([0.5, 2, 8])).toBeCloseTo(2);
  });

  it('are written with three digits, in columns', () => {
    expect([0.06361, 1.5, 12.345, 1234.5, undefined].map((value) => figure(value))).toEqual([
      '0.0636',
      '1.50',
      '12.3',
      '1,235',
      '-',
    ]);
    expect(table(['a', 'b'], [['long', '1']])).toBe('| a    |   b |\n|------|----:|\n| long |   1 |');
  });
});

describe('history', () => {
  const line = (commit: string, mean: number, train: number | null, cpu = 'one'): HistoryLine => {
    return { date: '2026-01-01', commit, cpu, geometricMean: mean, ratios: { train } };
  };

  it('names what is more than a tenth below the best on the same processor', () => {
    const history = [line('a', 2, 3), line('b', 1.8, 4), line('c', 9, 9, 'another')];
    expect(findSlower(history, line('d', 1.81, 3.6))).toEqual([]);
    const expected = 'train: 3.5 x QEMU, was 4 x QEMU at b (2026-01-01), 13 % less';
    expect(findSlower(history, line('d', 1.81, 3.5))).toEqual([expected]);
    expect(findSlower(history, line('d', 1.81, null))).toEqual([]);
  });

  it('holds one line a commit and processor', () => {
    const history = [line('a', 2, 3), line('a', 2, 3, 'another')];
    expect(withEntry(history, line('a', 1, 1))).toEqual([history[1], line('a', 1, 1)]);
    expect(withEntry(history, line('b', 1, 1))).toHaveLength(3);
  });
});

describe('the stopwatch', () => {
  it('tells time, memory and status of a command', () => {
    const { stopwatch } = buildTools(folder);
    const busy =
      'const end = Date.now() + 200; while (Date.now() < end); console.log("done"); process.exit(3)';
    const { wall, cpu, peakMb, status, stdout } = timeProcess(stopwatch, [process.execPath, '-e', busy]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: 'done\n' });
    expect(wall).toBeGreaterThan(0.2);
    expect(cpu).toBeGreaterThan(0.05);
    expect(peakMb).toBeGreaterThan(20);
    expect(timeProcess(stopwatch, ['false']).peakMb).toBeLessThan(10);
  });
});

describe('a program of the benchmark', () => {
  const profile = parseMcuProfile(
    JSON.parse(readFileSync(new URL('../../profiles/mcu/mps2-an386.json', import.meta.url), 'utf8')),
    'mps2-an386.json',
  );
  const checksum = (console: string) => /^checksum 0x[0-9a-f]{8}$/m.exec(console)?.[0];

  // A training step is a hundred million instructions, for the benchmark alone.
  const quick = PROGRAMS.filter(({ name }) => !name.startsWith('train'));

  it.each(quick)('$name prints one checksum on m4lab, QEMU and the host', (program) => {
    const { elf, native } = buildProgram(program, folder, []);
    let console = '';
    const machine = new Machine(profile, {
      commandLine: `${program.name}.elf 2`,
      console: (text) => {
        console += text;
      },
    });
    machine.load(loadElf(readFileSync(elf), elf));
    expect(machine.run()).toEqual({ reason: 'exit', code: 0 });
    expect(checksum(console)).toBeDefined();
    expect(checksum(runQemu(elf, { commandLine: ['program', '2'] }).stdout)).toBe(checksum(console));
    expect(native === undefined).toBe(program.hostFlags === undefined);
    if (native !== undefined) {
      expect(checksum(spawnSync(native, ['2'], { encoding: 'utf8' }).stdout)).toBe(checksum(console));
    }
  });
});
