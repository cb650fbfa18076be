/** Reads a JSON file by a zod schema; every way in which that fails is a UserError naming file and field. */
import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { UserError } from '../../emulator/errors.js';

/** @param what what the file should be, for the messages: `model file`. */
export function readJsonFile<T>(path: string, what: string, schema: z.ZodType<T>): T {
  const json = parseJson(readText(path, what), path, what);
  // Read once: a reader compiled for it would cost more than it saves.
  const parsed = schema.safeParse(json, { jitless: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'the whole file';
  throw new UserError({
    code: 'json-field',
    what: `${path}: ${field}`,
    expected: `does not fit a ${what} (${issue?.message})`,
    fix: `correct it or give another ${what}`,
  });
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError({
      code: 'file-unreadable',
      what: `the ${what} ${path}`,
      expected: `cannot be read (${(error as NodeJS.ErrnoException).code})`,
      fix: 'check the path',
    });
  }
}

function parseJson(text: string, path: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError({
      code: 'json-syntax',
      what: path,
      expected: `is not JSON (${(error as Error).message})`,
      fix: `give a ${what}`,
    });
  }
}
