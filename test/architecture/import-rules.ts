/**
 * Who may import whom, as data, and the check that reads it. A file belongs to the layer with the longest
 * path that it starts with. A layer may always import itself, and everyone but harness/reference may import
 * emulator/errors.ts.
 */
import { posix } from 'node:path';
import { scanSource } from './source-scan.js';

export interface Layer {
  /** A folder, or one file. */
  readonly path: string;
  /** Paths of layers. */
  readonly mayImport: readonly string[];
  /** npm packages. */
  readonly packages?: readonly string[];
  /** Node's own modules, and the globals that reach outside the program. */
  readonly host?: boolean;
}

const throughIndex = ['emulator/index.ts', 'harness/reference'];
const harness = [...throughIndex, 'harness/data'];

export const layers: readonly Layer[] = [
  { path: 'emulator/errors.ts', mayImport: [] },
  { path: 'emulator/ports.ts', mayImport: [] },
  { path: 'emulator/isa', mayImport: [] },
  { path: 'emulator/decode', mayImport: ['emulator/isa'] },
  { path: 'emulator/timing', mayImport: ['emulator/isa'] },
  { path: 'emulator/core', mayImport: ['emulator/isa', 'emulator/ports.ts'] },
  { path: 'emulator/interpret', mayImport: ['emulator/isa', 'emulator/decode', 'emulator/core'] },
  { path: 'emulator/translate', mayImport: ['emulator/isa', 'emulator/decode', 'emulator/core'] },
  { path: 'emulator/peripherals', mayImport: ['emulator/ports.ts'] },
  { path: 'emulator/elf', mayImport: [], packages: ['elfy'] },
  { path: 'emulator/gdb', mayImport: [] },
  {
    path: 'emulator/machine',
    mayImport: [
      'emulator/ports.ts',
      'emulator/isa',
      'emulator/decode',
      'emulator/timing',
      'emulator/core',
      'emulator/interpret',
      'emulator/translate',
      'emulator/peripherals',
      'emulator/elf',
    ],
    packages: ['zod'],
  },
  { path: 'emulator/index.ts', mayImport: ['emulator'] },
  { path: 'harness/reference', mayImport: [] },
  { path: 'harness/data', mayImport: throughIndex, packages: ['zod'], host: true },
  { path: 'harness/lockstep', mayImport: ['emulator/index.ts', 'harness'], packages: ['koffi'] },
  {
    path: 'harness/cli',
    mayImport: [...harness, 'harness', 'harness/lockstep'],
    packages: ['commander', 'chalk', 'zod', 'koffi'],
    host: true,
  },
  { path: 'harness', mayImport: harness, packages: ['zod'] },
];

const hostGlobals = [
  /\bprocess\s*[.[]/,
  /\bDate\s*\.\s*now\b/,
  /\bnew\s+Date\b/,
  /\bMath\s*\.\s*random\b/,
  /\bperformance\s*\.\s*now\b/,
  /\bBuffer\s*[.(]/,
  /\bawait\s+fetch\s*\(/,
  /\bset(?:Timeout|Interval|Immediate)\s*\(/,
  /\bcrypto\s*\./,
];

/** File path (from the root, with slashes) to text. */
export type Sources = ReadonlyMap<string, string>;

/** One sentence for every arrow, package, builtin or global that the rules do not allow. */
export function findViolations(sources: Sources): string[] {
  const violations: string[] = [];
  for (const [file, text] of sources) {
    const layer = layerOf(file);
    if (layer === undefined) {
      violations.push(`${file} belongs to no layer`);
      continue;
    }
    const { imports, code } = scanSource(text);
    for (const specifier of imports) {
      const reason = objection(file, layer, specifier, sources);
      if (reason !== undefined) violations.push(`${file} imports ${specifier}: ${reason}`);
    }
    if (layer.host) continue;
    for (const pattern of hostGlobals) {
      const found = pattern.exec(code);
      if (found !== null) violations.push(`${file} uses ${found[0]}: ${layer.path} may not reach the host`);
    }
  }
  return violations;
}

function layerOf(file: string): Layer | undefined {
  const owners = layers.filter(({ path }) => file === path || file.startsWith(`${path}/`));
  return owners.sort((a, b) => b.path.length - a.path.length)[0];
}

function objection(file: string, layer: Layer, specifier: string, sources: Sources): string | undefined {
  if (specifier === '(computed)') return 'a computed import cannot be checked';
  if (specifier.startsWith('node:')) return layer.host ? undefined : `${layer.path} may use no Node API`;
  if (!specifier.startsWith('.')) {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    return layer.packages?.includes(name) ? undefined : `${layer.path} may not use this package`;
  }
  const target = resolveImport(file, specifier);
  if (!sources.has(target)) return `${target} does not exist`;
  const targetLayer = layerOf(target);
  if (targetLayer === undefined) return `${target} belongs to no layer`;
  if (targetLayer === layer) return undefined;
  if (target === 'emulator/errors.ts' && layer.path !== 'harness/reference') return undefined;
  if (layer.path === 'emulator/index.ts' && target.startsWith('emulator/')) return undefined;
  return layer.mayImport.includes(targetLayer.path)
    ? undefined
    : `${layer.path} may not import ${targetLayer.path}`;
}

function resolveImport(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
}

/** Every import cycle, as `a -> b -> a`; type-only imports count. */
export function findCycles(sources: Sources): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const specifier of scanSource(sources.get(file) ?? '').imports) {
      const target = specifier.startsWith('.') ? resolveImport(file, specifier) : '';
      if (sources.has(target)) visit(target);
    }
    path.pop();
    done.add(file);
  };
  for (const file of sources.keys()) visit(file);
  return cycles;
}
