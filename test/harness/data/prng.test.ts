import { describe, expect, it } from 'vitest';
import { Prng } from '../../../harness/data/prng.js';

describe('the random numbers', () => {
  it('are the same for the same seed, on every machine', () => {
    const random = new Prng(1, 2);
    const first = [random.next(), random.next(), random.next()];
    const again = new Prng(1, 2);
    expect([again.next(), again.next(), again.next()]).toEqual(first);
    expect(first).toEqual([3270399311, 2972795183, 1006935755]);
  });

  it('differ for another seed, another order of its words, another count of them', () => {
    const firsts = [[], [0], [0, 0], [1], [1, 2], [2, 1], [1, 3]].map((seed) => new Prng(...seed).next());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('are uniform: mean and every bit', () => {
    const random = new Prng(5);
    const ones = new Array<number>(32).fill(0);
    for (let i = 0; i < 20000; i++) {
      const word = random.next();
      for (let b = 0; b < 32; b++) ones[b] = (ones[b] as number) + ((word >>> b) & 1);
    }
    // Five deviations of a fair coin thrown 20,000 times.
    for (const count of ones) expect(Math.abs(count - 10000)).toBeLessThan(5 * 70.8);
    for (let i = 0; i < 1000; i++) {
      const value = random.uniform(-2, 3);
      expect(value >= -2 && value < 3).toBe(true);
    }
  });

  it('are near normal: mean 0, deviation 1, bounded', () => {
    const random = new Prng(6);
    const values = Array.from({ length: 20000 }, () => random.normal());
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + b * b, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.04);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(3.47);
  });

  it('shuffle without loss', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = new Prng(7).shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    for (let i = 0; i < 100; i++) expect(new Prng(i).below(3)).toBeLessThan(3);
  });
});
