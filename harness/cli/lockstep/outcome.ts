/** From the end of a lockstep run to its report. */
import { type ElfImage, type Machine, sourceLines } from '../../../emulator/index.js';
import { stopText } from '../../lockstep/difference.js';
import { type Follow, WHY_NOT_CHECKED } from '../../lockstep/follow.js';
import type { LockstepEnd } from '../../lockstep/lockstep.js';
import type { LockstepReport } from '../../report/lockstep-report.js';
import { exitCodes } from '../exit-codes.js';

/** What ran, whichever witness it ran against. */
export interface Ran {
  readonly machine: Machine;
  readonly instructions: number;
  readonly syncs: number;
  readonly follow: Follow | undefined;
}

const OF_THE_INTERPRETER =
  'registers, flags, FPSCR, S0-S31, RAM, console; with the interpreter also cycles, instructions, ' +
  'lowest SP, fault registers, pending exceptions, events of devices and the timing state';
const NOT_OF_OTHERS =
  'cycles, masks, CONTROL, exceptions and devices, which are m4lab’s own: their results are given to';

function outcome(end: LockstepEnd): Pick<LockstepReport, 'result' | 'code' | 'text'> {
  switch (end.kind) {
    case 'ended':
      return {
        result: 'same',
        code: exitCodes.good,
        text: `the same to the end, which is: ${stopText(end.stop)}`,
      };
    case 'until':
      return { result: 'same', code: exitCodes.good, text: 'the same, as far as --until asks' };
    case 'limit':
      return {
        result: 'limit',
        code: exitCodes.limitReached,
        text: 'the same up to the limit of --max-cycles',
      };
    case 'different':
      return {
        result: 'different',
        code: exitCodes.checkFailed,
        text: `${end.subject} and ${end.witness} differ`,
      };
  }
}

function differenceOf(end: LockstepEnd, elf: ElfImage): LockstepReport['difference'] {
  if (end.kind !== 'different') return null;
  const { finding, subject, witness } = end;
  const { instruction, differences, before, stretch, ...rest } = finding;
  const found =
    instruction === null ? undefined : sourceLines(elf, [instruction.address]).get(instruction.address);
  const line = found === undefined ? null : `${found.file}:${found.line}`;
  return {
    ...rest,
    subject,
    witness,
    differences: [...differences],
    before: [...before],
    stretch: [...stretch],
    instruction: instruction && { ...instruction, line },
  };
}

function notChecked(follow: Follow | undefined): LockstepReport['notChecked'] {
  return [...(follow?.notChecked ?? [])].map(([kind, instructions]) => ({
    why: WHY_NOT_CHECKED[kind],
    instructions,
  }));
}

/** All of the report that the run itself decides. */
export function outcomeOf({ machine, instructions, syncs, follow }: Ran, end: LockstepEnd, elf: ElfImage) {
  return {
    ...outcome(end),
    instructions: end.kind === 'different' ? end.finding.from : instructions,
    cycles: machine.cycles,
    syncPoints: syncs,
    translatedInstructions: machine.translatedInstructions,
    compared: OF_THE_INTERPRETER,
    notCompared: follow === undefined ? null : `${NOT_OF_OTHERS} ${follow.follower.name}`,
    checkedByWitness: follow === undefined ? null : follow.checked,
    notChecked: notChecked(follow),
    difference: differenceOf(end, elf),
  };
}
