/** QEMU's mps2-an386, halted at its reset, with its gdb stub on a free port of 127.0.0.1. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { UserError } from '../../../emulator/index.js';
import { GdbRemote } from './gdb-remote.js';

const QEMU = 'qemu-system-arm';
const START_MS = 20_000;
const BOARD = ['-M', 'mps2-an386', '-display', 'none', '-monitor', 'none', '-serial', 'null'];

export interface QemuProcess {
  readonly remote: GdbRemote;
  readonly end: () => void;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function unusable(got: string): UserError {
  return new UserError({
    code: 'witness-missing',
    what: QEMU,
    got,
    expected: 'must run for --against qemu',
    fix: 'on Debian 12: apt-get install qemu-system-arm',
  });
}

interface Started {
  readonly child: ChildProcess;
  /** Why it is not there (any more); undefined while it is. */
  readonly gone: () => string | undefined;
}

function start(args: readonly string[]): Started {
  let why: string | undefined;
  let said = '';
  const child = spawn(QEMU, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  child.once('error', ({ message }) => {
    why = `not started (${message})`;
  });
  child.once('exit', (status) => {
    why ??= `ended with status ${status} (${said.trim().split('\n')[0] ?? ''})`;
  });
  return { child, gone: () => why };
}

/** @param elf path of what it loads. @throws UserError when it cannot be had */
export async function startQemu(elf: string): Promise<QemuProcess> {
  const port = await freePort();
  const { child, gone } = start([...BOARD, '-S', '-gdb', `tcp:127.0.0.1:${port}`, '-kernel', elf]);
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const remote = await GdbRemote.connect(port, START_MS, () => gone() === undefined);
  if (remote === undefined) {
    kill();
    throw unusable(gone() ?? `silent for ${START_MS / 1000} s`);
  }
  return {
    remote,
    end: () => {
      remote.close();
      kill();
      process.off('exit', kill);
    },
  };
}
