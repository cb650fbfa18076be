/** --uart-input and --uart-pause: what a program's UARTs receive, from files of the user's. */
import type { Command } from 'commander';
import { type Machine, type MachineOptions, type Notice, UserError } from '../../emulator/index.js';
import { integerOption, optionError } from './option-values.js';
import { readInputFile } from './read-input.js';

/** Values of the two options, as commander leaves them. */
export interface UartOptions {
  readonly uartInput?: readonly UartFile[];
  readonly uartPause?: number;
}

interface UartFile {
  readonly name: string;
  readonly path: string;
}

/** Ten seconds at 115,200 baud. */
const LONGEST_PAUSE = 115_200;

/** Adds the two to a command that runs a program. */
export function addUartOptions(command: Command): Command {
  return command
    .option(
      '--uart-input <uart=file>',
      'bytes that a UART receives, as LPUART1=keys.txt; may be given again',
      uartFileOption('--uart-input'),
    )
    .option(
      '--uart-pause <n>',
      'character times of silence before each of those bytes (0: back to back)',
      integerOption('--uart-pause', { min: 0, max: LONGEST_PAUSE }),
    );
}

function uartFileOption(option: string) {
  return (text: string, before: readonly UartFile[] = []): UartFile[] => {
    const [, name, path] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || path === undefined) {
      const rule = 'must be a UART of the MCU, "=" and a path';
      throw optionError(option, text, rule, `give for example ${option} LPUART1=keys.txt`);
    }
    if (before.some((other) => other.name === name)) {
      throw optionError(option, text, `must name each UART once`, `join the files for ${name} into one`);
    }
    return [...before, { name, path }];
  };
}

/** @throws UserError when a file cannot be read */
export function readUartInput({ uartInput = [], uartPause = 0 }: UartOptions): MachineOptions {
  if (uartInput.length === 0 && uartPause > 0) {
    throw new UserError({
      code: 'option-alone',
      what: 'option --uart-pause',
      expected: 'goes with --uart-input',
      fix: 'give --uart-input, or leave --uart-pause out',
    });
  }
  const bytes = uartInput.map(({ name, path }) => [name, readInputFile(path, `the input of ${name}`)]);
  return { uartInput: Object.fromEntries(bytes), uartPause };
}

/** A notice for each UART whose input did not all arrive. */
export function unheardInput(machine: Machine, { uartInput = [] }: UartOptions): Notice[] {
  return uartInput.flatMap(({ name, path }) => {
    const { waiting } = machine.uart(name);
    const text = `${name} was still to receive ${waiting} bytes of ${path} when the program ended`;
    return waiting === 0 ? [] : [{ code: 'uart-input-left', text, count: 1 }];
  });
}
