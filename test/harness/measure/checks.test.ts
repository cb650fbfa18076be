import { describe, expect, it } from 'vitest';
import {
  type Check,
  type CyclePrediction,
  checkRun,
  count,
  errorPercent,
  type JudgedRun,
  measuredCycles,
  signedPercent,
  verdictOf,
} from '../../../harness/measure/checks.js';
import { ParityTally } from '../../../harness/measure/parity.js';
import type { TrainingRun } from '../../../harness/measure/training-run.js';

const prediction = (cycles: number): CyclePrediction => ({ byCount: new Map([[32, { cycles, steps: [] }]]) });

function judged(change: Partial<TrainingRun> = {}, cycles = prediction(1000)): JudgedRun {
  const parity = new ParityTally();
  parity.compareValue(1, 1, 'loss', 'batch 1');
  const fixed = { flashBytes: 1, dataBytes: 1, bssBytes: 1, staticBytes: 2, reservedBytes: 0 };
  const memory = {
    arenaBytes: 400,
    arenaSize: 800,
    stackPeakBytes: 100,
    stackReserveBytes: 200,
    static: fixed,
  };
  const run: TrainingRun = {
    mode: 'tl',
    parity,
    batches: [{ count: 32, cycles: 1000, loss: 1 }],
    loss: { before: 1, after: 0.5 },
    f1: { before: 0.5, after: 0.9 },
    unmoved: [],
    disturbed: [],
    tensors: { trained: 4, frozen: 4 },
    reportedArenaBytes: 400,
    memory,
    ...change,
  };
  return { run, memory: { bytes: 400, kinds: [] }, cycles };
}

const withMemory = (change: Partial<TrainingRun['memory']>) =>
  judged({ memory: { ...judged().run.memory, ...change } });

function mismatched(): ParityTally {
  const parity = new ParityTally();
  parity.compareValue(1, 2, 'loss', 'batch 7');
  return parity;
}

describe('the verdict', () => {
  it('is pass when every check passes', () => {
    const checks = checkRun(judged());
    expect(checks.map(({ name, state }) => `${name}: ${state}`)).toEqual([
      'parity: pass',
      'trained parameters: pass',
      'frozen parameters: pass',
      'loss: pass',
      'memory: pass',
      'cycles a batch: pass',
      'stack: pass',
    ]);
    expect(verdictOf(checks)).toBe('pass');
    expect(verdictOf([])).toBe('incomplete');
  });

  const failures: readonly [string, string, JudgedRun, RegExp][] = [
    ['nothing compared', 'parity', judged({ parity: new ParityTally() }), /no value/],
    [
      'a value off',
      'parity',
      judged({ parity: mismatched() }),
      /first loss\[0\] in batch 7: firmware 1, reference 2/,
    ],
    ['a tensor unmoved', 'trained parameters', judged({ unmoved: ['dense2.b'] }), /unchanged: dense2\.b/],
    ['a frozen tensor moved', 'frozen parameters', judged({ disturbed: ['conv1.w'] }), /changed: conv1\.w/],
    ['a loss that rose', 'loss', judged({ loss: { before: 1, after: 1 } }), /did not fall/],
    ['a loss that is none', 'loss', judged({ loss: { before: 1, after: Number.NaN } }), /did not fall/],
    ['a byte more', 'memory', withMemory({ arenaBytes: 404 }), /404 bytes of arena measured, 400 predicted/],
    ['cycles 11 % off', 'cycles a batch', judged({}, prediction(1110)), /\+11\.00 %/],
    ['cycles 11 % under', 'cycles a batch', judged({}, prediction(890)), /-11\.00 %/],
    ['a stack too deep', 'stack', withMemory({ stackPeakBytes: 201 }), /peak 201 of 200/],
    ['a stack never used', 'stack', withMemory({ stackPeakBytes: 0 }), /peak 0/],
  ];

  it.each(failures)('is fail for %s', (_what, name, facts, text) => {
    const checks = checkRun(facts);
    const failed = checks.filter(({ state }) => state === 'fail');
    expect(failed.map((check) => check.name)).toEqual([name]);
    expect(failed[0]?.text).toMatch(text);
    expect(verdictOf(checks)).toBe('fail');
  });

  const unchecked: readonly [string, string, JudgedRun][] = [
    ['a size of the fit', 'cycles a batch', judged({}, { ...prediction(1000), unjudged: 'used to fit' })],
    ['no train_batch', 'cycles a batch', judged({ batches: [{ count: 32, cycles: null, loss: 1 }] })],
    ['no arena', 'memory', withMemory({ arenaBytes: null })],
    ['no reserve', 'stack', withMemory({ stackReserveBytes: null })],
  ];

  it.each(unchecked)('is incomplete for %s', (_what, name, facts) => {
    const checks = checkRun(facts);
    const open = checks.filter(({ state }) => state !== 'pass');
    expect(open).toEqual([expect.objectContaining<Partial<Check>>({ name, state: 'not checked' })]);
    expect(verdictOf(checks)).toBe('incomplete');
  });

  it('has no check of frozen tensors where none is', () => {
    const names = checkRun(judged({ tensors: { trained: 8, frozen: 0 } })).map(({ name }) => name);
    expect(names).not.toContain('frozen parameters');
  });
});

describe('figures', () => {
  it('of a batch are those of the full ones', () => {
    const batch = (windows: number, cycles: number | null) => ({ count: windows, cycles, loss: 0 });
    expect(measuredCycles([batch(32, 100), batch(32, 103), batch(5, 10)])).toBe(102);
    expect(measuredCycles([batch(32, null)])).toBeNull();
    expect(measuredCycles([])).toBeNull();
  });

  it('are written the same everywhere', () => {
    expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([signedPercent(-0.071), signedPercent(3)]).toEqual(['-0.07 %', '+3.00 %']);
    expect(errorPercent(90, 100)).toBe(-10);
  });
});
