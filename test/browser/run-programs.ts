/** Runs programs and tells what came of them: the same source in the browser and under Node. */
import { STATE_BYTES } from '../../emulator/core/state.js';
import { loadElf, Machine, parseMcuProfile } from '../../emulator/index.js';

/** A program and the MCU that it runs on, as text alone, so that a page can hold it. */
export interface ProgramText {
  readonly name: string;
  readonly elfBase64: string;
  readonly mcu: string;
  /** The profile's JSON. */
  readonly profile: unknown;
  readonly translate: boolean;
  /** Where to stop, if not at the program's own end. */
  readonly maxInstructions?: number;
}

/** All of a run that a user can see. */
export interface ProgramRun {
  readonly name: string;
  readonly mcu: string;
  readonly translate: boolean;
  readonly console: string;
  readonly stop: unknown;
  readonly cycles: number;
  readonly instructions: number;
  readonly registers: readonly number[];
  readonly stacks: unknown;
  readonly unmodelled: unknown;
  readonly notices: unknown;
  /** Of every word of RAM and flash. */
  readonly memorySum: number;
}

function memorySum({ core }: Machine): number {
  let sum = 0;
  for (const word of new Int32Array(core.hostMemory.buffer, STATE_BYTES))
    sum = (Math.imul(sum, 31) + word) | 0;
  return sum;
}

export type RunProgram = (program: ProgramText) => ProgramRun;

export const runProgram: RunProgram = (program) => {
  const { name, elfBase64, mcu, profile, translate, maxInstructions } = program;
  const bytes = Uint8Array.from(atob(elfBase64), (character) => character.charCodeAt(0));
  let console = '';
  const machine = new Machine(parseMcuProfile(profile, mcu), {
    console: (text) => {
      console += text;
    },
    translate,
  });
  machine.load(loadElf(bytes, name));
  const stop = machine.run(maxInstructions === undefined ? {} : { maxInstructions });
  return {
    ...{ name, mcu, translate, console, stop },
    cycles: machine.cycles,
    instructions: machine.instructions,
    registers: Array.from({ length: 16 }, (_, n) => machine.register(n)),
    stacks: machine.stacks(),
    unmodelled: machine.unmodelled(),
    notices: machine.notices(),
    memorySum: memorySum(machine),
  };
};
