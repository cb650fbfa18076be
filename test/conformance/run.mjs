/**
 * `npm run conformance [stage ...]`: the outside checks at full length, one stage after the other, each an
 * ordinary test with larger numbers. Prints a table and renews the stage's section of RESULTS.md. Torture
 * programs already built and QEMU's answers are taken from the cache (M4LAB_CACHE, else the temporary
 * folder).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renewSection, sectionOf } from './results.mjs';
import { STAGES } from './stages.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const cache = process.env.M4LAB_CACHE ?? join(tmpdir(), 'm4lab-conformance');
const results = join(here, 'RESULTS.md');

function readJson(file, absent) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return absent;
  }
}

function runStage({ name, files, env }) {
  const figures = join(cache, `${name}.figures.json`);
  const report = join(cache, `${name}.report.json`);
  const torture = join(cache, 'torture.json');
  for (const file of [figures, report, ...(name === 'torture' ? [torture] : [])])
    rmSync(file, { force: true });
  const began = Date.now();
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, M4LAB_CACHE: cache, M4LAB_FIGURES: figures },
  });
  const { numPassedTests = 0, numFailedTests = 0 } = readJson(report, {});
  // A worker that crashed leaves a report of success.
  const ok = status === 0 && numPassedTests > 0;
  return {
    ok,
    passed: numPassedTests,
    failed: ok ? 0 : Math.max(1, numFailedTests),
    seconds: Math.round((Date.now() - began) / 1000),
    figures: readJson(figures, {}),
    torture: name === 'torture' ? readJson(torture, []) : [],
  };
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !STAGES.some((stage) => stage.name === name));
if (unknown.length > 0) {
  const names = STAGES.map(({ name }) => name).join(', ');
  process.stderr.write(`m4lab: there is no stage ${unknown.join(', ')}; the stages are ${names}\n`);
  process.exit(2);
}
mkdirSync(cache, { recursive: true });
const rows = [];
for (const stage of STAGES.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const result = runStage(stage);
  writeFileSync(results, renewSection(readFileSync(results, 'utf8'), stage, sectionOf(stage, result)));
  rows.push(`${stage.name.padEnd(16)}${result.passed} passed, ${result.failed} failed, ${result.seconds} s`);
  if (!result.ok) process.exitCode = 1;
}
process.stdout.write(`\n${rows.join('\n')}\n`);
