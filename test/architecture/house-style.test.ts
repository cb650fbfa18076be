/** Rules of the house that no linter knows: names, sizes, heads of files, words that must not stand. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
const sources = files.filter((file) => /\.(ts|mjs|c|h|s|S)$/.test(file));
const self = 'test/architecture/house-style.test.ts';

function lines(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').trimEnd().split('\n');
}

/** Places where a line matches, as `file:line`. */
function places(pattern: RegExp, among: readonly string[] = sources): string[] {
  return among
    .filter((file) => file !== self)
    .flatMap((file) =>
      lines(file).flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
    );
}

describe('the house', () => {
  it('is looked at', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(places(/^import /).length).toBeGreaterThan(30);
  });

  it('has files of 400 lines at most, tables of records 600', () => {
    const isTable = (file: string) => file.startsWith('emulator/isa/');
    const long = sources.filter((file) => lines(file).length > (isTable(file) ? 600 : 400));
    expect(long.map((file) => `${file}: ${lines(file).length}`)).toEqual([]);
  });

  it('has lines of 110 columns at most', () => {
    expect(places(/^.{111,}$/)).toEqual([]);
  });

  it('names TypeScript files in kebab-case, by what they are', () => {
    const typescript = sources.filter((file) => ['.ts', '.mjs'].includes(extname(file)));
    const odd = typescript.filter(
      (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.(ts|mjs)$/.test(basename(file)),
    );
    expect(odd).toEqual([]);
    expect(typescript.filter((file) => /(^|\/)(utils?|common|helpers?|misc)(\/|\.)/.test(file))).toEqual([]);
  });

  it('begins every source with what it is', () => {
    const productive = sources.filter((file) => /^(emulator|harness|firmware)\//.test(file));
    expect(
      productive.filter((file) => !/^(#!.*\n)?(\/\*|\/\/|@)/.test(lines(file).slice(0, 2).join('\n'))),
    ).toEqual([]);
  });

  it('leaves nothing for later', () => {
    expect(places(/\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
    expect(places(/\b(it|test|describe)\.(skip|only|todo|skipIf|runIf)\b/)).toEqual([
      expect.stringMatching(/^test\/reporter\.test\.ts:/),
      expect.stringMatching(/^test\/reporter\.test\.ts:/),
    ]);
  });
});
