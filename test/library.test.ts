/**
 * LIBRARY.md: its examples run, as one program, and print what stands under them; every export of the
 * emulator is named there, and documented where it is declared. `npm test` builds dist/ first.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const guide = read('LIBRARY.md');

/** Indented blocks in pairs: a program, and what it prints. */
const blocks = Array.from(guide.matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm), ([text]) =>
  text.replace(/^ {4}/gm, '').trim(),
);
const programs = blocks.filter((_, k) => k % 2 === 0);
const outputs = blocks.filter((_, k) => k % 2 === 1);

/** Between the outputs of two examples. */
const BORDER = '----';

function runExamples(): string[] {
  const imports = programs.flatMap((program) => program.match(/^import .*$/gm) ?? []);
  const bodies = programs.map((program) => program.replace(/^import .*$/gm, ''));
  const whole = [...imports, bodies.join(`\nconsole.log('${BORDER}');\n`)].join('\n');
  const options = { cwd: root, encoding: 'utf8', input: whole } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-'], options);
  if (status !== 0) throw new Error(stderr);
  return stdout.split(`${BORDER}\n`).map((text) => text.trim());
}

interface Export {
  readonly name: string;
  /** As it is called where it is declared. */
  readonly declared: string;
  readonly file: string;
}

const exports = Array.from(
  read('emulator/index.ts').matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/(.*)\.js';$/gm),
  ([, names = '', file = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name): Export => {
        const [declared = '', as = declared] = name.split(' as ');
        return { name: as, declared, file: `emulator/${file}.ts` };
      }),
).flat();

describe('LIBRARY.md', () => {
  it('has examples that print what it says', () => {
    expect(programs.length).toBeGreaterThan(8);
    expect(runExamples()).toEqual(outputs);
  });

  it('names every export', () => {
    expect(exports.length).toBeGreaterThan(50);
    const missing = exports.filter(({ name }) => !new RegExp(`\\b${name}s?\\b`).test(guide));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

describe('every export of the emulator', () => {
  it('is documented where it is declared', () => {
    const undocumented = exports.filter(({ declared, file }) => {
      const kinds = '(?:abstract )?(?:class|function|interface|type|const)';
      const declaration = new RegExp(`(\\*/\\n)?export ${kinds} ${declared}\\b`);
      const match = declaration.exec(read(file));
      return match?.[1] === undefined;
    });
    expect(undocumented.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  });
});
