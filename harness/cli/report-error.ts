/**
 * The one place where an error becomes text and an exit code: what the user can mend is one sentence,
 * anything else is a bug of ours and is shown whole.
 */
import { CommanderError } from 'commander';
import { UserError } from '../../emulator/index.js';
import { exitCodes } from './exit-codes.js';

export interface ErrorReport {
  /** Complete text for stderr, with its line end; empty when commander has already said everything. */
  readonly text: string;
  readonly exitCode: number;
}

/** @param version m4lab's own, for bug reports */
export function reportError(error: unknown, version: string): ErrorReport {
  if (error instanceof UserError) return { text: `m4lab: ${error.message}\n`, exitCode: exitCodes.badInput };
  if (error instanceof CommanderError) return reportUsage(error);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const platform = `${process.platform}-${process.arch}`;
  const text = [
    'm4lab: this is a bug in m4lab, not in your input; please report it with the command line,',
    `the ELF and the lines below (m4lab ${version}, Node ${process.version}, ${platform})`,
    detail,
    '',
  ].join('\n');
  return { text, exitCode: exitCodes.checkFailed };
}

function reportUsage(error: CommanderError): ErrorReport {
  if (error.exitCode === 0) return { text: '', exitCode: exitCodes.good };
  if (error.code === 'commander.help') return { text: '', exitCode: exitCodes.badInput };
  const sentence = error.message
    .replace(/^error: /, '')
    .replace(/\.?\n\(Did you mean ([^)]*)\)$/, '; did you mean $1')
    .replace(/\.$/, '')
    .replace('. Expected', ': expected');
  const fix = sentence.includes('did you mean')
    ? ''
    : '; `m4lab --help` lists commands, `m4lab COMMAND --help` options';
  return { text: `m4lab: ${sentence}${fix}\n`, exitCode: exitCodes.badInput };
}
