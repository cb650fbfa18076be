/** The program `m4lab`: joins the commands, and turns what they throw into one message and an exit code. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { packagePath } from '../data/package-root.js';
import { exitCodesHelp } from './exit-codes.js';
import { reportError } from './report-error.js';

type Register = (program: Command) => void;

/**
 * In the order of --help. A command is one file in commands/ that registers itself; it is loaded only when it
 * is the one that runs, or when all are to be listed.
 */
const commands: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['run', async () => (await import('./commands/run.js')).registerRun],
  ['info', async () => (await import('./commands/info.js')).registerInfo],
  ['gdb', async () => (await import('./commands/gdb.js')).registerGdb],
  ['disasm', async () => (await import('./commands/disasm.js')).registerDisasm],
  ['lockstep', async () => (await import('./commands/lockstep.js')).registerLockstep],
  ['validate', async () => (await import('./commands/validate.js')).registerValidate],
  ['pretrain', async () => (await import('./commands/pretrain.js')).registerPretrain],
  ['calibrate', async () => (await import('./commands/calibrate.js')).registerCalibrate],
]);

function packageVersion(): string {
  const text = readFileSync(packagePath('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The command that the first argument names, or all of them. */
function neededCommands(first = ''): Promise<Register[]> {
  const named = commands.get(first);
  return Promise.all(named === undefined ? [...commands.values()].map((load) => load()) : [named()]);
}

async function buildProgram(version: string): Promise<Command> {
  const program = new Command('m4lab')
    .description('Runs Cortex-M4 training firmware without a board: cycles, memory and bits')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError()
    .addHelpText('afterAll', exitCodesHelp);
  for (const register of await neededCommands(process.argv[2])) register(program);
  return program;
}

async function main(): Promise<void> {
  const version = packageVersion();
  try {
    const program = await buildProgram(version);
    await program.parseAsync(process.argv);
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
