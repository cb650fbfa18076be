/** Where the package's own data files are: profiles, prebuilt firmware, models. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InternalError } from '../../emulator/errors.js';

function isRoot(directory: string): boolean {
  const manifest = join(directory, 'package.json');
  if (!existsSync(manifest)) return false;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown }).name === 'm4lab';
}

/** The directory of m4lab's package.json: the nearest above this file, be it source or compiled. */
export function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let directory = start; ; directory = dirname(directory)) {
    if (isRoot(directory)) return directory;
    if (directory === dirname(directory)) {
      throw new InternalError(`no package.json of m4lab stands above ${start}; attach this path to a report`);
    }
  }
}

/** A file of the package by its path from the root. */
export function packagePath(...parts: string[]): string {
  return join(packageRoot(), ...parts);
}
