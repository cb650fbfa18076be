/**
 * Runs a torture program on m4lab and on QEMU and says whether they agree in console and exit status. QEMU's
 * answer is kept in the cache under the ELF's bytes, m4lab's never.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadElf, Machine, MemoryFiles, UserError } from '../../emulator/index.js';
import { profileOf } from '../emulator/machine/guest-machine.js';
import { MissingWitness } from '../witness/missing-witness.js';
import { runProgram } from './run-program.js';
import { buildTorture, type Level } from './torture-build.js';
import { cacheFolder, type TortureProgram } from './torture-programs.js';

const QEMU = 'qemu-system-arm';
const QEMU_TIMEOUT_MS = 30_000;
/** Several times what the longest of the programs takes. */
const MOST_INSTRUCTIONS = 1_000_000_000;

/** How a program ended, in the words compared: `exit N`, or what stopped it. */
export interface Ending {
  readonly end: string;
  readonly console: string;
  /** What QEMU or m4lab said about it; not compared. */
  readonly remark: string;
}

export type Outcome = 'passed' | 'failed alike' | 'different' | 'not run';

export interface TortureResult {
  readonly name: string;
  readonly level: Level;
  readonly outcome: Outcome;
  /** Why it was not run, how it failed on both, or what differs. */
  readonly detail: string;
  /** Guest instructions on m4lab. */
  readonly instructions: number;
}

async function runOnQemu(elf: string): Promise<Ending> {
  const folder = join(cacheFolder(), 'qemu');
  mkdirSync(folder, { recursive: true });
  const kept = join(folder, `${createHash('sha256').update(readFileSync(elf)).digest('hex')}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Ending;
  const consoles = ['-chardev', 'stdio,id=console,mux=on,signal=off', '-serial', 'chardev:console'];
  const semihosting = ['-semihosting-config', 'enable=on,target=native,chardev=console'];
  const board = ['-M', 'mps2-an386', '-display', 'none', '-monitor', 'none'];
  const args = [...board, ...consoles, ...semihosting, '-kernel', elf];
  // Semihosting is the host's own file system to QEMU: what a program leaves there stays in the cache.
  const { stdout, stderr, status } = await runProgram(QEMU, args, { timeoutMs: QEMU_TIMEOUT_MS, folder });
  if (status === undefined) throw new MissingWitness(QEMU, 'qemu-system-arm', stderr);
  const end = status === 'timeout' ? 'no end' : /Lockup/.test(stderr) ? 'lockup' : `exit ${status}`;
  const ending = { end, console: stdout, remark: stderr.trim().split('\n')[0] ?? '' };
  if (status !== 'timeout') writeFileSync(kept, JSON.stringify(ending));
  return ending;
}

let console = '';
/** One for all programs, since making functions of instructions takes longer than running most of them. */
const files = new MemoryFiles();
const machine = new Machine(profileOf('mps2-an386'), {
  files,
  console: (text) => {
    console += text;
  },
});

/** Memory as QEMU has it when it starts: all zero. */
function clearMemory(): void {
  const { hostMemory, windows } = machine.core;
  for (const { offset, size } of windows) new Uint8Array(hostMemory.buffer, offset, size).fill(0);
}

function runOnM4lab(elf: string): Ending & { readonly instructions: number } {
  console = '';
  clearMemory();
  files.contents.clear();
  try {
    machine.load(loadElf(readFileSync(elf), 'torture.elf'));
    const stop = machine.run({ maxInstructions: MOST_INSTRUCTIONS });
    const { instructions } = machine;
    if (stop.reason === 'exit') return { end: `exit ${stop.code & 0xff}`, console, remark: '', instructions };
    if (stop.reason === 'limit') return { end: 'no end', console, remark: '', instructions };
    return { end: stop.reason, console, remark: 'text' in stop ? stop.text : '', instructions };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { end: 'refused', console, remark: error.message, instructions: 0 };
  }
}

function describe({ end, console, remark }: Ending): string {
  const said = console === '' ? '' : `, console ${JSON.stringify(console.slice(-120))}`;
  return `${end}${remark === '' ? '' : ` (${remark})`}${said}`;
}

/** Builds and runs one program at one level. */
export async function runTorture(program: TortureProgram, level: Level): Promise<TortureResult> {
  const { name } = program;
  const built = await buildTorture(program, level);
  if ('notBuilt' in built) {
    return { name, level, outcome: 'not run', detail: built.notBuilt, instructions: 0 };
  }
  const theirs = await runOnQemu(built.elf);
  if (theirs.end === 'no end') {
    const detail = `does not end on QEMU within ${QEMU_TIMEOUT_MS / 1000} s`;
    return { name, level, outcome: 'not run', detail, instructions: 0 };
  }
  const ours = runOnM4lab(built.elf);
  const { instructions } = ours;
  if (ours.end !== theirs.end || ours.console !== theirs.console) {
    const detail = `m4lab: ${describe(ours)}; QEMU: ${describe(theirs)}`;
    return { name, level, outcome: 'different', detail, instructions };
  }
  if (ours.end === 'exit 0') return { name, level, outcome: 'passed', detail: '', instructions };
  return { name, level, outcome: 'failed alike', detail: describe(theirs), instructions };
}

export interface Case {
  readonly program: TortureProgram;
  readonly level: Level;
}

/** All of them, two on their way at a time; results in the order of `cases`. */
export async function runAll(
  cases: readonly Case[],
  progress: (done: number) => void = () => undefined,
): Promise<TortureResult[]> {
  const results: TortureResult[] = new Array(cases.length);
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let k = next++; k < cases.length; k = next++) {
      const { program, level } = cases[k] as Case;
      results[k] = await runTorture(program, level);
      progress(++done);
    }
  };
  await Promise.all([worker(), worker()]);
  return results;
}
