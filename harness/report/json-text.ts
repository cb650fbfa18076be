/**
 * JSON for files that people read and version control compares: two spaces, and a list, or an object within a list,
 * on one line where it holds plain values only and fits. The same value always gives the same text.
 */

const WIDTH = 110;

/** @param value anything that JSON can hold; properties that are undefined are left out */
export function jsonText(value: unknown): string {
  return `${write(JSON.parse(JSON.stringify(value)), 0, false)}\n`;
}

/** @param column where the value begins, for the width; `inList` allows an object on one line */
function write(value: unknown, indent: number, inList: boolean, column = indent): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const list = Array.isArray(value);
  const entries = list
    ? value.map((item) => ['', item] as const)
    : Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}: `, item] as const);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return open + close;
  const isPlain = entries.every(([, item]) => item === null || typeof item !== 'object');
  if (isPlain && (list || inList)) {
    const inside = entries.map(([key, item]) => key + JSON.stringify(item)).join(', ');
    const line = list ? `[${inside}]` : `{ ${inside} }`;
    // One more for the comma that may follow.
    if (column + line.length + 1 <= WIDTH) return line;
  }
  const inner = ' '.repeat(indent + 2);
  const lines = entries.map(
    ([key, item]) => inner + key + write(item, indent + 2, list, indent + 2 + key.length),
  );
  return `${open}\n${lines.join(',\n')}\n${' '.repeat(indent)}${close}`;
}
