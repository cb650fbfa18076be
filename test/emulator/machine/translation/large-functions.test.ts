/** Hot functions larger than those that people write, as generated code has them. */
import { describe, expect, it } from 'vitest';
import { wordsOfTwins } from './twins.js';

/** Rounds of each function. */
const N = 200;

/** A function that is one round: its body, and what R5 is when `N` of them are over. */
const around = (body: string): string => `
main:
  movs r5, #0
  ldr r6, =${N}
again:
${body}
  b.w over
  .ltorg
far:
  adds r5, #2
over:
  subs r6, #1
  bne.w again
  put r5
  b report
  .type called, %function
called:
  adds r5, #1
  bx lr
`;

describe('a hot function', () => {
  it('has a thousand branches, each over the next instruction', () => {
    const source = around('  tst r6, #1\n  beq 1f\n  adds r5, #1\n1:\n'.repeat(1200));
    expect(wordsOfTwins(source)).toEqual([1200 * (N / 2)]);
  });

  it('has a thousand branches, each away from all that follows', () => {
    const source = around('  cmp r6, #150\n  bhi.w far\n  adds r5, #1\n'.repeat(1300));
    expect(wordsOfTwins(source)).toEqual([1300 * 150 + 2 * (N - 150)]);
  });

  it('calls thousands of times', () => {
    const source = around('  bl called\n'.repeat(3900));
    expect(wordsOfTwins(source)).toEqual([3900 * N]);
  });

  it('has thousands of instructions in one block', () => {
    const source = around('  adds r5, r5, #3\n'.repeat(3800));
    expect(wordsOfTwins(source)).toEqual([3 * 3800 * N]);
  });
});
