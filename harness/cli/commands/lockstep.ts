/**
 * `m4lab lockstep <elf>`: runs a program as `run` does, and beside it a witness, and compares the two as they
 * go. A check of m4lab itself: the program's own exit status does not pass through.
 */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Machine, MachineOptions, McuProfile } from '../../../emulator/index.js';
import { Follow } from '../../lockstep/follow.js';
import { FollowedLockstep } from '../../lockstep/followed-lockstep.js';
import type { Follower } from '../../lockstep/follower.js';
import { Lockstep, type LockstepEnd } from '../../lockstep/lockstep.js';
import { Pair, sideOf } from '../../lockstep/pair.js';
import { jsonText } from '../../report/json-text.js';
import { type LockstepReport, lockstepReport, lockstepText } from '../../report/lockstep-report.js';
import { ConsoleStream } from '../console-stream.js';
import { outcomeOf } from '../lockstep/outcome.js';
import { qemuFollower, unicornFollower } from '../lockstep/witnesses.js';
import { choiceOption, integerOption } from '../option-values.js';
import { defaultMcu, readElf, readMcu } from '../read-input.js';
import { addSemihostingOptions, type SemihostingOptions, semihostingOf } from '../semihosting/options.js';
import { PrivateCopy } from '../semihosting/private-copy.js';
import { sharedInput } from '../semihosting/shared-input.js';
import { addUartOptions, readUartInput, type UartOptions } from '../uart-input.js';
import { requireWritable, STDOUT, writeOutputFile } from '../write-output.js';

type Against = LockstepReport['against'];

interface Options extends SemihostingOptions, UartOptions {
  readonly mcu: string;
  readonly against: Against;
  readonly stretch: number;
  readonly until?: number;
  readonly maxCycles?: number;
  readonly json?: string;
}

const HELP = `
Compared at each sync point: registers, flags, FPSCR, S0 to S31 and the console, RAM at every 16th and at the
end; with the interpreter also cycles, instructions, lowest SP, fault registers, pending exceptions and the
timing state. The first difference is narrowed down to an instruction, or to the shortest stretch that shows
it. A program that ends in the same way on both, be it by a fault, is the same: exit code 0.

Files of --semihosting-dir are copied when first opened; nothing in the folder changes.

unicorn, qemu: an interpreter goes along as a guide, which is compared with both. These two have neither
m4lab's devices nor its exceptions: after an access to a device, an exception, semihosting, MRS, MSR, CPS,
LDREX, STREX, WFI or a hint they are given m4lab's result, which the summary counts as not checked. Cycles,
masks and CONTROL are not compared with them. unicorn needs the npm package koffi and libunicorn2; qemu needs
qemu-system-arm and --mcu mps2-an386.`;

const DEFAULT_STRETCH = 10_000;
/** Host time between two looks at the outside world. */
const SLICE_MS = 100;

export function registerLockstep(program: Command): void {
  const command = program
    .command('lockstep')
    .description('run an ELF translated and beside a witness, and find the first difference')
    .argument('<elf>', 'path of a linked Cortex-M4 ELF');
  addSemihostingOptions(command)
    .option('--mcu <name>', 'MCU profile: a name in profiles/mcu or a .json path', defaultMcu)
    .option(
      '--against <witness>',
      'interpreter, unicorn or qemu',
      choiceOption('--against', ['interpreter', 'unicorn', 'qemu']),
      'interpreter' as Against,
    )
    .option(
      '--stretch <n>',
      'instructions between two comparisons, on average',
      integerOption('--stretch', { min: 1, max: 1_000_000_000 }),
      DEFAULT_STRETCH,
    )
    .option('--until <n>', 'end well after so many instructions', integerOption('--until', { min: 1 }))
    .option(
      '--max-cycles <n>',
      'give up after so many core cycles (no limit)',
      integerOption('--max-cycles', { min: 1 }),
    )
    .option('--json <file|->', 'write the report as JSON; - for stdout, and then nothing else there')
    .addHelpText('after', HELP);
  addUartOptions(command).action(runLockstep);
}

/** The machine's options, anew for each machine, so that they share no input and no file. */
function optionsMaker(path: string, args: readonly string[], options: Options, flush: () => void) {
  const { files, input, ...semihosting } = semihostingOf(options, path, args, flush);
  const nextInput = input && sharedInput(input);
  const uart = readUartInput(options);
  return (): MachineOptions => ({
    ...uart,
    ...semihosting,
    ...(files && { files: new PrivateCopy(files) }),
    ...(nextInput && { input: nextInput() }),
  });
}

async function runLockstep(path: string, args: readonly string[], options: Options): Promise<void> {
  const mcu = readMcu(options.mcu);
  const { elf, bytes } = readElf(path);
  const { json } = options;
  if (json !== undefined && json !== STDOUT) requireWritable('--json', json);
  const console = new ConsoleStream(process.stdout);
  const kept: string[] = [];
  const next = optionsMaker(path, args, options, () => console.flush());
  const pair = new Pair(sideOf(mcu, elf, next()), sideOf(mcu, elf, { ...next(), translate: false }));
  const onConsole = (text: string): void => {
    if (json !== undefined) kept.push(text);
    if (json !== STDOUT) console.write(text);
  };
  const follower = await followerFor(options.against, mcu, path, pair.witness.machine);
  const follow = follower && new Follow(pair.witness.machine, follower);
  const lockstep =
    follow === undefined
      ? new Lockstep(pair, elf, options, onConsole)
      : new FollowedLockstep(pair, elf, options, follow, onConsole);
  const end = await toEnd(lockstep, () => console.settle()).finally(() => follow?.close());
  const { instructions, syncs } = lockstep;
  const report = lockstepReport({
    elf: { path, sha256: createHash('sha256').update(bytes).digest('hex') },
    mcu: mcu.name,
    against: options.against,
    ...outcomeOf({ machine: pair.subject.machine, instructions, syncs, follow }, end, elf),
    console: Buffer.from(kept.join(''), 'latin1').toString('utf8'),
  });
  process.exitCode = report.code;
  publish(report, json);
}

async function followerFor(
  against: Against,
  mcu: McuProfile,
  path: string,
  guide: Machine,
): Promise<Follower | undefined> {
  switch (against) {
    case 'interpreter':
      return undefined;
    case 'unicorn':
      return unicornFollower(guide);
    case 'qemu':
      return qemuFollower(mcu, path, guide);
  }
}

async function toEnd(
  lockstep: Lockstep | FollowedLockstep,
  settle: () => Promise<void>,
): Promise<LockstepEnd> {
  for (;;) {
    const until = Date.now() + SLICE_MS;
    while (Date.now() < until) {
      const end = await lockstep.step();
      if (end === undefined) continue;
      await settle();
      return end;
    }
    await settle();
    await turn();
  }
}

function publish(report: LockstepReport, json: string | undefined): void {
  if (json === STDOUT) process.stdout.write(jsonText(report));
  else if (json !== undefined) writeOutputFile('--json', json, jsonText(report));
  process.stderr.write(`${lockstepText(report).join('\n')}\n`);
}
