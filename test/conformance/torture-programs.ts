/**
 * GCC's own programs that check what a compiler makes (gcc.c-torture/execute), as Debian's gcc-12-source has
 * them: unpacked once into a scratch folder outside the repository, and listed with the options that their
 * comments ask for. A program exits with 0 or aborts. Nothing of them is copied here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingWitness } from '../witness/missing-witness.js';

const ARCHIVES = '/usr/src/gcc-12';
const INSIDE = ['gcc', 'testsuite', 'gcc.c-torture', 'execute'];

export interface TortureProgram {
  /** Path below `execute`, without `.c`. */
  readonly name: string;
  readonly sources: readonly string[];
  /** For the compiler, after the level of optimization. */
  readonly options: readonly string[];
}

/** Where sources and results are kept between runs; M4LAB_CACHE names another folder. */
export function cacheFolder(): string {
  const folder = process.env.M4LAB_CACHE ?? join(tmpdir(), 'm4lab-conformance');
  mkdirSync(folder, { recursive: true });
  return folder;
}

function unpacked(): string {
  const archive = existsSync(ARCHIVES)
    ? readdirSync(ARCHIVES).find((file) => /^gcc-12\..*\.tar\.xz$/.test(file))
    : undefined;
  if (archive === undefined) {
    throw new MissingWitness('the source of GCC 12', 'gcc-12-source', `it is not in ${ARCHIVES}`);
  }
  const version = archive.replace(/(-dfsg)?\.tar\.xz$/, '');
  const folder = join(cacheFolder(), `${version}-torture`);
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`;
    mkdirSync(partial);
    const members = [version, ...INSIDE].join('/');
    const args = ['-xf', join(ARCHIVES, archive), '-C', partial, '--strip-components=5', members];
    const { status, stderr } = spawnSync('tar', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tar could not unpack ${archive}: ${stderr}`);
    // Another process may have been as quick.
    if (existsSync(folder)) rmSync(partial, { recursive: true });
    else renameSync(partial, folder);
  }
  return folder;
}

/** Options in a program's comments; those that name a target count when it may be an Arm. */
function optionsIn(source: string): string[] {
  const found = /\{\s*dg-(?:additional-)?options\s+\{?\s*"([^"]*)"\s*\}?\s*(\{[^}]*\})?/g;
  return [...source.matchAll(found)]
    .filter(([, , target]) => target === undefined || /\barm/.test(target))
    .flatMap(([, options = '']) => options.split(/\s+/).filter((option) => option !== ''));
}

/** Options that the script beside some programs adds on every target. */
function optionsOfScript(path: string): string[] {
  if (!existsSync(path)) return [];
  const found = readFileSync(path, 'utf8').matchAll(/^(?:lappend|set) additional_flags "?(-[^"\n]*)"?$/gm);
  return [...found].flatMap(([, options = '']) => options.trim().split(/\s+/));
}

interface Suite {
  readonly folder: string;
  readonly options: readonly string[];
  /** Sources beside the program itself. */
  readonly others: (path: string) => readonly string[];
}

/** As execute.exp, ieee.exp and builtins.exp run them. */
const SUITES: readonly Suite[] = [
  { folder: '', options: [], others: () => [] },
  { folder: 'ieee', options: ['-fno-inline', '-DSIGNAL_SUPPRESS'], others: () => [] },
  {
    folder: 'builtins',
    options: [
      ...['-fno-tree-dse', '-fno-tree-loop-distribute-patterns', '-fno-tracer', '-fno-ipa-ra'],
      ...['-fno-inline-functions', '-Wl,--allow-multiple-definition'],
    ],
    others: (path) => [path.replace(/\.c$/, '-lib.c'), join(path, '..', 'lib', 'main.c')],
  },
];

/** Every program, by name. @throws MissingWitness without gcc-12-source */
export function torturePrograms(): TortureProgram[] {
  const root = unpacked();
  return SUITES.flatMap(({ folder, options, others }) => {
    const files = readdirSync(join(root, folder)).filter((file) => /(?<!-lib)\.c$/.test(file));
    return files.sort().map((file) => {
      const path = join(root, folder, file);
      const base = file.replace(/\.c$/, '');
      return {
        name: folder === '' ? base : `${folder}/${base}`,
        sources: [path, ...others(path)],
        options: [
          ...options,
          ...optionsIn(readFileSync(path, 'latin1')),
          ...optionsOfScript(path.replace(/\.c$/, '.x')),
        ],
      };
    });
  });
}
