/**
 * gdb as a user of `m4lab gdb`: a batch of commands against a running server, and what gdb printed. The
 * server is the built program in a process of its own.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, scratchFolder, type Tool } from './tool.js';

export const GDB: Tool = { program: 'gdb-multiarch', debianPackage: 'gdb-multiarch' };
const main = join(import.meta.dirname, '..', '..', 'dist', 'harness', 'cli', 'main.js');
/** Host time until a session counts as hung. */
const TIMEOUT_MS = 30_000;

export interface GdbRun {
  readonly stdout: string;
  /** Of gdb: its errors, and what the server and the program print, which gdb puts there. */
  readonly stderr: string;
  /** How the server ended after gdb had left. */
  readonly serverStatus: number | null;
}

/**
 * Runs `commands` in gdb, connected to `m4lab gdb <elf> --once`. Throws MissingWitness without gdb.
 * @param target `extended-remote` is what an IDE uses: gdb stays when the program has ended
 * @param options more of the server's
 */
export async function runGdb(
  elf: string,
  mcu: string,
  commands: readonly string[],
  target: 'remote' | 'extended-remote' = 'remote',
  options: readonly string[] = [],
): Promise<GdbRun> {
  const args = [main, 'gdb', elf, '--mcu', mcu, '--port', '0', '--once', ...options];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve));
  try {
    const place = await announcedPlace(server.stdout);
    const script = join(scratchFolder(), `${place.replace(':', '-')}.gdb`);
    const setUp = ['set pagination off', 'set confirm off', 'set width 0', `target ${target} ${place}`];
    writeFileSync(script, [...setUp, ...commands, ''].join('\n'));
    const { stdout, stderr } = runTool(GDB, ['-nx', '-batch', '-x', script, elf], TIMEOUT_MS);
    return { stdout, stderr, serverStatus: await ended };
  } finally {
    server.kill('SIGKILL');
  }
}

/** Where a server says that it listens: host and port. */
export async function announcedPlace(output: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of output) {
    text += String(piece);
    const place = /target remote (127\.0\.0\.1:\d+)\n/.exec(text)?.[1];
    if (place !== undefined) return place;
  }
  throw new Error(`the server ended without naming its port: ${text}`);
}
