/**
 * `m4lab gdb <elf>`: loads a program and waits for a debugger, at the program's first instruction. Its
 * console goes to the debugger's.
 */
import type { Command } from 'commander';
import { Machine } from '../../../emulator/index.js';
import { openPort, serve } from '../gdb/gdb-server.js';
import { machineTarget } from '../gdb/machine-target.js';
import { integerOption } from '../option-values.js';
import { defaultMcu, readElf, readMcu } from '../read-input.js';
import { addSemihostingOptions, type SemihostingOptions, semihostingOf } from '../semihosting/options.js';
import { WorkingCopy } from '../semihosting/working-copy.js';
import { addUartOptions, readUartInput, type UartOptions } from '../uart-input.js';

interface Options extends SemihostingOptions, UartOptions {
  readonly mcu: string;
  readonly port: number;
  readonly once?: boolean;
}

/** OpenOCD's, which configurations for hardware already name. */
const DEFAULT_PORT = 3333;
const LAST_PORT = 65535;

export function registerGdb(program: Command): void {
  const command = program
    .command('gdb')
    .description('load an ELF and wait for gdb on 127.0.0.1; in gdb: target remote :3333')
    .argument('<elf>', 'path of a linked Cortex-M4 ELF');
  addSemihostingOptions(command)
    .option('--mcu <name>', 'MCU profile: a name in profiles/mcu or a .json path', defaultMcu)
    .option(
      '--port <n>',
      'TCP port on 127.0.0.1; 0 for any that is free',
      integerOption('--port', { min: 0, max: LAST_PORT }),
      DEFAULT_PORT,
    )
    .option('--once', 'end when the first debugger leaves');
  addUartOptions(command).action(debugProgram);
}

async function debugProgram(path: string, args: readonly string[], options: Options): Promise<void> {
  const mcu = readMcu(options.mcu);
  const { elf } = readElf(path);
  let write: ((text: string) => void) | undefined;
  const { files, ...semihosting } = semihostingOf(options, path, args);
  const machine = new Machine(mcu, {
    ...readUartInput(options),
    ...semihosting,
    ...(files && {
      files: new WorkingCopy(files, (name) => write?.(`m4lab: ${name} could not be put back\n`)),
    }),
    console: (text) => {
      if (!again()) write?.(text);
    },
  });
  machine.load(elf);
  const { target, again } = machineTarget(machine);
  const { server, port } = await openPort(options.port);
  process.stdout.write(`m4lab: ${path} on ${mcu.name}; in gdb: target remote 127.0.0.1:${port}\n`);
  await serve(server, {
    target,
    once: options.once === true,
    onConsole: (next) => {
      write = next;
    },
  });
}
