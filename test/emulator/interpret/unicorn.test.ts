/**
 * Every instruction record against Unicorn, from random states: registers, flags, FPSCR, memory and why it
 * stopped. M4LAB_STATES sets how many states a record is compared in (500 when absent).
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Decoded, decode, PATTERNS } from '../../../emulator/decode/decoder.js';
import { encode } from '../../../emulator/decode/encoder.js';
import type { Pattern } from '../../../emulator/decode/pattern.js';
import { noteFigure } from '../../conformance/figures.js';
import { ArmState } from '../../witness/unicorn.js';
import { below, makeRandom, pick, type Random, randomWord } from '../decode/random-words.js';
import { LEFT_OUT } from './encodings-left-out.js';
import { decodeWord, describeStep, type Lockstep, LockstepRunner } from './lockstep.js';
import { anyITState, randomize } from './random-state.js';
import { DATA, HOME } from './single-step.js';
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

/** The first failures of a record in `STATES` states, half of them in an IT block if it may stand there. */
function compareRecord(
  pattern: Pattern,
  seed: number,
): { compared: number; inIT: number; failures: string[] } {
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
    const { compared, inIT, failures } = compareRecord(pattern, seed);
    noteFigure('encodings', 1);
    noteFigure('states compared', compared);
    noteFigure('of which in an IT block', inIT);
    expect(failures).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(STATES);
  });

  it('has met every peculiarity of Unicorn that is listed', () => {
    expect([...met].sort()).toEqual(PECULIARITIES.map(({ name }) => name).sort());
  });
});

/** The word of a record with these fields, decoded. */
function assemble(name: string, fields: Readonly<Record<string, number>>): Decoded {
  const pattern = PATTERNS.find(({ insn }) => insn.name === name) as Pattern;
  return decodeWord(encode(pattern, fields), pattern.size);
}

describe('several instructions together', () => {
  const SUITABLE = PATTERNS.filter(({ insn, size }) => insn.cycles === 'alu' && size === 2);

  /** IT and as many random instructions as it governs; none of them writes the PC or SP. */
  function anyBlock(random: Random): Decoded[] {
    const mask = 1 + below(random, 15);
    const firstcond = below(random, 14);
    const block = [decodeWord(0xbf00 | (firstcond << 4) | mask, 2)];
    const length = 4 - (31 - Math.clz32(mask & -mask));
    while (block.length <= length) {
      const pattern = pick(random, SUITABLE);
      const decoded = decodeWord(randomWord(pattern, random) as number, 2);
      // Unicorn's SP keeps bits 1:0, which the next instruction could read.
      const takesSPorPC = (decoded.fields.d ?? 0) >= 13;
      if (decoded.insn === pattern.insn && !takesSPorPC && !isUnpredictable(decoded, true))
        block.push(decoded);
    }
    return block;
  }

  it('runs IT blocks whose instructions change the flags they depend on', () => {
    const random = makeRandom(61);
    const before = new ArmState();
    const failures: string[] = [];
    for (let k = 0; k < 10 * STATES && failures.length < 3; k++) {
      const block = anyBlock(random);
      randomize(before, block[1] as Decoded, 0, random);
      const step = runner.step(block, before);
      const differences = runner.differences(step);
      if (differences.length > 0) {
        const words = block.map(({ word }) => word.toString(16)).join(' ');
        failures.push(`${words}, the last ${describeStep(step)}: ${differences.join('; ')}`);
      }
    }
    expect(failures).toEqual([]);
  });

  const EXCLUSIVES = [
    ['LDREX', 'STREX'],
    ['LDREXB', 'STREXB'],
    ['LDREXH', 'STREXH'],
  ] as const;

  it.each(EXCLUSIVES)('%s lets one %s through, and CLREX none', (load, store) => {
    const random = makeRandom(62);
    const before = new ArmState();
    const ldrex = assemble(load, { n: 1, t: 2, i: 0 });
    const strex = assemble(store, { n: 1, t: 3, d: 4, i: 0 });
    const clrex = assemble('CLREX', {});
    const sequences = [[ldrex, strex], [ldrex, clrex, strex], [ldrex, strex, strex], [strex]];
    for (const sequence of sequences) {
      for (let k = 0; k < 20; k++) {
        randomize(before, ldrex, 0, random);
        before.r[1] = DATA + 0x100 + 4 * below(random, 64);
        runner.unicorn.resetCore();
        const step = runner.step(sequence, before);
        expect(runner.differences(step), describeStep(step)).toEqual([]);
        if (sequence.length === 2) expect(step.ours.r[4]).toBe(0);
        else expect(step.ours.r[4]).toBe(1);
      }
    }
  });
});

describe('the table', () => {
  const RANDOM_WORDS = 60_000;

  /** Does Unicorn run this word? It stands where it may do no harm, with addresses that exist. */
  function runsOnUnicorn(word: number, before: ArmState, after: ArmState): boolean {
    const { cause } = runner.unicorn.step([word >>> 16, word & 0xffff], before, after);
    return cause !== 'undefined' && cause !== 'nocp';
  }

  it('lacks no 32-bit encoding that Unicorn runs, but for those listed', () => {
    const random = makeRandom(63);
    const [before, after] = [new ArmState(), new ArmState()];
    before.r.fill(DATA + 0x2000, 0, 14);
    before.r[15] = HOME;
    const lacking: string[] = [];
    const listed = new Set<string>();
    for (let k = 0; k < RANDOM_WORDS; k++) {
      const word = (random() | 0xe8000000) >>> 0;
      if (decode(word >>> 16, word & 0xffff) !== undefined || !runsOnUnicorn(word, before, after)) continue;
      const known = LEFT_OUT.find(({ matches }) => matches(word));
      if (known === undefined) lacking.push(`0x${word.toString(16)}`);
      else listed.add(known.name);
    }
    runner.alignMemory();
    expect(lacking.slice(0, 10)).toEqual([]);
    expect([...listed].sort()).toEqual(LEFT_OUT.map(({ name }) => name).sort());
  });
});
