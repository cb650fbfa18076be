/** How `npm run conformance` writes RESULTS.md: a stage renews its own section, no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Results {
  sectionOf(stage: object, result: object): string;
  renewSection(text: string, stage: object, section: string): string;
}
interface Stage {
  readonly name: string;
  readonly files: readonly string[];
}

// Plain modules, as the command runs without a compiler.
const load = (name: string) => import(new URL(name, import.meta.url).href);
const { sectionOf, renewSection } = (await load('./results.mjs')) as Results;
const { STAGES } = (await load('./stages.mjs')) as { STAGES: readonly Stage[] };

const stage = { name: 'elf', title: 'Damaged ELF files', what: 'Mutations.' };
const result = { ok: true, passed: 4, failed: 0, seconds: 9, figures: { refused: 73307 }, torture: [] };

it('adds a section, and renews it in its place', () => {
  const first = renewSection('# Conformance\n', stage, sectionOf(stage, result));
  expect(first).toContain('**Passed**: 4 tests passed, 0 failed, in 9 s.');
  expect(first).toContain('| refused | 73,307 |');
  const other = renewSection(first, { name: 'other' }, '<!-- other -->\n\nkept\n\n<!-- end of other -->');
  const renewed = renewSection(
    other,
    stage,
    sectionOf(stage, { ...result, ok: false, passed: 3, failed: 1 }),
  );
  expect(renewed).toContain('**FAILED**: 3 tests passed, 1 failed');
  expect(renewed).not.toContain('4 tests passed');
  expect(renewed.indexOf('Damaged')).toBeLessThan(renewed.indexOf('kept'));
});

it('counts torture programs by level, and names those that did not simply pass', () => {
  const torture = [
    { name: 'one', level: '-O0', outcome: 'passed', detail: '', instructions: 1000 },
    { name: 'one', level: '-O2', outcome: 'not run', detail: 'does not compile', instructions: 0 },
    { name: 'two', level: '-O2', outcome: 'not run', detail: 'does not compile', instructions: 0 },
  ];
  const section = sectionOf(stage, { ...result, torture });
  expect(section).toContain('| passed | 1 | 0 | 0 |');
  expect(section).toContain('| not run | 0 | 2 | 0 |');
  expect(section).toContain('- does not compile (2): `one` (-O2), `two` (-O2)');
});

it('has a section of each stage in RESULTS.md, passed, and tests that exist', () => {
  const text = readFileSync(join(import.meta.dirname, 'RESULTS.md'), 'utf8');
  for (const { name, files } of STAGES) {
    expect(text).toMatch(new RegExp(`\\*\\*Passed\\*\\*.*\`npm run conformance -- ${name}\``));
    for (const file of files) expect(readFileSync(join(import.meta.dirname, '..', '..', file))).toBeDefined();
  }
});
