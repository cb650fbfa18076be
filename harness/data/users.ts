/** Lists of users as people type them: `1-16`, `3`, `1-4,9`. */
import { UserError } from '../../emulator/errors.js';

const MAX_USER = 9999;

/** Rising user numbers without repeats. UserError if the text is no such list. */
export function parseUsers(text: string): number[] {
  const users = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim());
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (match === null || from < 1 || to < from) {
      throw new UserError({
        code: 'users-list',
        what: 'the list of users',
        got: `'${text}'`,
        expected: `must be numbers from 1 to ${MAX_USER} and rising ranges, separated by commas`,
        fix: 'write it like 1-16 or 1-4,9',
      });
    }
    for (let user = from; user <= to; user++) users.add(user);
  }
  return [...users].sort((a, b) => a - b);
}

/** The shortest such list of rising user numbers. */
export function formatUsers(users: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < users.length; ) {
    let end = i;
    while (users[end + 1] === (users[end] as number) + 1) end += 1;
    parts.push(end === i ? `${users[i]}` : `${users[i]}-${users[end]}`);
    i = end + 1;
  }
  return parts.join(',');
}
