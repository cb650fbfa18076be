import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCycles, findViolations, type Sources } from './import-rules.js';
import { scanSource } from './source-scan.js';

const root = join(import.meta.dirname, '..', '..');

function readSources(): Sources {
  const files = ['emulator', 'harness'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  const typescript = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  return new Map(typescript.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

/** A tree in memory with the errors file and an index, and one file under test. */
function violationsOf(file: string, text: string): string[] {
  const sources = new Map([
    ['emulator/errors.ts', ''],
    ['emulator/index.ts', "export { UserError } from './errors.js';"],
    ['emulator/isa/insn.ts', ''],
    ['emulator/core/state.ts', ''],
    ['emulator/timing/trm.ts', ''],
    ['harness/reference/relu.ts', ''],
    ['harness/data/windows.ts', ''],
    ['harness/cli/main.ts', ''],
  ]);
  return findViolations(new Map([...sources, [file, text]]));
}

describe('the tree', () => {
  const sources = readSources();

  it('is read', () => {
    expect(sources.size).toBeGreaterThan(20);
    const arrows = [...sources.values()].reduce((sum, text) => sum + scanSource(text).imports.length, 0);
    expect(arrows).toBeGreaterThan(sources.size);
  });

  it('has no arrow, package, builtin or global beyond the rules', () => {
    expect(findViolations(sources)).toEqual([]);
  });

  it('has no import cycle', () => {
    expect(findCycles(sources)).toEqual([]);
  });
});

describe('the check sees', () => {
  const forbidden: readonly [string, string, string, RegExp][] = [
    [
      'isa importing core',
      'emulator/isa/a.ts',
      "import { x } from '../core/state.js';",
      /isa may not import emulator\/core/,
    ],
    [
      'a type-only arrow',
      'emulator/isa/a.ts',
      "import type { x } from '../core/state.js';",
      /isa may not import/,
    ],
    [
      'a re-export',
      'emulator/elf/a.ts',
      "export * from '../isa/insn.js';",
      /elf may not import emulator\/isa/,
    ],
    [
      'a dynamic import',
      'emulator/elf/a.ts',
      "await import('../isa/insn.js');",
      /elf may not import emulator\/isa/,
    ],
    ['a bare import', 'emulator/elf/a.ts', "import '../isa/insn.js';", /elf may not import emulator\/isa/],
    [
      'an import over lines',
      'emulator/elf/a.ts',
      "import {\n  x, // from 'y'\n} from\n  '../isa/insn.js';",
      /elf may not/,
    ],
    ['a computed import', 'harness/cli/a.ts', 'await import(name);', /computed/],
    [
      'timing in interpret',
      'emulator/interpret/a.ts',
      "import { x } from '../timing/trm.js';",
      /may not import emulator\/timing/,
    ],
    [
      'peripherals reaching core',
      'emulator/peripherals/a.ts',
      "import { x } from '../core/state.js';",
      /may not import/,
    ],
    [
      'harness past the index',
      'harness/link/a.ts',
      "import { x } from '../../emulator/isa/insn.js';",
      /harness may not import/,
    ],
    [
      'the emulator using the harness',
      'emulator/machine/a.ts',
      "import { x } from '../../harness/data/windows.js';",
      /may not/,
    ],
    [
      'reference importing errors',
      'harness/reference/a.ts',
      "import { x } from '../../emulator/errors.js';",
      /may not import/,
    ],
    [
      'reference importing data',
      'harness/reference/a.ts',
      "import { x } from '../data/windows.js';",
      /may not import/,
    ],
    [
      'data importing cli',
      'harness/data/a.ts',
      "import { x } from '../cli/main.js';",
      /may not import harness\/cli/,
    ],
    [
      'node in the emulator',
      'emulator/machine/a.ts',
      "import { readFileSync } from 'node:fs';",
      /may use no Node API/,
    ],
    [
      'node in the estimator',
      'harness/estimator/a.ts',
      "import { readFileSync } from 'node:fs';",
      /no Node API/,
    ],
    ['node without its prefix', 'emulator/machine/a.ts', "import fs from 'fs';", /may not use this package/],
    [
      'a package out of place',
      'emulator/isa/a.ts',
      "import { z } from 'zod';",
      /isa may not use this package/,
    ],
    ['a clock', 'emulator/core/a.ts', 'const t = Date.now();', /uses Date\.now/],
    ['randomness in a template', 'harness/report/a.ts', 'const s = `${Math.random()}`;', /uses Math\.random/],
    ['the process', 'emulator/core/a.ts', 'process.exit(1);', /uses process\./],
    ['a missing file', 'emulator/core/a.ts', "import { x } from './gone.js';", /gone\.ts does not exist/],
  ];

  it.each(forbidden)('%s', (_name, file, text, expected) => {
    expect(violationsOf(file, text)).toEqual([expect.stringMatching(expected)]);
  });

  it('a folder without rules', () => {
    expect(violationsOf('emulator/new/a.ts', '')).toEqual(['emulator/new/a.ts belongs to no layer']);
  });

  it('what is allowed, and words in comments, strings and regular expressions, without objection', () => {
    const text = [
      "import { readFileSync } from 'node:fs';",
      "import { UserError } from '../../emulator/index.js';",
      "// import { x } from '../core/state.js'",
      "const s = 'import x from \"elsewhere\"' + `from 'nowhere' ${readFileSync('x')}`;",
      'const quote = /[\'"`/]/g;',
      'const list = Array.from("abc");',
    ].join('\n');
    expect(violationsOf('harness/cli/a.ts', text)).toEqual([]);
    expect(violationsOf('emulator/core/a.ts', '/* Date.now() */ const s = "process.exit";')).toEqual([]);
  });

  it('a cycle, by its whole path', () => {
    const sources = new Map([
      ['emulator/isa/a.ts', "import { b } from './b.js';"],
      ['emulator/isa/b.ts', "import type { c } from './c.js';"],
      ['emulator/isa/c.ts', "export { a } from './a.js';"],
    ]);
    expect(findCycles(sources)).toEqual([
      'emulator/isa/a.ts -> emulator/isa/b.ts -> emulator/isa/c.ts -> emulator/isa/a.ts',
    ]);
  });
});
