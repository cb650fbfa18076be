import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../harness/data/dataset.js';
import { STANDARD_GRAVITY, userWindows } from '../../../harness/data/windows.js';

const CLASSES = ['downstairs', 'upstairs', 'sitting', 'standing', 'walking', 'jogging'];
const dataset = openDataset('synthetic', CLASSES);

/** Mean and deviation of the length of acceleration. */
function magnitude(samples: Float64Array): { mean: number; deviation: number } {
  const lengths = Array.from({ length: samples.length / 3 }, (_, t) =>
    Math.hypot(...samples.subarray(3 * t, 3 * t + 3)),
  );
  const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
  return { mean, deviation: Math.sqrt(lengths.reduce((a, b) => a + (b - mean) ** 2, 0) / lengths.length) };
}

describe('synthetic wearers', () => {
  it('are the same whenever asked for, and as they were when the shipped model was made', () => {
    expect(openDataset('synthetic', CLASSES).recordings(17)).toEqual(dataset.recordings(17));
    expect(dataset.sha256([1, 2])).toBe(openDataset('synthetic', CLASSES).sha256([1, 2]));
  });

  it('differ from one another, and one trial from the next', () => {
    const [first, second] = [dataset.recordings(1), dataset.recordings(2)];
    expect(first[0]?.samples).not.toEqual(second[0]?.samples);
    expect(first[0]?.samples).not.toEqual(first[1]?.samples);
  });

  it('do every activity in both parts, long enough for 64 and 48 windows of 100 samples', () => {
    for (const length of [20, 100]) {
      const { train, test } = userWindows(dataset, 17, length);
      expect(new Set(train.labels).size).toBe(6);
      expect(new Set(test.labels).size).toBe(6);
      expect(train.windows.length).toBeGreaterThanOrEqual(64);
      expect(test.windows.length).toBeGreaterThanOrEqual(48);
    }
  });

  it('feel gravity at rest and swing when they move, most when jogging', () => {
    const recordings = dataset.recordings(3);
    const of = (name: string) => {
      const recording = recordings.find(({ label }) => CLASSES[label] === name);
      return magnitude(recording?.samples ?? new Float64Array(3));
    };
    for (const rest of ['sitting', 'standing']) {
      expect(Math.abs(of(rest).mean - STANDARD_GRAVITY)).toBeLessThan(0.2);
      expect(of(rest).deviation).toBeLessThan(1);
    }
    expect(of('walking').deviation).toBeGreaterThan(1);
    expect(of('jogging').deviation).toBeGreaterThan(of('walking').deviation);
  });

  it('are asked for by an integer from 1, and only for what they do', () => {
    expect(() => dataset.recordings(0)).toThrow(/synthetic wearer 0 must be an integer from 1 to 9999/);
    expect(() => dataset.recordings(1.5)).toThrow(/synthetic wearer 1.5/);
    expect(() => openDataset('synthetic', ['swimming'])).toThrow(/the class swimming is not performed/);
  });
});
