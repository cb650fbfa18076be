import { describe, expect, it } from 'vitest';
import { estimateMemory } from '../../../harness/estimator/estimate.js';
import { checkRun, verdictOf } from '../../../harness/measure/checks.js';
import { runTraining, type TrainingProgress } from '../../../harness/measure/training-run.js';
import { shortJob, trainerSession } from './trainer-firmware.js';

const noCycles = { byCount: new Map(), unjudged: 'not asked' };

describe('training beside the reference', () => {
  // 21 samples: both pools drop one. 5 windows in batches of 3: the last batch is smaller.
  it.each(['tl', 'full'] as const)('agrees to the bit and is measured: %s', (mode) => {
    const job = shortJob(mode, 21, 5, 3);
    const progress: TrainingProgress[] = [];
    const run = runTraining(trainerSession(), job, (step) => progress.push(step));
    expect(run.batches.map(({ count }) => count)).toEqual([3, 2, 3, 2]);
    expect(run.batches.every(({ cycles }) => (cycles ?? 0) > 100_000)).toBe(true);
    const gradients = job.network.plan(mode).gradientCount;
    const probabilities = 6 * (2 * 5 + 2 * (6 + 5));
    expect(run.parity).toMatchObject({
      compared: 4 * (10_084 + gradients + 1) + probabilities + 8,
      differing: 0,
      maxUlp: 0,
    });
    const memory = estimateMemory(job.network, mode, 3);
    expect(run.memory.arenaBytes).toBe(memory.bytes);
    expect(run.reportedArenaBytes).toBe(memory.bytes);
    const checks = checkRun({ run, memory, cycles: noCycles });
    expect(checks.filter(({ state }) => state !== 'pass').map(({ name }) => name)).toEqual([
      'cycles a batch',
    ]);
    expect(verdictOf(checks)).toBe('incomplete');
    expect(progress.at(-1)).toMatchObject({ stage: 'after', done: 12, total: 12 });
  });

  it('gives the same twice', () => {
    const once = runTraining(trainerSession(), shortJob('tl', 10, 4, 4));
    const again = runTraining(trainerSession(), shortJob('tl', 10, 4, 4));
    expect(again.batches).toEqual(once.batches);
    expect(again.loss).toEqual(once.loss);
  });

  it('notices one parameter bit that is not the reference’s', () => {
    const session = trainerSession();
    const job = shortJob('tl', 10, 4, 4);
    const write = session.link.writeParameters.bind(session.link);
    session.link.writeParameters = (values) => {
      const other = values.slice();
      const bits = new Uint32Array(other.buffer);
      bits[0] = (bits[0] as number) ^ 1;
      write(other);
    };
    const run = runTraining(session, job);
    expect(run.disturbed).toEqual(['conv1.w']);
    expect(run.parity.differing).toBeGreaterThan(0);
    expect(verdictOf(checkRun({ run, memory: estimateMemory(job.network, 'tl', 4), cycles: noCycles }))).toBe(
      'fail',
    );
  });
});
