#!/usr/bin/env node
/** The program `m4lab`: joins the commands, and turns what they throw into one message and an exit code. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { packagePath } from '../data/package-root.js';
import { registerCalibrate } from './commands/calibrate.js';
import { registerDisasm } from './commands/disasm.js';
import { registerGdb } from './commands/gdb.js';
import { registerInfo } from './commands/info.js';
import { registerLockstep } from './commands/lockstep.js';
import { registerPretrain } from './commands/pretrain.js';
import { registerRun } from './commands/run.js';
import { registerValidate } from './commands/validate.js';
import { exitCodesHelp } from './exit-codes.js';
import { reportError } from './report-error.js';

/** In the order of --help. A command is one file in commands/ that registers itself. */
const commands: readonly ((program: Command) => void)[] = [
  registerRun,
  registerInfo,
  registerGdb,
  registerDisasm,
  registerLockstep,
  registerValidate,
  registerPretrain,
  registerCalibrate,
];

function packageVersion(): string {
  const text = readFileSync(packagePath('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function buildProgram(version: string): Command {
  const program = new Command('m4lab')
    .description('Runs Cortex-M4 training firmware without a board: cycles, memory and bits')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError()
    .addHelpText('afterAll', exitCodesHelp);
  for (const register of commands) register(program);
  return program;
}

async function main(): Promise<void> {
  const version = packageVersion();
  try {
    await buildProgram(version).parseAsync(process.argv);
  } catch (error) {
    const { text, exitCode } = reportError(error, version);
    process.stderr.write(text);
    process.exitCode = exitCode;
  }
}

/** A reader that has seen enough (`m4lab info x.elf | head -1`) closes the pipe; that is no error. */
function endWhenPipeCloses(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

endWhenPipeCloses(process.stdout);
endWhenPipeCloses(process.stderr);
await main();
