/**
 * FloatingPoint against Unicorn: a grid of boundary values in every rounding mode with FZ and DN, and random
 * triples.
 * M4LAB_TRIPLES sets how many of those each group of operations gets (100,000 when absent).
 */
import { afterAll, describe, expect, it } from 'vitest';
import { FloatingPoint, FPSCR } from '../../../emulator/core/floating-point.js';
import { noteFigure } from '../../conformance/figures.js';
import { ArmState, UnicornMachine } from '../../witness/unicorn.js';
import { makeRandom, pick, type Random } from '../decode/random-words.js';
import { anyFPSCR, anySingle, SINGLES } from '../interpret/random-state.js';
import {
  A,
  ARITHMETIC,
  B,
  FIRST_FPSCR_OUT,
  FIRST_RESULT,
  FIXED_CONVERSIONS,
  type FloatProgram,
  FPSCR_IN,
  INTEGER_CONVERSIONS,
  NEAREST_FPSCR_IN,
  programOf,
} from './fp-operations.js';

const TRIPLES = Number(process.env.M4LAB_TRIPLES ?? 100_000);
const CODE = 0x0800_0000;

/** Unicorn 2.0.1 fails an assertion of its own after a million or two; a new one starts over. */
const PROGRAMS_A_UNICORN = 200_000;
let [unicorn, programsRun] = [startUnicorn(), 0];
afterAll(() => unicorn.close());

function startUnicorn(): UnicornMachine {
  const machine = new UnicornMachine();
  machine.map(CODE, 0x1000, 'code');
  return machine;
}

const words = new Int32Array(1);
const fp = new FloatingPoint(words, 0);
const before = new ArmState();
const after = new ArmState();
before.r[15] = CODE;

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** Runs the program's operations on one triple under one FPSCR; a line for each difference. */
function differences(program: FloatProgram, fpscr: number, a: number, b: number, addend: number): string[] {
  before.r[FPSCR_IN] = fpscr;
  before.r[NEAREST_FPSCR_IN] = fpscr & ~FPSCR.RMODE;
  before.s[A] = a;
  before.s[B] = b;
  before.s.fill(addend, FIRST_RESULT);
  if (programsRun++ === PROGRAMS_A_UNICORN) {
    unicorn.close();
    [unicorn, programsRun] = [startUnicorn(), 1];
  }
  const stop = unicorn.step(program.code, before, after, program.instructions);
  if (stop.cause !== 'done')
    throw new Error(`Unicorn stopped by ${stop.cause} at ${hex(after.r[15] as number)}`);
  const lines: string[] = [];
  program.operations.forEach(({ name, ours, roundsToNearest }, k) => {
    words[0] = fpscr;
    const result = ours(fp, a | 0, b | 0, addend | 0) >>> 0;
    const ignored = roundsToNearest === true ? FPSCR.RMODE : 0;
    const theirs = [after.s[FIRST_RESULT + k] as number, after.r[FIRST_FPSCR_OUT + k] as number] as const;
    if (result === theirs[0] && (((words[0] as number) ^ theirs[1]) & ~ignored) === 0) return;
    const operands = [a, b, addend].map(hex).join(', ');
    lines.push(
      `${name}(${operands}) under FPSCR ${hex(fpscr)}: ours ${hex(result)} ${hex(words[0] as number)}, ` +
        `Unicorn ${theirs.map(hex).join(' ')}`,
    );
  });
  return lines;
}

const MODES = [0, 1, 2, 3].flatMap((mode) =>
  [0, FPSCR.FZ, FPSCR.DN, FPSCR.FZ | FPSCR.DN].map((bits) => (mode << 22) | bits),
);

const programs = [
  ['arithmetic and compares', programOf(ARITHMETIC)],
  ['integer and half conversions', programOf(INTEGER_CONVERSIONS)],
  ['fixed-point conversions', programOf(FIXED_CONVERSIONS)],
] as const;

describe.each(programs)('%s', (_title, program) => {
  const { length } = program.operations;

  it('are Unicorn’s on the boundary grid, in each rounding mode, with FZ and DN', () => {
    const unary = program.operations !== ARITHMETIC;
    const lines: string[] = [];
    let cases = 0;
    for (const mode of MODES) {
      SINGLES.forEach((a, k) => {
        for (const b of unary ? [0] : SINGLES) {
          const addend = unary ? a : (SINGLES[(k * 7 + b) % SINGLES.length] as number);
          lines.push(...differences(program, mode, a, b, addend));
          cases++;
          // IXC set and clear take different paths.
          if (!unary && (k & 3) !== 0) continue;
          lines.push(...differences(program, mode | FPSCR.IXC | FPSCR.AHP, a, b, addend));
          cases++;
        }
      });
    }
    noteFigure('results on the boundary grid', cases * length);
    expect(lines.slice(0, 10)).toEqual([]);
  });

  it('are Unicorn’s on random triples, any FPSCR', { timeout: 120_000 + TRIPLES }, () => {
    const random: Random = makeRandom(41 + program.instructions);
    const lines: string[] = [];
    for (let k = 0; k < TRIPLES && lines.length < 10; k++) {
      const [a, b] = [anySingle(random), anySingle(random)];
      const near = (random() & 3) === 0 ? pick(random, [a, b, a ^ 0x80000000, a + 1]) : anySingle(random);
      lines.push(...differences(program, anyFPSCR(random), a, b, near >>> 0));
    }
    noteFigure('random operand triples', TRIPLES);
    noteFigure('results on them', TRIPLES * length);
    expect(lines).toEqual([]);
  });
});
