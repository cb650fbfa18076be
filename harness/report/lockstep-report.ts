/**
 * The report of `m4lab lockstep`: is a program's run the same on a machine and on its witness, and where is
 * it not. For programs (schema `m4lab.lockstep/1`; lockstep.schema.json beside this file is the same for
 * others) and for people.
 */
import * as z from 'zod';
import { count } from '../measure/checks.js';
import { folded, line, place } from './summary-line.js';

export const LOCKSTEP_SCHEMA = 'm4lab.lockstep/1';

const natural = z.int().nonnegative();

const difference = z.object({
  what: z.string().describe('A register, memory[address], console, or how it stopped'),
  subject: z.string().describe('On the machine that is checked'),
  witness: z.string(),
});

const instruction = z.object({
  address: natural,
  text: z.string().describe('As objdump writes it'),
  place: z.string().nullable().describe('Function and offset; null where no symbol is'),
  line: z.string().nullable().describe('Source file and line; null where the ELF does not say'),
});

const finding = z.object({
  subject: z.string().describe('Which of the two that differ is checked: translated or interpreted code'),
  witness: z.string(),
  from: natural.describe('Instructions retired before the shortest stretch that shows it'),
  to: natural.describe('And after it; one more when a single instruction shows it'),
  recurs: z.boolean().describe('False: it did not happen again from the moment before'),
  translated: natural
    .nullable()
    .describe('Instructions of the stretch that ran as translated code; null: not known'),
  instruction: instruction.nullable().describe('The one that did it; null: one of several'),
  differences: z.array(difference),
  before: z.array(z.string()).describe('What ran before it, as lines of m4lab.trace/1'),
  stretch: z.array(z.string()).describe('The stretch, on the interpreter, in the same form'),
});

export const lockstepSchema = z.object({
  schema: z.literal(LOCKSTEP_SCHEMA),
  elf: z.object({ path: z.string(), sha256: z.string() }),
  mcu: z.string(),
  against: z.enum(['interpreter', 'unicorn', 'qemu']),
  result: z
    .enum(['same', 'different', 'limit'])
    .describe('same: to the end, or as far as --until asked; limit: as far as --max-cycles allowed'),
  code: z.int().min(0).max(255).describe('Exit code of m4lab lockstep'),
  text: z.string().describe('How it ended, in a sentence'),
  instructions: natural.describe('Retired, and the same'),
  cycles: natural,
  syncPoints: natural.describe('Times at which all was compared'),
  translatedInstructions: natural.describe('Of them run as translated code'),
  compared: z.string(),
  notCompared: z.string().nullable(),
  checkedByWitness: natural
    .nullable()
    .describe('Instructions that Unicorn or QEMU ran by itself; null: neither was asked'),
  notChecked: z
    .array(z.object({ why: z.string(), instructions: natural }))
    .describe('Instructions whose result the witness was given'),
  difference: finding.nullable(),
  console: z.string().describe("The program's output, read as UTF-8"),
});

export type LockstepReport = z.output<typeof lockstepSchema>;

export function lockstepReport(facts: Omit<LockstepReport, 'schema'>): LockstepReport {
  return lockstepSchema.parse({ schema: LOCKSTEP_SCHEMA, ...facts });
}

/** JSON Schema (draft 2020-12) of the report. */
export function lockstepJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(lockstepSchema);
}

/** The lines of the summary, without line ends. */
export function lockstepText(report: LockstepReport): string[] {
  const { elf, mcu, instructions, syncPoints, translatedInstructions, notChecked } = report;
  const { against, checkedByWitness } = report;
  return [
    `m4lab: ${report.text}`,
    ...findingText(report.difference),
    line('program', `${elf.path} on ${mcu}`),
    line('the same', `${count(instructions)} instructions, compared at ${count(syncPoints)} sync points`),
    line('translated', `${count(translatedInstructions)} of the instructions`),
    ...(checkedByWitness === null
      ? []
      : [line('checked', `${count(checkedByWitness)} instructions by ${against}`)]),
    ...folded('compared', report.compared.split(' ')),
    ...(report.notCompared === null ? [] : folded('not compared', report.notCompared.split(' '))),
    ...notChecked.map(({ why, instructions: times }) =>
      line('not checked', `${count(times)} ${times === 1 ? 'instruction' : 'instructions'}: ${why}`),
    ),
  ];
}

/** Lines of a stretch at each of its ends. */
const SHOWN = 12;

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= 2 * SHOWN) return lines;
  return [...lines.slice(0, SHOWN), `... ${count(lines.length - 2 * SHOWN)} more`, ...lines.slice(-SHOWN)];
}

function findingText(found: LockstepReport['difference']): string[] {
  if (found === null) return [];
  const { instruction: at, from, to, subject, witness, before } = found;
  const what = to - from === 1 ? 'the instruction' : `these ${count(to - from)} instructions`;
  const own = found.translated === null ? '' : `, ${count(found.translated)} of them translated`;
  return [
    ...(at === null ? [] : [line('at', place(at.address, at.place, at.line)), line('instruction', at.text)]),
    ...found.differences.map((each) => line(each.what, bothText(each, subject, witness))),
    ...(found.recurs ? [] : [line('', 'it did not happen again from the moment before')]),
    line(
      'before',
      `${before.length} ${before.length === 1 ? 'line' : 'lines'} of a trace, by the interpreter`,
    ),
    ...before.map((text) => `  ${text}`),
    line('then', `${what} after ${count(from)}${to - from === 1 ? '' : own}`),
    ...shortened(found.stretch).map((text) => `  ${text}`),
  ];
}

/** What is only summed up has no values. */
function bothText(each: z.output<typeof difference>, subject: string, witness: string): string {
  if (each.subject === '' && each.witness === '') return '';
  return `${each.subject} by ${subject}, ${each.witness} by ${witness}`;
}
