/**
 * JSON for files that people read and version control compares: two spaces, and on one line what fits there
 * of lists, and of objects of plain values within lists (as Biome has it). The same value always gives the
 * same text.
 */

const WIDTH = 110;

/** @param value anything that JSON can hold; properties that are undefined are left out */
export function jsonText(value: unknown): string {
  return `${write(JSON.parse(JSON.stringify(value)), 0, false)}\n`;
}

/** @param column where the value begins, for the width; `inList` allows an object on one line */
function write(value: unknown, indent: number, inList: boolean, column = indent): string {
  const line = oneLine(value, inList);
  // One more for the comma that may follow.
  if (line !== undefined && (isPlain(value) || column + line.length + 1 <= WIDTH)) return line;
  const inner = ' '.repeat(indent + 2);
  const item = (key: string, part: unknown) =>
    inner + key + write(part, indent + 2, Array.isArray(value), indent + 2 + key.length);
  const lines = Array.isArray(value)
    ? value.map((part) => item('', part))
    : Object.entries(value as object).map(([key, part]) => item(`${JSON.stringify(key)}: `, part));
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join(',\n')}\n${' '.repeat(indent)}${close}`;
}

/** The value on one line, or undefined where it holds an object that stands on lines of its own. */
function oneLine(value: unknown, inList: boolean): string | undefined {
  if (isPlain(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const parts = value.map((part) => oneLine(part, true));
    return parts.includes(undefined) ? undefined : `[${parts.join(', ')}]`;
  }
  const entries = Object.entries(value as object);
  if (entries.length === 0) return '{}';
  if (!inList || !entries.every(([, part]) => isPlain(part))) return undefined;
  return `{ ${entries.map(([key, part]) => `${JSON.stringify(key)}: ${JSON.stringify(part)}`).join(', ')} }`;
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}
