/** Files that a command makes where the user said; every failure one sentence. */
import { writeFileSync } from 'node:fs';
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

/** @param option by which the user named the file: `--out` */
export function writeOutputFile(option: string, path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UserError({
      code: 'file-unwritable',
      what: `option ${option}: ${JSON.stringify(path)}`,
      expected: `cannot be written: ${reasons[errno] ?? errno}`,
      fix: 'give another path',
    });
  }
}
