/**
 * What a program is run on: m4lab under this Node and a newer one, QEMU, Unicorn, the host itself. Each says
 * by which command; one that is not installed is left out with its reason.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { versionOf } from './build-programs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'harness', 'cli', 'main.js');
const unicornRun = join(root, 'bench', 'unicorn-run.mjs');
const BOARD = 'mps2-an386';
const QEMU = 'qemu-system-arm';

function nodeVersion(path) {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

const major = (version) => Number(/^v(\d+)/.exec(version ?? '')?.[1] ?? 0);

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** M4LAB_NEWER_NODE, else a `node` in PATH of a higher major version than the one that runs this. */
function newerNode() {
  const given = process.env.M4LAB_NEWER_NODE;
  if (given !== undefined && given !== '') {
    const version = nodeVersion(given);
    return version === undefined
      ? { reason: `M4LAB_NEWER_NODE=${given} does not run` }
      : { path: given, version };
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'node');
    if (!isExecutable(path)) continue;
    const version = nodeVersion(path);
    if (major(version) > major(process.version)) return { path, version };
  }
  return { reason: 'no newer Node in PATH; M4LAB_NEWER_NODE=path names one' };
}

function m4lab(name, title, node, more = {}) {
  // As its peers do, it counts no stack and no heap; cycles it counts.
  const words = ['run', '--mcu', BOARD, '--no-measure'];
  const command = ({ elf }, repeat) => [node, cli, ...words, elf, '--', String(repeat)];
  return { name, title, command, ...more };
}

function qemu(name, title, options) {
  const board = ['-M', BOARD, ...options, '-display', 'none', '-monitor', 'none', '-serial', 'null'];
  const console = ['-chardev', 'stdio,id=console'];
  const target = 'enable=on,target=native,chardev=console';
  const words = (elf, repeat) => `${target},arg=${elf.split('/').at(-1)},arg=${repeat}`;
  const command = ({ elf }, repeat) => [
    ...[QEMU, ...board, ...console],
    ...['-semihosting-config', words(elf, repeat), '-kernel', elf],
  ];
  const version = versionOf(QEMU);
  const reason = version === undefined ? `${QEMU} is not in PATH; apt-get install ${QEMU}` : undefined;
  return { name, title, command, version, reason };
}

function unicorn(name, title, hook, probe) {
  const command = ({ elf }, repeat) => [process.execPath, unicornRun, ...hook, elf, String(repeat)];
  return { name, title, command, reason: probe, runs: (program) => program.unicorn !== false };
}

/** Whether Unicorn can be used at all, by trying the smallest program. */
function unicornReason(hello) {
  const { status, stderr } = spawnSync(process.execPath, [unicornRun, hello.elf, '1'], { encoding: 'utf8' });
  if (status === 0) return undefined;
  const error = /^Error.*$/m.exec(stderr)?.[0] ?? 'it did not run';
  return `${error}; apt-get install libunicorn2, and koffi comes with npm`;
}

/**
 * In the order of a round. `reason`: why it is left out. `every`: measured as often as --runs says, since a
 * bar depends on it; the others stop when their time is up.
 */
export function findPlatforms(hello, { blockCounter }) {
  const newer = newerNode();
  const probe = unicornReason(hello);
  const version = newer.version;
  return [
    m4lab('m4lab', 'm4lab', process.execPath, { version: process.version, every: true }),
    { ...qemu('qemu', 'QEMU', []), every: true },
    {
      name: 'native',
      title: 'native',
      every: true,
      command: ({ native }, repeat) => [native, String(repeat)],
    },
    m4lab('m4lab-newer', `m4lab, ${version ?? 'newer Node'}`, newer.path, {
      version,
      reason: newer.reason,
      every: true,
    }),
    qemu('qemu-icount', 'QEMU -icount shift=0', ['-icount', 'shift=0']),
    unicorn('unicorn', 'Unicorn', [], probe),
    unicorn('unicorn-hooked', 'Unicorn, block hook', ['--hook', blockCounter], probe),
  ].map((platform) => ({ runs: () => true, ...platform }));
}

/** Whether this platform can run that built program. */
export function applies(platform, program, built) {
  if (platform.reason !== undefined || !platform.runs(program)) return false;
  return platform.name !== 'native' || built.native !== undefined;
}
