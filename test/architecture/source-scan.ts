/**
 * Reads from TypeScript sources what they import and which globals they name, by a small scanner of comments,
 * strings, templates and regular expressions. It is no parser: it knows nothing of types or scopes.
 */

export interface SourceScan {
  /** Module specifiers in order: import, export from, import(), type-only ones too. */
  readonly imports: readonly string[];
  /** The code with comments blanked and every string replaced by "#n", n its index. */
  readonly code: string;
}

const regexPrefix =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|delete|throw|else|do))\s*$/;
const pieces = [
  /\/\/[^\n]*/y,
  /\/\*[\s\S]*?\*\//y,
  /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y,
  /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
] as const;
const [lineComment, blockComment, quoted, regex] = pieces;

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

export function scanSource(text: string): SourceScan {
  const strings: string[] = [];
  const code = blank(text, strings);
  const imports: string[] = [];
  for (const [, index] of code.matchAll(/\b(?:from|import)\s*\(?\s*"#(\d+)"/g)) {
    const before = code.slice(0, code.indexOf(`"#${index}"`));
    if (/\bfrom\s*\(\s*$/.test(before)) continue;
    imports.push(strings[Number(index)] ?? '');
  }
  for (const _computed of code.matchAll(/\bimport\s*\(\s*[^"\s]/g)) imports.push('(computed)');
  return { imports, code };
}

function blank(text: string, strings: string[]): string {
  let code = '';
  let position = 0;
  while (position < text.length) {
    const comment = matchAt(lineComment, text, position) ?? matchAt(blockComment, text, position);
    if (comment !== undefined) {
      code += ' ';
      position += comment.length;
      continue;
    }
    const string = matchAt(quoted, text, position);
    if (string !== undefined) {
      code += `"#${strings.push(string.slice(1, -1)) - 1}"`;
      position += string.length;
      continue;
    }
    if (text[position] === '`') {
      const template = blankTemplate(text, position, strings);
      code += template.code;
      position = template.end;
      continue;
    }
    const expression = regexPrefix.test(code.slice(-40)) ? matchAt(regex, text, position) : undefined;
    code += expression === undefined ? text[position] : ' 0 ';
    position += expression?.length ?? 1;
  }
  return code;
}

/** A template's own text goes; the code in its ${...} stays. */
function blankTemplate(text: string, start: number, strings: string[]): { code: string; end: number } {
  let code = '(';
  let position = start + 1;
  while (position < text.length && text[position] !== '`') {
    if (text[position] === '\\') {
      position += 2;
    } else if (text.startsWith('${', position)) {
      const end = closingBrace(text, position + 2);
      code += `${blank(text.slice(position + 2, end), strings)},`;
      position = end + 1;
    } else {
      position++;
    }
  }
  return { code: `${code}0)`, end: position + 1 };
}

function closingBrace(text: string, start: number): number {
  let depth = 1;
  let position = start;
  while (position < text.length) {
    const skipped = matchAt(quoted, text, position);
    if (skipped !== undefined) {
      position += skipped.length;
      continue;
    }
    if (text[position] === '`') {
      position = blankTemplate(text, position, []).end;
      continue;
    }
    if (text[position] === '{') depth++;
    if (text[position] === '}' && --depth === 0) return position;
    position++;
  }
  return position;
}
