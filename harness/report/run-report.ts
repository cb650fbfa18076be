/**
 * The report of `m4lab run`: what became of one program on one MCU, for programs (schema `m4lab.run/1`) and
 * for people. Fields are added later, never changed or removed without a new number. run.schema.json beside
 * this file is the same schema for others.
 */
import { z } from 'zod';
import { count } from '../measure/checks.js';

export const RUN_SCHEMA = 'm4lab.run/1';

const natural = z.int().nonnegative();

const exit = z.object({
  reason: z
    .enum(['exit', 'limit', 'fault', 'lockup', 'unmodelled', 'idle'])
    .describe(
      'exit: the program ended itself; limit: --max-cycles; fault: its fault handler only loops; ' +
        'lockup: no handler could take a fault; unmodelled: an instruction or register that m4lab lacks; ' +
        'idle: asleep for ever',
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

const memory = z
  .object({
    flashBytes: natural.describe("Bytes that the ELF programs, .data's image included"),
    staticBytes: natural.describe('.data and .bss'),
    stacks: z
      .array(z.object({ name: z.string(), peakBytes: natural }))
      .describe('Start less the lowest value the stack pointer ever held, exception frames included'),
    heapPeakBytes: natural.nullable().describe('null: not measured'),
  })
  .describe('Bytes');

export const runSchema = z.object({
  schema: z.literal(RUN_SCHEMA),
  elf: z.object({ path: z.string(), sha256: z.string() }),
  mcu: z.string(),
  timingModel: z.string(),
  exit,
  instructions: natural.describe('Retired'),
  cycles: natural.describe('Core cycles by the timing model named above; unverified on silicon'),
  clockHz: natural.describe("The MCU's core clock at reset"),
  seconds: z.number().nonnegative().describe('cycles / clockHz'),
  memory,
  console: z.string().describe("The program's output, read as UTF-8"),
});

export type RunReport = z.output<typeof runSchema>;

/** Everything of a report but what follows from the rest. */
export type RunFacts = Omit<RunReport, 'schema' | 'seconds'>;

export function runReport(facts: RunFacts): RunReport {
  return runSchema.parse({ schema: RUN_SCHEMA, ...facts, seconds: facts.cycles / facts.clockHz });
}

/** JSON Schema (draft 2020-12) of the report. */
export function runJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(runSchema);
}

/** The lines of the summary, without line ends. */
export function runText(report: RunReport): string[] {
  const { exit, elf, mcu, instructions, cycles, clockHz, memory } = report;
  const stacks = memory.stacks.map(({ name, peakBytes }) => `${name} ${count(peakBytes)}`).join(', ');
  return [
    `m4lab: ${exit.text}`,
    ...(exit.pc === null ? [] : [line('at', place(exit.pc, exit.function))]),
    line('program', `${elf.path} on ${mcu}`),
    line('instructions', count(instructions)),
    line('cycles', `${count(cycles)}, timing model ${report.timingModel}, unverified on silicon`),
    line('time', `${duration(report.seconds)} at ${clockHz / 1e6} MHz, the clock at reset`),
    line('memory', `flash ${count(memory.flashBytes)}, static ${count(memory.staticBytes)} bytes`),
    line('stack peak', `${stacks} bytes`),
  ];
}

function place(pc: number, symbol: string | null): string {
  const address = `0x${pc.toString(16).padStart(8, '0')}`;
  return symbol === null ? address : `${address}, ${symbol}`;
}

function duration(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(3)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(3)} ms` : `${(seconds * 1e6).toFixed(2)} us`;
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(13)} ${text}`;
}
