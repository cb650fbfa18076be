/**
 * GCC's torture programs, translated and beside the interpreter: everything a program can tell is compared as
 * they run. A sample by default; all of them at each level with M4LAB_TORTURE=all, as `npm run conformance`
 * does.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ElfImage, loadElf, Machine, MemoryFiles, memoryOf, UserError } from '../../emulator/index.js';
import { Lockstep, type LockstepEnd } from '../../harness/lockstep/lockstep.js';
import { Pair, type Side } from '../../harness/lockstep/pair.js';
import { profileOf } from '../emulator/machine/guest-machine.js';
import { noteFigure } from './figures.js';
import { buildTorture, LEVELS, type Level } from './torture-build.js';
import { type TortureProgram, torturePrograms } from './torture-programs.js';

const ALL = process.env.M4LAB_TORTURE === 'all';
/** Programs of the sample; each is built at one level, in turn. */
const SAMPLE = 20;
const STRETCH = 3000;
/** Several times what the longest of the programs takes. */
const MOST_INSTRUCTIONS = 1_000_000_000;
const HOUR = 3_600_000;

/** One pair for all programs: making functions of instructions takes longer than running most of them. */
function sideFor(translate: boolean): Side & { readonly files: MemoryFiles } {
  let printed = '';
  const files = new MemoryFiles();
  const machine = new Machine(profileOf('mps2-an386'), {
    translate,
    files,
    console: (text) => {
      printed += text;
    },
  });
  const takeConsole = (): string => {
    const text = printed;
    printed = '';
    return text;
  };
  return { machine, takeConsole, files };
}

const sides = [sideFor(true), sideFor(false)] as const;

function load(elf: ElfImage): void {
  for (const { machine, files, takeConsole } of sides) {
    for (const { bytes } of memoryOf(machine)) bytes.fill(0);
    files.contents.clear();
    machine.load(elf);
    takeConsole();
  }
}

function runInLockstep(elf: ElfImage): { readonly end: LockstepEnd; readonly lockstep: Lockstep } {
  load(elf);
  const lockstep = new Lockstep(new Pair(...sides), elf, { stretch: STRETCH, until: MOST_INSTRUCTIONS });
  for (;;) {
    const end = lockstep.step();
    if (end !== undefined) return { end, lockstep };
  }
}

/** What differs, or undefined. */
async function judge(program: TortureProgram, level: Level): Promise<string | undefined> {
  const built = await buildTorture(program, level);
  if ('notBuilt' in built) return undefined;
  try {
    const { end, lockstep } = runInLockstep(loadElf(readFileSync(built.elf), `${program.name} ${level}`));
    noteRun(lockstep);
    if (end.kind === 'ended') return undefined;
    return `${program.name} ${level}: ${JSON.stringify(end, undefined, 1)}`;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const total = { programs: 0, instructions: 0, syncs: 0 };

function noteRun({ instructions, syncs }: Lockstep): void {
  total.programs++;
  total.instructions += instructions;
  total.syncs += syncs;
}

function cases(): { readonly program: TortureProgram; readonly level: Level }[] {
  const programs = torturePrograms();
  if (ALL) return programs.flatMap((program) => LEVELS.map((level) => ({ program, level })));
  return Array.from({ length: SAMPLE }, (_, k) => ({
    program: programs[Math.floor(((k + 0.5) * programs.length) / SAMPLE)] as TortureProgram,
    level: LEVELS[k % LEVELS.length] as Level,
  }));
}

it(`${ALL ? 'every torture program' : 'a sample of the torture programs'} runs alike, translated or not`, {
  timeout: ALL ? 3 * HOUR : 300_000,
}, async () => {
  const differences: string[] = [];
  const chosen = cases();
  for (const [k, { program, level }] of chosen.entries()) {
    const difference = await judge(program, level);
    if (difference !== undefined) differences.push(difference);
    if (ALL && k % 500 === 0) console.info(`${k} of ${chosen.length}`);
  }
  expect(differences).toEqual([]);
  expect(total.programs).toBeGreaterThan(0.9 * chosen.length);
  noteFigure('programs in lockstep', total.programs);
  noteFigure('instructions', total.instructions);
  noteFigure('sync points', total.syncs);
});
