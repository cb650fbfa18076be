/**
 * The report of `m4lab run`: what became of one program on one MCU, for programs (schema `m4lab.run/1`) and
 * for people. Fields are added later, never changed or removed without a new number. run.schema.json beside
 * this file is the same schema for others.
 */
import * as z from 'zod';
import { count } from '../measure/checks.js';
import { energySchema, estimateText } from './energy.js';
import { faultSchema } from './fault-schema.js';
import { faultText } from './fault-text.js';
import { chainText, folded, line, place } from './summary-line.js';

export const RUN_SCHEMA = 'm4lab.run/1';

const natural = z.int().nonnegative();

const exit = z.object({
  reason: z
    .enum(['exit', 'limit', 'fault', 'lockup', 'unmodelled', 'idle', 'stack-overflow'])
    .describe(
      'exit: the program ended itself; limit: --max-cycles or --timeout; ' +
        'fault: its fault handler only loops; lockup: no handler could take a fault; ' +
        'unmodelled: an instruction or register that m4lab lacks; ' +
        'idle: asleep for ever; stack-overflow: a stack went below its limit',
    ),
  code: z.int().min(0).max(255).describe('Exit code of m4lab run: for exit the status masked to 8 bits'),
  status: z
    .int()
    .nullable()
    .describe("The program's own status, 32 bits signed; null: it did not end itself"),
  text: z.string().describe('The same in a sentence'),
  pc: natural.nullable().describe('Address of the instruction it ended at; null for exit'),
  function: z.string().nullable().describe('Symbol and offset of pc: "main+0x12"; null where no symbol is'),
});

const chain = z.array(z.string()).describe('Functions, the outermost first');

const stack = z.object({
  name: z.string().describe('main; of another the object it lies in, or process'),
  peakBytes: natural.describe('Start less the lowest value SP ever held, exception frames included'),
  chain: chain.describe('The functions at the peak, the outermost first'),
  writtenBytes: natural
    .nullable()
    .describe('Start less the lowest byte written, as painting shows; null: nothing says where it ends'),
});

const heap = z.object({
  peakBytes: natural.nullable().describe('Most that was live at once; null: the program has _sbrk alone'),
  liveBytes: natural.describe('Never freed'),
  liveBlocks: natural,
  allocations: natural,
  frees: natural,
  failures: natural.describe('Requests answered with a null pointer'),
  breakPeakBytes: natural.nullable().describe('Taken from the system by _sbrk; null: no such function'),
  errors: z.array(
    z.object({
      kind: z.enum(['double-free', 'wild-free']),
      address: natural.describe('What was given to free or realloc'),
      pc: natural.describe('Where the call returns to'),
      chain,
    }),
  ),
});

const memory = z
  .object({
    flashBytes: natural.describe("Bytes that the ELF programs, .data's image included"),
    staticBytes: natural.describe('.data and .bss'),
    stacks: z.array(stack),
    heapPeakBytes: natural.nullable().describe('heap.peakBytes; null: no malloc or other known allocator'),
    heap: heap.nullable().describe('As asked for by the program, outermost calls; null: no allocator'),
  })
  .describe('Bytes');

const functionUse = z.object({
  name: z.string(),
  address: natural.nullable().describe('Null for code outside every function'),
  calls: natural,
  inclusiveCycles: natural.describe('With what it called; recursion counted once, interrupts not at all'),
  exclusiveCycles: natural.describe('Those of all functions add up to cycles'),
  peakStackBytes: natural.describe('Below its SP on entry, with what it called, without exception frames'),
  interrupt: z.boolean().describe("An exception's handler; its cycles include those of entry and return"),
});

const unmodelledUse = z
  .object({
    address: natural,
    name: z.string().describe('Register, register and bits, or the address where there is no device'),
    pc: natural.describe('Address of the first instruction that did it'),
    count: natural,
    access: z.enum(['read', 'write']),
  })
  .describe('Reads gave 0, writes were ignored');

const notice = z.object({
  code: z.string().describe('Stable: flash-latency, clock-off, watchdog-reset...'),
  text: z.string(),
  count: natural,
});

export const runSchema = z.object({
  schema: z.literal(RUN_SCHEMA),
  elf: z.object({ path: z.string(), sha256: z.string() }),
  mcu: z.string(),
  timingModel: z.string(),
  exit,
  fault: faultSchema
    .nullable()
    .describe('Null: nothing went wrong. An exit or a limit inside the handler of a fault has one'),
  instructions: natural.describe('Retired'),
  cycles: natural.describe('Core cycles by the timing model named above; unverified on silicon'),
  clockHz: natural.describe("The MCU's core clock at reset"),
  finalClockHz: z.number().nonnegative().describe('The core clock at the end, as the program set it'),
  seconds: z.number().nonnegative().describe('By the core clock, with each of its changes'),
  energy: energySchema.nullable().describe('Null: the profile has no figure'),
  memory,
  functions: z
    .array(functionUse)
    .nullable()
    .describe('By falling exclusiveCycles; null: --functions was not given'),
  unmodelled: z
    .array(unmodelledUse)
    .describe('Registers and bits that the program used and m4lab lacks, in order of first use'),
  notices: z.array(notice).describe('What else its author should know'),
  console: z.string().describe("The program's output, read as UTF-8"),
});

export type RunReport = z.output<typeof runSchema>;

/** Everything of a report but its name. */
export type RunFacts = Omit<RunReport, 'schema'>;

export function runReport(facts: RunFacts): RunReport {
  // Once in a run: not worth a compiled reader.
  return runSchema.parse({ schema: RUN_SCHEMA, ...facts }, { jitless: true });
}

/** JSON Schema (draft 2020-12) of the report. */
export function runJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(runSchema);
}

/** The lines of the summary, without line ends. @param mostFunctions rows of the table of functions */
export function runText(report: RunReport, mostFunctions = 20): string[] {
  const { exit, elf, mcu, instructions, cycles, memory } = report;
  return [
    `m4lab: ${exit.text}`,
    ...(exit.pc === null ? [] : [line('at', place(exit.pc, exit.function))]),
    ...(report.fault === null ? [] : faultText(report.fault, exit.text)),
    line('program', `${elf.path} on ${mcu}`),
    line('instructions', count(instructions)),
    line('cycles', `${count(cycles)}, timing model ${report.timingModel}, unverified on silicon`),
    line('time', `${duration(report.seconds)} at ${clockText(report)}`),
    ...energyLines(report.energy),
    line('memory', `flash ${count(memory.flashBytes)}, static ${count(memory.staticBytes)} bytes`),
    ...stackText(memory.stacks),
    ...heapText(memory.heap),
    ...report.notices.map(({ code, text, count: times }) => line(code, `${text}${often(times)}`)),
    ...report.unmodelled.map((use) => line('unmodelled', unmodelledText(use))),
    ...functionText(report, mostFunctions),
  ];
}

function energyLines(energy: RunReport['energy']): string[] {
  if (energy === null) return [];
  return [line('energy', estimateText(energy))];
}

function clockText({ clockHz, finalClockHz }: RunReport): string {
  const reset = `${clockHz / 1e6} MHz`;
  return clockHz === finalClockHz
    ? `${reset}, the clock at reset`
    : `${reset}, ${finalClockHz / 1e6} MHz at the end`;
}

const often = (times: number): string => (times === 1 ? '' : `, ${count(times)} times`);

function unmodelledText({ name, access, pc, count: times }: RunReport['unmodelled'][number]): string {
  return `${access} of ${name} at ${place(pc, null)}${often(times)}`;
}

function stackText(stacks: RunReport['memory']['stacks']): string[] {
  const peaks = stacks.map(({ name, peakBytes }) => `${name} ${count(peakBytes)}`);
  const parts = peaks.map((text, k) => (k < peaks.length - 1 ? `${text},` : `${text} bytes`));
  return [
    ...folded('stack peak', parts),
    ...stacks.flatMap(({ name, chain: names }) => chainText(`  ${name}`, names)),
  ];
}

function heapText(heap: RunReport['memory']['heap']): string[] {
  if (heap === null) return [];
  const { peakBytes, liveBytes, breakPeakBytes, errors } = heap;
  const taken = breakPeakBytes === null ? '' : `, ${count(breakPeakBytes)} from the system`;
  const peak = peakBytes === null ? 'unknown' : count(peakBytes);
  return [
    line('heap peak', `${peak} bytes${taken}, ${count(liveBytes)} live at the end`),
    ...errors.flatMap(({ kind, address, chain: names }) =>
      chainText(kind, names, `${place(address, null)}: `),
    ),
  ];
}

function functionText({ functions, cycles }: RunReport, most: number): string[] {
  if (functions === null) return [];
  const shown = functions.slice(0, most);
  const row = (cells: readonly string[], name: string): string =>
    `  ${cells.map((cell) => cell.padStart(15)).join('')}  ${name}`;
  const left = functions.length - shown.length;
  return [
    row(['own cycles', '%', 'with calls', 'calls', 'stack'], 'function'),
    ...shown.map((use) => {
      const share = ((100 * use.exclusiveCycles) / Math.max(cycles, 1)).toFixed(2);
      const figures = [use.inclusiveCycles, use.calls, use.peakStackBytes].map(count);
      const name = use.interrupt ? `${use.name} (interrupt)` : use.name;
      return row([count(use.exclusiveCycles), share, ...figures], name);
    }),
    ...(left > 0 ? [`  ${left} more ${left === 1 ? 'function' : 'functions'}: see --json`] : []),
  ];
}

function duration(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(3)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(3)} ms` : `${(seconds * 1e6).toFixed(2)} us`;
}
