/** The options by which a command gives a program files, console input and arguments. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { type MachineOptions, UserError } from '../../../emulator/index.js';
import { FolderFiles } from './folder-files.js';
import { inputSource } from './stdin-source.js';

export interface SemihostingOptions {
  readonly semihostingDir?: string;
  readonly stdin?: string;
}

export function addSemihostingOptions(command: Command): Command {
  return command
    .argument('[arguments...]', "the program's own, after --: SYS_GET_CMDLINE gives them to it")
    .option('--semihosting-dir <folder>', 'files that the program may open: those in this folder (none)')
    .option(
      '--stdin <file|->',
      "what the program reads from its console; - for this command's own (nothing)",
    );
}

/**
 * @param elf path of the program, whose name is the first word of its command line
 * @param beforeInput called before the host's standard input is waited for
 */
export function semihostingOf(
  { semihostingDir, stdin }: SemihostingOptions,
  elf: string,
  programArguments: readonly string[],
  beforeInput: () => void = () => undefined,
): Pick<MachineOptions, 'commandLine' | 'files' | 'input'> {
  return {
    commandLine: [basename(elf), ...programArguments].map(quoted).join(' '),
    ...(semihostingDir === undefined ? {} : { files: new FolderFiles('--semihosting-dir', semihostingDir) }),
    ...(stdin === undefined ? {} : { input: inputSource(stdin, beforeInput) }),
  };
}

/** As newlib's start-up code takes the line apart: at white space, outside quotes of either kind. */
function quoted(word: string): string {
  const bytes = Buffer.from(word, 'utf8').toString('latin1');
  if (word !== '' && !/[\s"']/.test(word)) return bytes;
  const quote = ['"', "'"].find((mark) => !word.includes(mark));
  if (quote !== undefined) return `${quote}${bytes}${quote}`;
  throw new UserError({
    code: 'argument-quotes',
    what: `argument ${JSON.stringify(word)}`,
    expected: 'must not have both kinds of quotes: a semihosting command line has no way to write it',
    fix: 'leave one kind out',
  });
}
