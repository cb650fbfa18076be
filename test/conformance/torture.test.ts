/**
 * GCC's torture programs on m4lab and on QEMU's mps2-an386: the same console and the same exit. A sample by
 * default; all of them at each level with M4LAB_TORTURE=all, as `npm run conformance` does.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LEVELS } from './torture-build.js';
import { KNOWN, knownOf } from './torture-judgement.js';
import { cacheFolder, torturePrograms } from './torture-programs.js';
import { type Case, runAll, type TortureResult } from './torture-run.js';

const ALL = process.env.M4LAB_TORTURE === 'all';
/** Programs of the sample; each is built at one level, in turn. */
const SAMPLE = 60;

function cases(): Case[] {
  const programs = torturePrograms();
  if (ALL) return programs.flatMap((program) => LEVELS.map((level) => ({ program, level })));
  const step = programs.length / SAMPLE;
  return Array.from({ length: SAMPLE }, (_, k) => {
    const program = programs[Math.floor(k * step)];
    const level = LEVELS[k % LEVELS.length];
    if (program === undefined || level === undefined) throw new Error('there are no programs');
    return { program, level };
  });
}

function isAsExpected(result: TortureResult): boolean {
  return result.outcome === 'passed' || result.outcome === 'not run' || knownOf(result) !== undefined;
}

const line = ({ name, level, detail }: TortureResult): string => `${name} ${level}: ${detail}`;
const HOUR = 3_600_000;

it(`${ALL ? 'every torture program' : 'a sample of the torture programs'} ends as on QEMU`, {
  timeout: ALL ? 3 * HOUR : 300_000,
}, async () => {
  const chosen = cases();
  const results = await runAll(chosen, (done) => {
    if (ALL && done % 500 === 0) console.info(`${done} of ${chosen.length}`);
  });
  const reviewed = results.map((result) => {
    const known = knownOf(result);
    if (known === undefined) return result;
    const outcome = known.outcome === 'different' ? 'explained' : result.outcome;
    return { ...result, outcome, detail: known.reason };
  });
  writeFileSync(join(cacheFolder(), ALL ? 'torture.json' : 'torture-sample.json'), JSON.stringify(reviewed));
  expect(results.filter((result) => !isAsExpected(result)).map(line)).toEqual([]);
  const met = new Set(results.map(knownOf));
  if (ALL) expect(KNOWN.filter((known) => !met.has(known))).toEqual([]);
  expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(0.9 * chosen.length);
});
