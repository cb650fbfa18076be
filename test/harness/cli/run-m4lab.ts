/** Runs the built program as a user would, in a process of its own. `npm test` builds dist/ first. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', '..', 'dist', 'harness', 'cli', 'main.js');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param options.cwd where the user stands; by default the package's root; `input` is standard input, `env`
 * the environment
 */
export function runM4lab(
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    ...options,
  });
  return { status, stdout, stderr };
}

/** What every mistake of the user must look like: one sentence on stderr, nothing on stdout, exit code 2. */
export function mistakeOf(args: readonly string[]): string {
  const { status, stdout, stderr } = runM4lab(args);
  const lines = stderr.trimEnd().split('\n');
  if (status === 2 && stdout === '' && lines.length === 1) return stderr.trimEnd();
  return `not one sentence with exit code 2, but ${JSON.stringify({ status, stdout, stderr })}`;
}
