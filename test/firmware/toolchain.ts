/**
 * Runs the firmware's Makefile and its programs for the tests of this folder. It judges nothing: a tool that
 * is missing throws, so that the test which needs it fails.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const firmwareRoot = fileURLToPath(new URL('../../firmware', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one program to its end, at most 60 seconds. Throws when it cannot be started or is cut off. */
export function run(command: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** `make -C firmware ...`, whatever its exit status. */
export function make(...args: string[]): Outcome {
  return run('make', ['--no-print-directory', '-C', firmwareRoot, ...args]);
}

/** A directory that is removed when the test ends. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'm4lab-firmware-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Builds train_once with the host's compiler and returns what it prints. */
export function hostTrainOnce(extraFlags = ''): string {
  const directory = scratchDirectory();
  const built = make(`BUILD=${directory}`, `EXTRA_CFLAGS=${extraFlags}`, 'host');
  if (built.status !== 0) throw new Error(`the host build failed:\n${built.stderr}`);
  const outcome = run(join(directory, 'host/train_once'), []);
  if (outcome.status !== 0) throw new Error(`the host's train_once ended with ${outcome.status}`);
  return outcome.stdout;
}

/** Runs a shipped mps2-an386 program under QEMU; its console is stdout. */
export function qemu(app: string): Outcome {
  const machine = ['-M', 'mps2-an386', '-display', 'none', '-serial', 'none', '-monitor', 'none'];
  const console = ['-chardev', 'stdio,id=console'];
  const semihosting = ['-semihosting-config', 'enable=on,target=native,chardev=console'];
  const kernel = ['-kernel', join(firmwareRoot, `prebuilt/mps2-an386/${app}.elf`)];
  return run('qemu-system-arm', [...machine, ...console, ...semihosting, ...kernel]);
}
