/**
 * Joins the compiled program `m4lab` and the packages it needs into few files, since to open three hundred
 * modules takes Node longer than to run a small program. Run after the compiler, over whose main.js it
 * writes: a file for each command and what they share, in dist/harness/cli. The library stays as it is.
 */
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const output = join(root, 'dist', 'harness', 'cli');
const chunks = join(output, 'chunks');

/** Packages that are written as CommonJS call `require` for Node's own modules. */
const banner = `
/* Holds chalk, commander, elfy, endian-reader and zod: MIT licence, their notices come with them. */
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`.trim();

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['harness/cli/main.ts'],
  outdir: output,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external: ['koffi'],
  banner: { js: banner },
  // Shorter to parse; names stay, for the stack trace in a report of a bug.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
});

/** Of earlier builds. */
const written = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
for (const file of readdirSync(chunks)) if (!written.has(file)) rmSync(join(chunks, file));
