/**
 * Runs one of the programs that tests use as witnesses. A program that is absent is a MissingWitness, one
 * that takes too long an Error; what its exit status means is the caller's business.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingWitness } from './missing-witness.js';

export interface Tool {
  readonly program: string;
  readonly debianPackage: string;
}

export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** More than the longest listing asked for in one go (65,536 encodings take about 10 MB). */
const MAX_OUTPUT_BYTES = 256 << 20;

/** `timeoutMs` is host time. Standard input is empty unless `input` is given; `cwd` is where it runs. */
export function runTool(
  tool: Tool,
  args: readonly string[],
  timeoutMs = 60_000,
  { input, cwd }: { readonly input?: string; readonly cwd?: string } = {},
): ToolResult {
  const run = spawnSync(tool.program, args, {
    encoding: 'utf8',
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
    ...(cwd === undefined ? {} : { cwd }),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const { error, signal, status, stdout, stderr } = run;
  if (error !== undefined) {
    if ('code' in error && error.code === 'ENOENT') {
      throw new MissingWitness(tool.program, tool.debianPackage, 'it is not in PATH');
    }
    throw new Error(`${tool.program} failed: ${error.message}; its output so far: ${stdout}${stderr}`);
  }
  if (status === null)
    throw new Error(`${tool.program} was ended by ${signal ?? 'nothing known'}: ${stderr}`);
  return { stdout, stderr, status };
}

let folder: string | undefined;

/** A folder for witnesses' files, one a process, removed when the process ends. */
export function scratchFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'm4lab-witness-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
