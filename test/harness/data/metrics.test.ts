import { describe, expect, it } from 'vitest';
import { confusionMatrix, macroF1 } from '../../../harness/data/metrics.js';

describe('metrics', () => {
  it('puts true classes in rows and predicted ones in columns', () => {
    expect(confusionMatrix([0, 0, 1, 2], [0, 1, 1, 0], 3)).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 0],
    ]);
  });

  it('has the F1 that a hand computes', () => {
    // Class 0: TP 1, FP 1, FN 1 -> 1/2. Class 1: TP 1, FP 1 -> 2/3. Class 2: nothing right -> 0.
    expect(macroF1(confusionMatrix([0, 0, 1, 2], [0, 1, 1, 0], 3))).toBeCloseTo((1 / 2 + 2 / 3 + 0) / 3, 15);
  });

  it('is 1 for all right and 0 for all wrong', () => {
    expect(macroF1(confusionMatrix([0, 1, 2], [0, 1, 2], 3))).toBe(1);
    expect(macroF1(confusionMatrix([0, 1, 2], [1, 2, 0], 3))).toBe(0);
  });

  it('leaves out a class that occurs nowhere, counts one that is only predicted', () => {
    expect(macroF1(confusionMatrix([0, 1], [0, 1], 6))).toBe(1);
    expect(macroF1(confusionMatrix([0, 0], [0, 1], 6))).toBeCloseTo((2 / 3 + 0) / 2, 15);
    expect(macroF1(confusionMatrix([], [], 6))).toBeNaN();
  });

  it('refuses classes out of range and lists of different lengths', () => {
    expect(() => confusionMatrix([3], [0], 3)).toThrow(/of 3 classes/);
    expect(() => confusionMatrix([0], [3], 3)).toThrow(/predicted as 3/);
    expect(() => confusionMatrix([0], [], 3)).toThrow(/1 labels with 0 predictions/);
  });
});
