/** Files that the user names: read here, checked by their readers, every failure one sentence. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type ElfImage, loadElf, type McuProfile, parseMcuProfile, UserError } from '../../emulator/index.js';
import { packagePath } from '../data/package-root.js';

export const defaultMcu = 'stm32l496zg';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'reading it is not permitted',
  EPERM: 'reading it is not permitted',
  ENOTDIR: 'a part of its path is not a folder',
};

/** @param kind what it should be, for the message: `the ELF` */
export function readInputFile(path: string, kind: string): Uint8Array {
  try {
    // A device may have no end.
    if (!statSync(path).isCharacterDevice()) return readFileSync(path);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw unreadable(path, kind, reasons[errno] ?? errno);
  }
  throw unreadable(path, kind, 'it is a device, not a file');
}

function unreadable(path: string, kind: string, reason: string): UserError {
  return new UserError({
    code: 'file-unreadable',
    what: `${kind} ${JSON.stringify(path)}`,
    expected: `cannot be read: ${reason}`,
    fix: 'check the path',
  });
}

/** The ELF and its bytes; the bytes are for a checksum. */
export function readElf(path: string): { readonly elf: ElfImage; readonly bytes: Uint8Array } {
  const bytes = readInputFile(path, 'the ELF');
  return { elf: loadElf(bytes, path), bytes };
}

/** JSON of any kind; its reader checks what it says. */
export function readJson(path: string, kind: string): unknown {
  const text = new TextDecoder().decode(readInputFile(path, kind));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError({
      code: 'json-syntax',
      what: `${kind} ${JSON.stringify(path)}`,
      expected: `must be JSON: ${(error as Error).message.split('\n', 1)[0]}`,
      fix: 'correct it there',
    });
  }
}

/** The names that --mcu takes, from profiles/mcu/. */
export function knownMcus(): string[] {
  return readdirSync(packagePath('profiles', 'mcu'))
    .filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'))
    .map((file) => basename(file, '.json'))
    .sort();
}

/** @param mcu a shipped profile's name, or the path of a profile (it then ends in .json) */
export function readMcu(mcu: string): McuProfile {
  if (mcu.endsWith('.json')) return parseMcuProfile(readJson(mcu, 'the MCU profile'), mcu);
  const known = knownMcus();
  if (!known.includes(mcu)) {
    throw new UserError({
      code: 'mcu-unknown',
      what: 'option --mcu',
      got: mcu === '' ? 'empty' : mcu,
      expected: `must be one of ${known.join(', ')} or a profile's path ending in .json`,
      fix: `leave it out for ${defaultMcu}`,
    });
  }
  const path = packagePath('profiles', 'mcu', `${mcu}.json`);
  return parseMcuProfile(readJson(path, 'the MCU profile'), `profiles/mcu/${mcu}.json`);
}
