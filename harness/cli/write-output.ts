/** Files that a command makes where the user said; every failure one sentence. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../emulator/index.js';

/** The word for standard output, where an option allows it. */
export const STDOUT = '-';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'writing there is not permitted',
  EPERM: 'writing there is not permitted',
  ENOTDIR: 'a part of its path is not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/**
 * Before a long run: what can be known of the path now. Nothing is written.
 * @param option by which the user named the file: `--out`
 */
export function requireWritable(option: string, path: string): void {
  try {
    const exists = existsSync(path);
    if (exists && statSync(path).isDirectory()) throw unwritable(option, path, 'EISDIR');
    accessSync(exists ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw error instanceof UserError ? error : outputError(option, path, error);
  }
}

export function writeOutputFile(option: string, path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw outputError(option, path, error);
  }
}

/** @param error as a function of node:fs throws it */
export function outputError(option: string, path: string, error: unknown): UserError {
  return unwritable(option, path, (error as NodeJS.ErrnoException).code ?? 'unknown error');
}

function unwritable(option: string, path: string, errno: string): UserError {
  return new UserError({
    code: 'file-unwritable',
    what: `option ${option}: ${JSON.stringify(path)}`,
    expected: `cannot be written: ${reasons[errno] ?? errno}`,
    fix: 'give another path',
  });
}
