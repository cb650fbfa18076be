import { describe, expect, it } from 'vitest';
import { explain } from '../../../harness/measure/calibration-run.js';
import { batchCost, totalCounts } from '../../../harness/reference/cost.js';
import { Network } from '../../../harness/reference/network.js';
import { description } from './trainer-firmware.js';

const network = new Network(description, 20);
const inside = (name: string, cycles: number) => ({ name, cycles, depth: 1 });
const whole = { name: 'train_batch', cycles: 100_000, depth: 0 };

describe('splitting a batch among its functions', () => {
  const steps = batchCost(network, 'full', 2);

  it('gives each layer its own calls, in the order of the passes', () => {
    const calls = [10, 20, 11, 21].map((cycles) => inside('conv1d_forward', cycles));
    const back = [300, 40, 301, 41].map((cycles) => inside('conv1d_backward', cycles));
    const observations = explain(steps, [...calls, ...back, whole], 2);
    const countsOf = (layer: string, phases: readonly string[]) =>
      totalCounts(steps.filter((step) => step.layer === layer && phases.includes(step.phase)));
    const backward = ['backwardWeights', 'backwardInput'];
    expect(observations.slice(0, 4)).toEqual([
      { counts: countsOf('conv1', ['forward']), cycles: 21 },
      { counts: countsOf('conv2', ['forward']), cycles: 41 },
      { counts: countsOf('conv2', backward), cycles: 601 },
      { counts: countsOf('conv1', backward), cycles: 81 },
    ]);
    const rest = observations.at(-1);
    expect(rest?.cycles).toBe(100_000 - 21 - 41 - 601 - 81);
    expect(Object.keys(rest?.counts ?? {}).some((type) => type.startsWith('conv1d'))).toBe(false);
  });

  it('keeps together what was called another number of times than expected', () => {
    const calls = [10, 20, 11].map((cycles) => inside('conv1d_forward', cycles));
    expect(explain(steps, [...calls, whole], 2)).toEqual([{ counts: totalCounts(steps), cycles: 100_000 }]);
  });

  it('loses no operation and no cycle', () => {
    const calls = [inside('gradients_clear', 50), inside('sgd_update', 60), inside('softmax_loss', 7)];
    const observations = explain(steps, [...calls, inside('softmax_loss', 8), whole], 2);
    expect(observations.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(100_000);
    const counts = observations.map(
      (one) => ({ phase: 'batch', layer: '', kind: '', counts: one.counts }) as const,
    );
    expect(totalCounts(counts)).toEqual(totalCounts(steps));
  });
});
