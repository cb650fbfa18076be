import { describe, expect, it } from 'vitest';
import { formatUsers, parseUsers } from '../../../harness/data/users.js';

describe('lists of users', () => {
  it.each([
    ['1-3', [1, 2, 3]],
    ['9,1-2,2', [1, 2, 9]],
    ['7', [7]],
    [' 1 , 3-3', [1, 3]],
  ])('reads %s', (text, users) => {
    expect(parseUsers(text)).toEqual(users);
  });

  it.each(['', '0', '3-1', '1-', 'a', '1,,2', '1.5', '-1', '10000'])('refuses %j', (text) => {
    expect(() => parseUsers(text)).toThrow(/the list of users is '.*', but must be numbers from 1 to 9999/);
  });

  it.each(['1-16', '3', '1-2,9', '1,3,5-7'])('writes %s back', (text) => {
    expect(formatUsers(parseUsers(text))).toBe(text);
  });
});
