/** On what the figures were measured: host, programs, and the commit of this repository. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CROSS_GCC, HOST_GCC, versionOf } from './build-programs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What this benchmark writes is no change of what it measures. */
const OWN = [':!bench/RESULTS.md', ':!bench/history.jsonl'];

function git(...words) {
  const { status, stdout } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function commit() {
  const head = git('rev-parse', '--short=12', 'HEAD');
  if (head === undefined) return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no', '--', '.', ...OWN) === ''
    ? head
    : `${head}+changes`;
}

/** Flags of the processor by /proc/cpuinfo, between spaces. */
export function cpuFlags() {
  try {
    return (/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').split(' ');
  } catch {
    return [];
  }
}

export function describeMachine(platforms, now = new Date()) {
  const versionFor = (name) => platforms.find((platform) => platform.name === name)?.version ?? null;
  return {
    date: now.toISOString().slice(0, 10),
    commit: commit(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    kernel: release(),
    node: process.version,
    v8: process.versions.v8,
    newerNode: versionFor('m4lab-newer'),
    qemu: versionFor('qemu'),
    crossGcc: versionOf(CROSS_GCC),
    hostGcc: versionOf(HOST_GCC),
  };
}
