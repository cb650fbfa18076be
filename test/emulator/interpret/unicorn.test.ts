/**
 * Every instruction record against Unicorn, from random states: registers, flags, FPSCR, memory and the reason of a
 * stop. M4LAB_STATES sets how many states a record is compared in (500 when absent).
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Decoded, PATTERNS } from '../../../emulator/decode/decoder.js';
import type { Pattern } from '../../../emulator/decode/pattern.js';
import { ArmState } from '../../witness/unicorn.js';
import { makeRandom, type Random, randomWord } from '../decode/random-words.js';
import { decodeWord, describeStep, type Lockstep, LockstepRunner } from './lockstep.js';
import { anyITState, randomize } from './random-state.js';
import { PECULIARITIES } from './unicorn-peculiarities.js';

const STATES = Number(process.env.M4LAB_STATES ?? 500);
const STATES_A_WORD = 4;

const runner = new LockstepRunner();
const fillRandom = makeRandom(11);
runner.fillMemory(fillRandom);
afterAll(() => runner.close());

const met = new Set<string>();

function isUnpredictable({ insn, fields }: Decoded, inIT: boolean): boolean {
  return insn.unpredictable?.some(({ when }) => when(fields, inIT)) ?? false;
}

/** Differences of one step, or undefined when Unicorn cannot judge it. */
function judge(step: Lockstep): string[] | undefined {
  const peculiarity = PECULIARITIES.find(({ applies }) => applies(step));
  if (peculiarity === undefined) return runner.differences(step);
  met.add(peculiarity.name);
  return undefined;
}

/** Runs one word from several states; counts those compared. */
function compareWord(decoded: Decoded, random: Random, inIT: boolean, failures: string[]): number {
  if (isUnpredictable(decoded, inIT)) return 0;
  const before = new ArmState();
  let compared = 0;
  for (let k = 0; k < STATES_A_WORD; k++) {
    randomize(before, decoded, inIT ? anyITState(decoded, random) : 0, random);
    if (decoded.insn.cycles === 'exclusive') runner.unicorn.resetCore();
    const step = runner.step([decoded], before);
    const differences = judge(step);
    if (differences?.length !== 0 || step.fault !== undefined) runner.alignMemory();
    if (differences === undefined) continue;
    compared++;
    if (differences.length > 0) failures.push(`${describeStep(step)}: ${differences.join('; ')}`);
  }
  return compared;
}

/** The first few failures of a record in `STATES` states, half of them in an IT block where it may stand in one. */
function compareRecord(pattern: Pattern, seed: number): { compared: number; inIT: number; failures: string[] } {
  const random = makeRandom(seed);
  const failures: string[] = [];
  let [compared, inIT] = [0, 0];
  for (let attempt = 0; compared < STATES && attempt < 20 * STATES && failures.length < 3; attempt++) {
    const word = randomWord(pattern, random);
    const decoded = word === undefined ? undefined : decodeWord(word, pattern.size);
    if (decoded?.insn !== pattern.insn) continue;
    compared += compareWord(decoded, random, false, failures);
    const inside = compareWord(decoded, random, true, failures);
    inIT += inside;
    compared += inside;
  }
  return { compared, inIT, failures };
}

describe('each record as Unicorn runs it', () => {
  const cases = PATTERNS.map((pattern, k) => {
    const { name, encoding, bits } = pattern.insn;
    return [`${name} ${encoding} (${bits})`, pattern, k + 1] as const;
  });

  it.each(cases)('%s', (_title, pattern, seed) => {
    const { compared, failures } = compareRecord(pattern, seed);
    expect(failures).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(STATES);
  });

  it('has met every peculiarity of Unicorn that is listed', () => {
    expect([...met].sort()).toEqual(PECULIARITIES.map(({ name }) => name).sort());
  });
});
