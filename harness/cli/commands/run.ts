/**
 * `m4lab run <elf>`: runs a program as on a board. Its console goes to stdout as it comes, one summary to
 * stderr when it ends, and its exit status becomes ours.
 */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Command } from 'commander';
import {
  type AllocatorNames,
  type ElfImage,
  faultReport,
  InternalError,
  Machine,
  type McuProfile,
  type MeasureOptions,
  type Stop,
  staticMemory,
  TRACE_HELP,
  UserError,
} from '../../../emulator/index.js';
import { energyFigure, energyOf } from '../../report/energy.js';
import { jsonText } from '../../report/json-text.js';
import { type RunReport, runReport, runText } from '../../report/run-report.js';
import { ConsoleStream } from '../console-stream.js';
import { exitCodes } from '../exit-codes.js';
import { allocatorOption, integerOption, numberOption } from '../option-values.js';
import { defaultMcu, readElf, readMcu } from '../read-input.js';
import { addSemihostingOptions, type SemihostingOptions, semihostingOf } from '../semihosting/options.js';
import { type TraceOptions, TraceRun } from '../trace-run.js';
import { addUartOptions, readUartInput, type UartOptions, unheardInput } from '../uart-input.js';
import { requireWritable, STDOUT, writeOutputFile } from '../write-output.js';

interface Options extends TraceOptions, SemihostingOptions, UartOptions {
  readonly mcu: string;
  readonly maxCycles?: number;
  readonly timeout?: number;
  readonly quiet?: boolean;
  readonly json?: string;
  readonly functions?: boolean;
  readonly measure: boolean;
  readonly stackLimit?: number;
  readonly allocator?: readonly AllocatorNames[];
}

/** Cycles between two looks at the outside world: at most about a fifth of a second of the host. */
const SLICE = 8_000_000;

export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .description('run an ELF; its console on stdout, a summary on stderr, its exit status')
    .argument('<elf>', 'path of a linked Cortex-M4 ELF');
  addSemihostingOptions(command)
    .option('--mcu <name>', 'MCU profile: a name in profiles/mcu or a .json path', defaultMcu)
    .option(
      '--max-cycles <n>',
      'stop after so many core cycles (no limit)',
      integerOption('--max-cycles', { min: 1 }),
    )
    .option(
      '--timeout <s>',
      'stop after so many seconds of the host (no limit)',
      numberOption('--timeout', { above: 0 }),
    )
    .option('--no-measure', 'neither stacks nor heap are measured: cycles alone, the fastest')
    .option('--functions', 'calls, cycles and stack of each function, by its symbol')
    .option(
      '--stack-limit <address>',
      'lowest address of the main stack (symbol __stack_limit or __StackLimit)',
      integerOption('--stack-limit', { min: 0, max: 0xffffffff }),
    )
    .option(
      '--allocator <allocate:release>',
      'a pair like malloc:free, as pvPortMalloc:vPortFree; may be given again',
      allocatorOption('--allocator'),
    )
    .option('--trace <file|->', 'a line an instruction; - for stdout, the console then to stderr')
    .option('--trace-start <where>', 'begin at a symbol, an address (0x...) or a cycle (at once)')
    .option(
      '--trace-lines <n>',
      'end the trace after so many lines, and run on (no limit)',
      integerOption('--trace-lines', { min: 1 }),
    )
    .option('--quiet', 'no summary')
    .option('--json <file|->', 'write the report as JSON; - for stdout, and then nothing else there')
    .addHelpText('after', `\nThe lines of --trace are ${TRACE_HELP}`);
  addUartOptions(command).action(runProgram);
}

async function runProgram(path: string, args: readonly string[], options: Options): Promise<void> {
  const mcu = readMcu(options.mcu);
  const { elf, bytes } = readElf(path);
  const { json, trace } = options;
  checkOutputs(options);
  const console = new ConsoleStream(trace === STDOUT ? process.stderr : process.stdout);
  const kept: string[] = [];
  const machine = new Machine(mcu, {
    ...readUartInput(options),
    ...measureOptions(options),
    ...semihostingOf(options, path, args, () => console.flush()),
    console: (text) => {
      if (json !== undefined) kept.push(text);
      if (json !== STDOUT) console.write(text);
    },
  });
  machine.load(elf);
  const tracing = trace === undefined ? undefined : new TraceRun(machine, elf, { ...options, trace });
  const { stop, limit } = await runToEnd(machine, options, tracing, () => console.settle());
  const report = runReport({
    elf: { path, sha256: createHash('sha256').update(bytes).digest('hex') },
    mcu: mcu.name,
    exit: exitOf(stop, limit, machine, elf),
    fault: faultReport(machine, elf, stop),
    ...measurements(machine, mcu, elf),
    notices: [...machine.notices(), ...unheardInput(machine, options)],
    functions: options.functions === true ? (machine.measurements?.functions() ?? null) : null,
    console: Buffer.from(kept.join(''), 'latin1').toString('utf8'),
  });
  process.exitCode = report.exit.code;
  const remark = tracing?.finish(report.exit.text);
  publish(report, options);
  if (remark !== undefined && options.quiet !== true) process.stderr.write(`m4lab: ${remark}\n`);
}

function checkOutputs({ json, trace, traceStart, traceLines }: Options): void {
  if (json !== undefined && json !== STDOUT) requireWritable('--json', json);
  if (trace === undefined && (traceStart !== undefined || traceLines !== undefined)) {
    const option = traceStart === undefined ? '--trace-lines' : '--trace-start';
    throw conflict(`${option} without --trace`, 'has nothing to narrow', 'add --trace FILE');
  }
  if (trace === undefined || trace !== json) return;
  const fix = 'give another path for one of them';
  throw conflict('--trace and --json', `must not both go to ${trace}`, fix);
}

function conflict(what: string, expected: string, fix: string): UserError {
  return new UserError({ code: 'option-conflict', what, expected, fix });
}

function measureOptions(options: Options): { readonly measure?: MeasureOptions } {
  const { measure, functions, stackLimit, allocator } = options;
  if (measure) {
    const limit = stackLimit === undefined ? {} : { stackLimit };
    const stacks = { heap: true, stacks: true, allocators: allocator ?? [], ...limit };
    return { measure: { functions: functions === true, ...stacks } };
  }
  for (const [name, value] of Object.entries({ functions, 'stack-limit': stackLimit, allocator })) {
    if (value !== undefined)
      throw conflict(`--${name} with --no-measure`, 'has nothing to say', 'leave one of them out');
  }
  return {};
}

/** In slices, so that the console flows and the host can interrupt; the guest does not notice them. */
async function runToEnd(
  machine: Machine,
  { maxCycles = Number.POSITIVE_INFINITY, timeout = Number.POSITIVE_INFINITY }: Options,
  tracing: TraceRun | undefined,
  settle: () => Promise<void>,
): Promise<{ readonly stop: Stop; readonly limit: string }> {
  const end = Date.now() + timeout * 1000;
  for (;;) {
    const slice = Math.min(maxCycles, machine.cycles + SLICE);
    const stop = machine.run(tracing?.until(slice) ?? { maxCycles: slice });
    await settle();
    if ((await tracing?.passed(stop)) === true) continue;
    if (stop.reason !== 'limit' || machine.cycles >= maxCycles) {
      return { stop, limit: 'the limit of --max-cycles was reached' };
    }
    if (Date.now() >= end) {
      return { stop, limit: `${timeout} seconds of host time were over, the limit of --timeout` };
    }
    await turn();
  }
}

function exitOf(stop: Stop, limit: string, machine: Machine, elf: ElfImage): RunReport['exit'] {
  if (stop.reason === 'exit') {
    const code = stop.code & 0xff;
    const masked = code === stop.code ? '' : `, ${code} as an exit code`;
    const text = `the program ended with status ${stop.code}${masked}`;
    return { reason: 'exit', code, status: stop.code, text, pc: null, function: null };
  }
  if (stop.reason === 'address') throw new InternalError('run stopped at an address that nobody asked for');
  const pc = 'pc' in stop ? stop.pc : machine.register(15);
  const { reason } = stop;
  const code = reason === 'limit' || reason === 'idle' ? exitCodes.limitReached : exitCodes.guestFault;
  const text = stop.reason === 'limit' ? limit : `${reason}: ${stop.text}`;
  return { reason, code, status: null, text, pc, function: placeIn(elf, pc) };
}

function placeIn(elf: ElfImage, pc: number): string | null {
  const symbol = elf.symbolAt(pc);
  return symbol === undefined ? null : `${symbol.name}+0x${(pc - symbol.address).toString(16)}`;
}

function measurements(machine: Machine, mcu: McuProfile, elf: ElfImage) {
  const { flashBytes, staticBytes } = staticMemory(elf);
  const stacks = machine.measurements?.stacks() ?? [];
  const heap = machine.measurements?.heap() ?? null;
  return {
    timingModel: machine.timingModel,
    instructions: machine.instructions,
    cycles: machine.cycles,
    clockHz: mcu.clocks.resetHz,
    finalClockHz: machine.coreHertz,
    seconds: machine.seconds,
    energy: energyOf(energyFigure(mcu), machine.cycles),
    unmodelled: machine.unmodelled(),
    memory: { flashBytes, staticBytes, stacks, heapPeakBytes: heap?.peakBytes ?? null, heap },
  };
}

function publish(report: RunReport, { json, quiet }: Options): void {
  if (json === STDOUT) process.stdout.write(jsonText(report));
  else if (json !== undefined) writeOutputFile('--json', json, jsonText(report));
  if (quiet !== true) process.stderr.write(`${runText(report).join('\n')}\n`);
}
