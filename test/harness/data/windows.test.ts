import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset, Recording } from '../../../harness/data/recording.js';
import {
  batchesOf,
  cutWindows,
  STANDARD_GRAVITY,
  takeBalanced,
  userWindows,
  type WindowSet,
  windowsOf,
} from '../../../harness/data/windows.js';

/** A trial whose samples tell where they come from: 10000 x trial + 10 x time + axis. */
function recording(trial: number, count: number, label = 0): Recording {
  const samples = new Float64Array(count * 3);
  for (let t = 0; t < count; t++) {
    for (let c = 0; c < 3; c++) samples[t * 3 + c] = (10000 * trial + 10 * t + c) * STANDARD_GRAVITY;
  }
  return { user: 1, label, trial, part: trial < 10 ? 'train' : 'test', samples };
}

const origin = (value: number) => Math.round(value);

describe('windows', () => {
  it('are channel-major, follow one another and drop the rest', () => {
    const windows = cutWindows(recording(0, 7), 3);
    expect(windows.map((window) => [...window].map(origin))).toEqual([
      [0, 10, 20, 1, 11, 21, 2, 12, 22],
      [30, 40, 50, 31, 41, 51, 32, 42, 52],
    ]);
  });

  it('are in g: divided in float64, rounded once', () => {
    const samples = Float64Array.of(9.8596, 5.164, 2.3623);
    const window = cutWindows({ ...recording(1, 1), samples }, 1)[0] as Float32Array;
    expect([...window]).toEqual([...samples].map((value) => Math.fround(value / 9.80665)));
  });

  it('never cross the end of a trial, never overlap', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 30 }), (counts, length) => {
        const recordings = counts.map((count, i) => recording(i + 1, count));
        const seen = new Set<number>();
        for (const window of windowsOf(recordings, length).windows) {
          const places = [...window.subarray(0, length)].map(origin);
          const trials = new Set(places.map((place) => Math.floor(place / 10000)));
          if (trials.size !== 1) return false;
          for (const place of places) {
            if (seen.has(place)) return false;
            seen.add(place);
          }
        }
        const whole = counts.reduce((sum, count) => sum + Math.floor(count / length), 0);
        return seen.size === whole * length;
      }),
    );
  });

  it('for training and for testing come from different trials', () => {
    const recordings = [recording(1, 40, 2), recording(11, 20, 2), recording(2, 20, 3)];
    const dataset: Dataset = { name: 'x', users: () => [1], recordings: () => recordings, sha256: () => '' };
    const { train, test } = userWindows(dataset, 1, 20);
    expect(train.labels).toEqual([2, 2, 3]);
    expect(test.labels).toEqual([2]);
    expect(origin(test.windows[0]?.[0] as number)).toBe(110000);
  });
});

/** A set whose n-th window holds n. */
function numbered(labels: number[]): WindowSet {
  return { labels, windows: labels.map((_, i) => Float32Array.of(i)) };
}

const numbers = (set: WindowSet) => set.windows.map((window) => window[0]);

describe('a balanced choice', () => {
  it('takes each class alike, spread over its windows, in turn', () => {
    const set = numbered([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]);
    const chosen = takeBalanced(set, 6);
    expect(chosen.labels).toEqual([0, 1, 2, 0, 1, 2]);
    expect(numbers(chosen)).toEqual([0, 6, 10, 3, 8, 11]);
  });

  it('lets the others fill in for a class with too few', () => {
    const chosen = takeBalanced(numbered([0, 1, 1, 1, 1, 1, 1]), 5);
    expect([...chosen.labels].sort()).toEqual([0, 1, 1, 1, 1]);
  });

  it('is the whole set, every window once and classes mixed, where more is asked for', () => {
    const set = numbered([0, 0, 0, 0, 1, 1]);
    const chosen = takeBalanced(set, 100);
    expect(numbers(chosen).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(chosen.labels).toEqual([0, 1, 0, 0, 1, 0]);
    expect(takeBalanced(numbered([]), 5).windows).toEqual([]);
  });

  it('goes in batches, the last with the rest', () => {
    const batches = batchesOf(numbered([0, 1, 2, 0, 1]), 2);
    expect(batches.map(numbers)).toEqual([[0, 1], [2, 3], [4]]);
    expect(batches.map(({ labels }) => labels)).toEqual([[0, 1], [2, 0], [1]]);
  });
});
