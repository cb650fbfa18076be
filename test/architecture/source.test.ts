/** Formatting, lint and types of the whole tree, as tests: one tally for everything that can be wrong. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function run(script: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? 'clean' : `${stdout}${stderr}`;
}

describe('the sources', () => {
  it('are formatted and free of lint', () => {
    const args = ['check', '--error-on-warnings', '--colors=off', '.'];
    expect(run('node_modules/@biomejs/biome/bin/biome', args)).toBe('clean');
  });

  it('have sound types, tests and benchmarks included', () => {
    expect(run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.check.json'])).toBe('clean');
  });
});
