/** qRcmd: gdb's `monitor`, whose commands are the target's. */
import { type Command, INVALID, OK } from '../command.js';
import { bytesOf, bytesOfHex, hexOf, textOf } from '../packet.js';
import type { Target } from '../target.js';

function helpOf(target: Target): string {
  const commands = target.monitor ?? [];
  const width = Math.max(...commands.map(({ name }) => name.length));
  return commands.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join('');
}

function answer(line: string, target: Target): string {
  const [name = '', ...rest] = line.trim().split(/\s+/);
  if (name === 'help' || name === '') return helpOf(target);
  const command = target.monitor?.find((known) => known.name === name);
  if (command !== undefined) return command.run(rest.join(' '));
  return `m4lab: no monitor command ${JSON.stringify(name)}; "monitor help" lists them\n`;
}

export const monitorCommands: readonly Command[] = [
  {
    prefix: 'qRcmd,',
    offered: ({ monitor }) => monitor !== undefined,
    handle: (args, { target }) => {
      const bytes = bytesOfHex(args);
      if (bytes === undefined) return INVALID;
      const text = answer(textOf(bytes), target);
      return text === '' ? OK : hexOf(bytesOf(text));
    },
  },
];
