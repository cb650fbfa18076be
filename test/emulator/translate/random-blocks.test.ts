/**
 * Random programs, translated and beside the interpreter, in stretches of many lengths. By default a few; as
 * many as M4LAB_PROGRAMS says, from seed M4LAB_SEED on, as `npm run conformance` does.
 */
import { describe, expect, it } from 'vitest';
import { noteFigure } from '../../conformance/figures.js';
import { pairOf, runPair } from '../../harness/lockstep/planted.js';
import { makeRandom } from '../decode/random-words.js';
import { randomProgram } from './random-blocks.js';
import { straightLineRecords } from './random-instructions.js';

const PROGRAMS = Number(process.env.M4LAB_PROGRAMS ?? 10);
const FIRST_SEED = Number(process.env.M4LAB_SEED ?? 1);
/** A program's own run: hundreds of turns of its loop. */
const INSTRUCTIONS = 300_000;
/** Translated code runs where there is room for it; each has shorter ones too, down to one instruction. */
const STRETCHES = [3000, 20_000, 1000, 60_000];

interface Run {
  readonly instructions: number;
  /** Of them as translated code; undefined: the machine does not say. */
  readonly translated: number | undefined;
  /** How the program ended, where it did. */
  readonly stop: string | undefined;
}

/** @throws with the seed and what was found */
function runProgram(seed: number): Run {
  const elf = randomProgram(seed);
  const stretch = STRETCHES[seed % STRETCHES.length] as number;
  const { end, lockstep } = runPair(pairOf(elf), elf, { stretch, until: INSTRUCTIONS });
  if (end.kind === 'different')
    throw new Error(`seed ${seed}, stretch ${stretch}: ${JSON.stringify(end.finding, undefined, 1)}`);
  const translated = lockstep.pair.subject.machine.translatedInstructions;
  return {
    instructions: lockstep.instructions,
    translated,
    stop: end.kind === 'ended' ? end.stop.reason : undefined,
  };
}

describe('random programs', () => {
  it('are made of every record that is no branch and no system call', () => {
    expect(straightLineRecords(makeRandom(1)).length).toBeGreaterThan(300);
  });

  it('are the same for the same seed', () => {
    const bytes = (seed: number): Uint8Array[] =>
      randomProgram(seed).segments.map(({ fileBytes }) => fileBytes);
    expect(bytes(5)).toEqual(bytes(5));
    expect(bytes(5)).not.toEqual(bytes(6));
  });

  it(`run alike, ${PROGRAMS} from seed ${FIRST_SEED} on`, { timeout: 60_000 + 5_000 * PROGRAMS }, () => {
    const runs = Array.from({ length: PROGRAMS }, (_, k) => runProgram(FIRST_SEED + k));
    const total = runs.reduce((sum, { instructions }) => sum + instructions, 0);
    noteFigure('random programs', PROGRAMS);
    noteFigure('instructions of random programs', total);
    const translated = runs.map((run) => run.translated ?? 0).reduce((sum, count) => sum + count, 0);
    noteFigure('of which as translated code', translated);
    // Few end before their time, by a lockup or a register that is not modelled.
    expect(total).toBeGreaterThan(0.8 * PROGRAMS * INSTRUCTIONS);
  });
});
