/** A NUL-terminated name out of a string table. */
import { elfError } from './elf-error.js';

/**
 * Longer than any mangled name seen in practice. Without it a crafted table, one long string pointed into by
 * every symbol, costs the square of the file's size.
 */
const MAX_NAME = 4096;

const decoder = new TextDecoder();

/** @throws UserError when the name starts outside the table, does not end in it, or is too long */
export function readName(table: Uint8Array, offset: number, field: string, file: string): string {
  if (offset === 0 && table.length === 0) return '';
  if (offset >= table.length) {
    const expected = `must be below the string table's size, ${table.length}`;
    throw elfError(file, { code: 'elf-name', field, got: String(offset), expected });
  }
  const limit = Math.min(table.length, offset + MAX_NAME);
  let end = offset;
  while (end < limit && table[end] !== 0) end++;
  if (end === limit) {
    const expected = `a name must end within its string table and ${MAX_NAME} bytes`;
    throw elfError(file, { code: 'elf-name', field, got: String(offset), expected });
  }
  return decoder.decode(table.subarray(offset, end));
}
