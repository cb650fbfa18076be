/** The tally at the end of a test run, over runs of vitest in folders made for it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(root, 'node_modules', '.reporter-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** @returns the last line of the run's output, and whether it exited with 0 */
function runWith(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): [string | undefined, boolean] {
  const run = mkdtempSync(join(folder, 'run-'));
  const reporter = JSON.stringify(join(root, 'test', 'reporter.ts'));
  const config = `export default { test: { include: ['*.test.js'], reporters: ['default', ${reporter}] } };`;
  writeFileSync(join(run, 'vitest.config.mjs'), config);
  for (const [name, text] of Object.entries(files)) {
    const preamble = "import { it, expect, describe, beforeAll } from 'vitest';\n";
    writeFileSync(join(run, `${name}.test.js`), preamble + text);
  }
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', '--root', run, ...args], {
    encoding: 'utf8',
  });
  return [stdout.trimEnd().split('\n').at(-1), status === 0];
}

const passing = "it('one', () => {}); describe('d', () => { it('two', () => {}); });";

describe('the last line', () => {
  it.each<[string, Record<string, string>, string]>([
    ['a failing test', { a: `${passing} it('bad', () => expect(1).toBe(2));` }, '2 passed, 1 failed'],
    ['a skipped test', { a: `${passing} it.skip('later', () => {});` }, '2 passed, 1 failed'],
    ['a test to be written', { a: `${passing} it.todo('later');` }, '2 passed, 1 failed'],
    ['a file that does not load', { a: passing, b: "import './gone.js';" }, '2 passed, 1 failed'],
    ['a set-up that fails', { a: `beforeAll(() => { throw 1; }); ${passing}` }, '0 passed, 2 failed'],
    ['a stray rejection', { a: `${passing} Promise.reject(new Error('stray'));` }, '2 passed, 1 failed'],
    ['no test at all', {}, '0 passed, 1 failed'],
  ])('counts %s as failed', (_name, files, expected) => {
    expect(runWith(files)).toEqual([expected, false]);
  });

  it('is green when every test passed', () => {
    expect(runWith({ a: passing })).toEqual(['2 passed, 0 failed', true]);
  });

  it('leaves out what the caller left out by name', () => {
    expect(runWith({ a: passing }, ['-t', 'one'])).toEqual(['1 passed, 0 failed', true]);
  });
});
