/**
 * `m4lab lockstep <elf>`: runs a program as `run` does, and beside it a witness, and compares the two as they
 * go. A check of m4lab itself: the program's own exit status does not pass through.
 */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Command } from 'commander';
import {
  type ElfImage,
  Machine,
  type MachineOptions,
  type McuProfile,
  sourceLines,
} from '../../../emulator/index.js';
import { stopText } from '../../lockstep/difference.js';
import { Lockstep, type LockstepEnd } from '../../lockstep/lockstep.js';
import type { Finding } from '../../lockstep/narrow.js';
import { Pair, type Side } from '../../lockstep/pair.js';
import { jsonText } from '../../report/json-text.js';
import { type LockstepReport, lockstepReport, lockstepText } from '../../report/lockstep-report.js';
import { ConsoleStream } from '../console-stream.js';
import { exitCodes } from '../exit-codes.js';
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
    .option('--json <file|->', 'write the report as JSON; - for stdout, and then nothing else there');
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

function sideOf(mcu: McuProfile, elf: ElfImage, options: MachineOptions): Side {
  let printed = '';
  const machine = new Machine(mcu, {
    ...options,
    console: (text) => {
      printed += text;
    },
  });
  machine.load(elf);
  const takeConsole = (): string => {
    const text = printed;
    printed = '';
    return text;
  };
  return { machine, takeConsole };
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
  const lockstep = new Lockstep(pair, elf, options, (text) => {
    if (json !== undefined) kept.push(text);
    if (json !== STDOUT) console.write(text);
  });
  const end = await toEnd(lockstep, () => console.settle());
  const report = lockstepReport({
    elf: { path, sha256: createHash('sha256').update(bytes).digest('hex') },
    mcu: mcu.name,
    against: options.against,
    ...outcome(end, options),
    ...figures(lockstep, end),
    difference: end.kind === 'different' ? findingOf(end.finding, elf) : null,
    console: Buffer.from(kept.join(''), 'latin1').toString('utf8'),
  });
  process.exitCode = report.code;
  publish(report, json);
}

async function toEnd(lockstep: Lockstep, settle: () => Promise<void>): Promise<LockstepEnd> {
  for (;;) {
    const until = Date.now() + SLICE_MS;
    while (Date.now() < until) {
      const end = lockstep.step();
      if (end === undefined) continue;
      await settle();
      return end;
    }
    await settle();
    await turn();
  }
}

function outcome(end: LockstepEnd, options: Options): Pick<LockstepReport, 'result' | 'code' | 'text'> {
  switch (end.kind) {
    case 'ended':
      return { result: 'same', code: exitCodes.good, text: `the same, to the end: ${stopText(end.stop)}` };
    case 'until':
      return { result: 'same', code: exitCodes.good, text: 'the same, as far as --until asked' };
    case 'limit':
      return {
        result: 'limit',
        code: exitCodes.limitReached,
        text: 'the same, up to the limit of --max-cycles',
      };
    case 'different':
      return {
        result: 'different',
        code: exitCodes.checkFailed,
        text: `translated code and the ${options.against} differ`,
      };
  }
}

/** What the machine says of itself, where it does. */
function translatedInstructions({ core }: Machine): number | null {
  const { executor } = core as { readonly executor?: { readonly translatedInstructions?: number } };
  return executor?.translatedInstructions ?? null;
}

function figures(lockstep: Lockstep, end: LockstepEnd) {
  const { machine } = lockstep.pair.subject;
  return {
    instructions: end.kind === 'different' ? end.finding.from : lockstep.instructions,
    cycles: machine.cycles,
    syncPoints: lockstep.syncs,
    translatedInstructions: translatedInstructions(machine),
    compared: 'registers, flags, FP, RAM, console; cycles, lowest SP, timing state, fault registers',
    notCompared: null,
    notChecked: [],
  };
}

function findingOf(finding: Finding, elf: ElfImage): LockstepReport['difference'] {
  const { instruction, ...rest } = finding;
  const found = instruction && sourceLines(elf, [instruction.address]).get(instruction.address);
  const line = found === undefined || found === null ? null : `${found.file}:${found.line}`;
  return {
    ...rest,
    subject: 'translated code',
    witness: 'the interpreter',
    differences: [...rest.differences],
    before: [...rest.before],
    stretch: [...rest.stretch],
    instruction: instruction && { ...instruction, line },
  };
}

function publish(report: LockstepReport, json: string | undefined): void {
  if (json === STDOUT) process.stdout.write(jsonText(report));
  else if (json !== undefined) writeOutputFile('--json', json, jsonText(report));
  process.stderr.write(`${lockstepText(report).join('\n')}\n`);
}
