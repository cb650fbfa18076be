/** Runs a command under the stopwatch (stopwatch.c) and says what it took. Seconds, MB of 1,000,000 bytes. */
import { spawnSync } from 'node:child_process';

/** A run that takes longer than this is hung: it ends with status 124. */
export const LIMIT_MS = 900_000;

/**
 * @param {string} stopwatch path of the built stopwatch
 * @param {readonly string[]} command
 */
export function timeProcess(stopwatch, command) {
  const run = spawnSync(stopwatch, command, {
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 64 << 20,
  });
  if (run.error?.code === 'ETIMEDOUT') {
    return { status: 124, stdout: run.stdout, stderr: `ended after ${LIMIT_MS / 1000} s` };
  }
  if (run.error !== undefined || run.status !== 0) {
    throw new Error(`${command.join(' ')}: ${run.error?.message ?? run.stderr}`);
  }
  const [wall, user, system, peakKb, status] = run.output[3].trim().split(' ').map(Number);
  return {
    wall: wall / 1e6,
    cpu: (user + system) / 1e6,
    peakMb: (peakKb * 1024) / 1e6,
    status,
    stdout: run.stdout,
    stderr: run.stderr,
  };
}
