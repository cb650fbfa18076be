/** One wording for everything that can be wrong with an ELF file: file, field, value, rule, next step. */
import { UserError } from '../errors.js';

export interface ElfErrorFields {
  readonly code: string;
  readonly field: string;
  readonly got?: string;
  readonly expected: string;
  readonly fix?: string;
}

const rebuild = 'build or copy the file again';

export function elfError(file: string, { code, field, got, expected, fix }: ElfErrorFields): UserError {
  const what = `${file}: ${field}`;
  return new UserError({ code, what, ...(got === undefined ? {} : { got }), expected, fix: fix ?? rebuild });
}

/** The bytes [offset, offset + size) must lie in the file. */
export function checkRange(file: string, field: string, offset: number, size: number, length: number): void {
  if (offset + size <= length) return;
  throw elfError(file, {
    code: 'elf-truncated',
    field,
    got: `bytes ${offset} to ${offset + size} of the file`,
    expected: `the file has only ${length} bytes`,
  });
}

export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
