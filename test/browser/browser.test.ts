/**
 * The emulator in a browser: bundled by vite, it asks for nothing of Node, and in headless Chromium the
 * prebuilt programs run as they do here, to the cycle and the byte.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPage } from '../witness/chromium.js';
import { scratchFolder } from '../witness/tool.js';
import { type Bundle, bundle } from './bundle.js';
import type { Told } from './page-script.js';
import type { ProgramRun, ProgramText, RunProgram } from './run-programs.js';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): Buffer => readFileSync(join(root, ...path));

type Chosen = Pick<ProgramText, 'name' | 'mcu' | 'translate' | 'maxInstructions'>;

/** All of train_once is a hundred million instructions, so only one of its four runs goes to the end. */
const chosen: Chosen[] = [
  { name: 'train_once.elf', mcu: 'stm32l496zg', translate: true },
  { name: 'train_once.elf', mcu: 'stm32l496zg', translate: false, maxInstructions: 2_000_000 },
  ...['stm32l496zg', 'mps2-an386'].flatMap((mcu) =>
    [true, false].flatMap((translate) => [
      { name: 'hello.elf', mcu, translate },
      { name: 'ticks.elf', mcu, translate },
      { name: 'train_once.elf', mcu, translate, maxInstructions: 1_000_000 },
    ]),
  ),
];

const programs = chosen.map((choice): ProgramText => {
  const { name, mcu } = choice;
  const elfBase64 = read('firmware', 'prebuilt', mcu, name).toString('base64');
  return { ...choice, elfBase64, profile: JSON.parse(read('profiles', 'mcu', `${mcu}.json`).toString()) };
});

/** The end of an element's text would end it, wherever it stands. */
const inScript = (code: string): string => code.replaceAll('</script', '<\\/script');

/** What the page's script left in the document. */
function runInPage(script: string): Told {
  const data = inScript(`globalThis.programs = ${JSON.stringify(programs)};`);
  const html = `<!doctype html><meta charset="utf-8"><title>m4lab</title><body>running
<script>${data}</script>
<script type="module">${inScript(script)}</script>`;
  const document = loadPage(html);
  const text = /\[\[(.*?)\]\]/.exec(document)?.[1];
  if (text === undefined) throw new Error(`the script left no answer: ${document.slice(0, 500)}`);
  return JSON.parse(decodeURIComponent(text));
}

/** References to Node: an import or a require of a module, and the globals that only Node has. */
const NODE = /["'`]node:|\brequire\s*\(|\bprocess\s*[.[]|\bBuffer\s*[.(]|\b__dirname\b/;

let made: Bundle;
beforeAll(async () => {
  made = await bundle(join(import.meta.dirname, 'page-script.ts'));
});

describe('the emulator bundled for the browser', () => {
  it('stands by itself: no import is left, and vite has nothing to object to', () => {
    expect(made.code.length).toBeGreaterThan(100_000);
    expect({ imports: made.imports, warnings: made.warnings }).toEqual({ imports: [], warnings: [] });
    expect(made.code).toMatch(/export\s*\{[^}]*\bas Machine\b/);
  });

  it('refers to nothing of Node', () => {
    expect(NODE.exec(made.code)?.[0]).toBeUndefined();
    expect(NODE.test("import { readFileSync } from 'node:fs'")).toBe(true);
  });
});

/** The same bundle under Node: as fast as it is, which it is not when the test runner loads its sources. */
async function runnerHere(): Promise<RunProgram> {
  const path = join(scratchFolder(), 'page-script.mjs');
  writeFileSync(path, made.code);
  const { runProgram } = await import(/* @vite-ignore */ pathToFileURL(path).href);
  return runProgram;
}

describe('in Chromium', () => {
  let runs: readonly ProgramRun[];
  let runProgram: RunProgram;
  beforeAll(async () => {
    runProgram = await runnerHere();
    const told = runInPage(made.code);
    if (typeof told === 'string') throw new Error(`in the page: ${told}`);
    runs = told;
  });

  it.each(chosen.map((choice, k) => ({ ...choice, length: choice.maxInstructions ?? 'all', k })))(
    '$mcu $name, $length instructions, translate: $translate, runs as under Node',
    ({ maxInstructions, k }) => {
      const here = runProgram(programs[k] as ProgramText);
      const limit = { reason: 'limit', limit: 'instructions' };
      const { name } = here;
      const isCutShort = name === 'train_once.elf' && maxInstructions !== undefined;
      expect(here.stop).toEqual(isCutShort ? limit : { reason: 'exit', code: 0 });
      expect(here.console).not.toBe('');
      expect(here.cycles).toBeGreaterThan(here.instructions);
      expect(runs[k]).toEqual(JSON.parse(JSON.stringify(here)));
    },
  );

  it('runs the same with translation and without', () => {
    const told = (translate: boolean) =>
      runs.slice(2).flatMap((run) => (run.translate === translate ? [{ ...run, translate: 'either' }] : []));
    expect(told(true)).toHaveLength(6);
    expect(told(true)).toEqual(told(false));
  });
});
