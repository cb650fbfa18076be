/**
 * The three kinds of trouble that are not the guest's own. A guest fault is a value and takes the
 * architectural path; it never appears here.
 */

/** A mistake in what the user gave us: a file, an option, a profile. Printed in one place, exit code 2. */
export interface UserErrorFields {
  /** Stable, kebab-case, for programs: `elf-truncated`, `option-range`. */
  readonly code: string;
  /** The thing at fault, by its name: `fw.elf: e_machine`. */
  readonly what: string;
  /** Its value as found, absent when there is none. */
  readonly got?: string;
  /** The rule it breaks: `must be 40 (Arm)`. */
  readonly expected: string;
  /** What to do next. */
  readonly fix: string;
}

/** What is thrown for a mistake of the user: one sentence as `message`, its parts in `fields`. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: string;
  readonly fields: UserErrorFields;

  constructor(fields: UserErrorFields) {
    const got = fields.got === undefined ? '' : ` is ${fields.got}, but`;
    super(`${fields.what}${got} ${fields.expected}; ${fields.fix}`);
    this.code = fields.code;
    this.fields = fields;
  }
}

/** A bug of ours. The message says what to attach to a report. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}
