/**
 * Builds the benchmark's programs into a folder outside the repository: an ELF for the mps2-an386, and the
 * same sources native where a program allows it. Also the two host tools. Throws MissingTool without the
 * compilers.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('.', import.meta.url));
const firmware = fileURLToPath(new URL('../firmware/', import.meta.url));
const platform = join(firmware, 'platform');

export const CROSS_GCC = 'arm-none-eabi-gcc';
export const HOST_GCC = 'gcc';

const CPU = ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv4-sp-d16'];
const WARNINGS = ['-Wall', '-Wextra', '-Wconversion', '-Wmissing-prototypes', '-Werror'];
const FOLDERS = ['include', 'layers', 'train', 'platform'];
const INCLUDES = [join(bench, 'programs'), ...FOLDERS.map((folder) => join(firmware, folder))];
const C = ['-std=c11', '-fno-math-errno', ...WARNINGS, ...INCLUDES.map((folder) => `-I${folder}`)];
/** As the firmware's: no loop becomes a call. newlib gives memcpy, libgcc the arithmetic in double. */
const BOARD = [...CPU, '-ffreestanding', '-fno-tree-loop-distribute-patterns', '-ffunction-sections'];
const LINK = ['-nostartfiles', '-static', `-L${platform}`, `-T${join(platform, 'mps2-an386.ld')}`];
const LINKER = ['-Wl,--gc-sections,--nmagic,--build-id=none,--no-warn-rwx-segments', '-lc', '-lgcc'];

/** A program that the benchmark cannot do without. */
export class MissingTool extends Error {}

/** First line of `--version`; undefined when there is no such program. */
export function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

export function requireCompilers() {
  const needed = [
    [CROSS_GCC, 'builds the programs', 'gcc-arm-none-eabi libnewlib-arm-none-eabi'],
    [HOST_GCC, 'builds them native, and the stopwatch', 'gcc libc6-dev'],
  ];
  for (const [program, why, packages] of needed) {
    if (versionOf(program) === undefined) {
      throw new MissingTool(`${program} is not in PATH; it ${why}. On Debian: apt-get install ${packages}`);
    }
  }
}

function compile(compiler, words) {
  const { status, stderr } = spawnSync(compiler, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${compiler} ${words.join(' ')}\nexited with ${status}: ${stderr}`);
}

/** Sorted, because the order of linking decides every address. */
function firmwareSources(patterns) {
  return patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [join(firmware, pattern)];
    const folder = join(firmware, pattern.slice(0, -2));
    const files = readdirSync(folder).filter((file) => file.endsWith('.c'));
    return files.sort().map((file) => join(folder, file));
  });
}

function sourcesOf({ sources, firmware: patterns }, main) {
  const own = [...sources, ...(sources.length > 0 ? [main] : [])];
  return [...own.map((file) => join(bench, 'programs', file)), ...firmwareSources(patterns)];
}

function buildElf(program, path) {
  const parts = ['console_number.c', 'console_semihosting.c', 'semihosting.c', 'startup.c'];
  const sources = [...sourcesOf(program, 'main_board.c'), ...parts.map((file) => join(platform, file))];
  compile(CROSS_GCC, [...C, ...BOARD, ...program.flags, ...LINK, ...sources, ...LINKER, '-o', path]);
}

function buildNative(program, path) {
  const parts = ['console_number.c', 'host/console_stdout.c'].map((file) => join(platform, file));
  compile(HOST_GCC, [...C, ...program.hostFlags, ...sourcesOf(program, 'main_host.c'), ...parts, '-o', path]);
}

/** Builds one program; `native` is undefined where it is not for the host, or the host not for it. */
export function buildProgram(program, folder, cpuFlags) {
  mkdirSync(folder, { recursive: true });
  const elf = join(folder, `${program.name}.elf`);
  buildElf(program, elf);
  const needsFma = program.hostFlags?.includes('-mfma') === true;
  if (program.hostFlags === undefined || (needsFma && !cpuFlags.includes('fma'))) return { elf };
  const native = join(folder, program.name);
  buildNative(program, native);
  return { elf, native };
}

/** The stopwatch, and the library with Unicorn's block hook. */
export function buildTools(folder) {
  mkdirSync(folder, { recursive: true });
  const [stopwatch, blockCounter] = [join(folder, 'stopwatch'), join(folder, 'block-counter.so')];
  compile(HOST_GCC, ['-std=c11', '-O2', ...WARNINGS, join(bench, 'stopwatch.c'), '-o', stopwatch]);
  const shared = ['-std=c11', '-O2', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror'];
  compile(HOST_GCC, [...shared, join(bench, 'block-counter.c'), '-o', blockCounter]);
  return { stopwatch, blockCounter };
}
