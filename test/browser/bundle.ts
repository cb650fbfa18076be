/** Bundles a module for the browser, as a user of the emulator would: with vite, as one file. */
import { join } from 'node:path';
import { build, createLogger } from 'vite';

const here = import.meta.dirname;

export interface Bundle {
  readonly code: string;
  /** What the bundle asks for at run time: none, when it stands by itself. */
  readonly imports: readonly string[];
  /** What vite objected to. */
  readonly warnings: readonly string[];
}

/** zod has comments that look like annotations; zod's modules and elfy's import each other in circles. */
const HARMLESS = new Set<string | undefined>(['INVALID_ANNOTATION', 'CIRCULAR_DEPENDENCY']);

/** Of what elfy asks of Node. */
const STAND_INS = { assert: join(here, 'node-assert.ts'), util: join(here, 'node-util.ts') };

/** @param entry path of a module */
export async function bundle(entry: string): Promise<Bundle> {
  const warnings: string[] = [];
  const note = (text: string) => warnings.push(text);
  const logger = { ...createLogger('silent'), warn: note, warnOnce: note };
  const built = await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    customLogger: logger,
    resolve: { alias: STAND_INS },
    build: {
      lib: { entry, formats: ['es'] },
      write: false,
      target: 'es2022',
      rollupOptions: {
        onwarn: ({ code, message }) => {
          if (!HARMLESS.has(code)) note(message);
        },
      },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((part) =>
    'output' in part ? part.output : [],
  );
  const chunks = outputs.filter((output) => output.type === 'chunk');
  const [chunk] = chunks;
  if (chunk === undefined || chunks.length > 1) throw new Error(`${chunks.length} files instead of one`);
  return { code: chunk.code, imports: [...chunk.imports, ...chunk.dynamicImports], warnings };
}
