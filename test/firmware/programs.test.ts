/** The shipped programs under QEMU, and the numerics of the same sources built for the host. */
import { describe, expect, test } from 'vitest';
import { hostTrainOnce, qemu } from './toolchain.js';

describe('train_once', () => {
  test('prints the same bits on the host and on a Cortex-M4 under QEMU', () => {
    const target = qemu('train_once');
    expect(target.status).toBe(0);
    expect(target.stdout.split('\n')).toHaveLength(15);
    expect(target.stdout).toBe(hostTrainOnce());
  });

  test('prints other gradients when one constant of exp is wrong by one unit in the last place', () => {
    const gradients = (lines: string) => lines.split('\n').filter((line) => line.includes('gradients'));
    const right = gradients(hostTrainOnce());
    const wrong = gradients(hostTrainOnce('-DELEMENTARY_EXP_C2=0.50000006f'));
    expect(right).toHaveLength(2);
    expect(wrong[0]).not.toBe(right[0]);
    expect(wrong[1]).not.toBe(right[1]);
  });
});

test('hello says one line and exits with status 0', () => {
  expect(qemu('hello')).toMatchObject({ status: 0, stdout: 'hello from m4lab\n' });
});

test('ticks takes its SVCs and five SysTicks, and no floating-point work is disturbed', () => {
  const outcome = qemu('ticks');
  expect(outcome.stdout.trimEnd().split('\n')).toEqual([
    'svc add 7 35: 42',
    'svc multiply 6 111: 666',
    'svc between ticks 40 2: 42',
    'ticks: 5',
    'sum of halves: 0x40f00000',
    'alternating sum: 0x3f480fdd',
    'wrong sums: 0',
  ]);
  expect(outcome.status).toBe(0);
});
