/** Runs a program of the host beside this process, so that two can be on their way at a time. */
import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** A character a byte. */
  readonly stdout: string;
  readonly stderr: string;
  /** `undefined`: the program could not be started. `'timeout'`: it was ended after `timeoutMs`. */
  readonly status: number | 'timeout' | undefined;
}

/** Standard input is empty; `timeoutMs` is host time; it runs in `folder`, or where this process does. */
export function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs = 120_000, folder }: { readonly timeoutMs?: number; readonly folder?: string } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
    const text = { stdout: '', stderr: '' };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.setEncoding('latin1').on('data', (piece: string) => {
      text.stdout += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      text.stderr += piece;
    });
    child.once('error', ({ message }) => {
      clearTimeout(timer);
      resolve({ ...text, stderr: message, status: undefined });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ ...text, status: timedOut ? 'timeout' : (code ?? 1) });
    });
  });
}
