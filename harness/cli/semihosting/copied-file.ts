/** What all copies of a program's files have in common: their names, and how large they may be. */
import type { FileRefusal } from '../../../emulator/index.js';

/** A file beyond this is not copied. */
export const MOST_BYTES = 64 << 20;

/** newlib's EFBIG. @param rule that the file breaks, with the limit */
export const tooLarge = (rule: string): FileRefusal => ({ errno: 27, rule });

/** The same name for the same file; a leading slash stays, for what is behind the copy to refuse. */
export function nameOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}
