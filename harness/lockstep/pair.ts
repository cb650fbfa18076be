/**
 * Two machines with the same program and the same inputs: the one that is checked, and the interpreter beside
 * it. They run alike, are compared, and go back together.
 */
import {
  type ElfImage,
  MACHINE_STATE,
  Machine,
  type MachineOptions,
  type McuProfile,
  type MemoryRange,
  machineState,
  memoryOf,
  type RunUntil,
  type Snapshot,
  type Stop,
} from '../../emulator/index.js';
import { type Difference, memoryDifferences, stateDifferences, stopDifferences } from './difference.js';
import { isRam } from './follower.js';

/** A machine, and what it has printed since it was last asked. */
export interface Side {
  readonly machine: Machine;
  readonly takeConsole: () => string;
}

/** A machine with the program in it. */
export function sideOf(mcu: McuProfile, elf: ElfImage, options: MachineOptions = {}): Side {
  let printed = '';
  const machine = new Machine(mcu, {
    ...options,
    console: (text) => {
      printed += text;
    },
  });
  machine.load(elf);
  const takeConsole = (): string => {
    const text = printed;
    printed = '';
    return text;
  };
  return { machine, takeConsole };
}

/** What both did in one stretch. */
export interface Stretch {
  /** Of the subject. */
  readonly stop: Stop;
  readonly console: string;
  readonly differences: readonly Difference[];
}

/** Both at one moment. */
export interface Moment {
  readonly instructions: number;
  readonly subject: Snapshot;
  readonly witness: Snapshot;
}

/** Comparing RAM takes long: at each so many sync points. */
export const MEMORY_EVERY = 16;
const EVERYTHING = MACHINE_STATE.map((_, index) => index);
/** What differs between their prints, from a little before. */
const SHOWN_CHARACTERS = 40;

function consoleDifferences(subject: string, witness: string): Difference[] {
  if (subject === witness) return [];
  let same = 0;
  while (subject[same] === witness[same]) same++;
  const shown = (text: string): string => JSON.stringify(text.slice(same, same + SHOWN_CHARACTERS));
  return [{ what: 'console', subject: shown(subject), witness: shown(witness) }];
}

export class Pair {
  readonly subject: Side;
  readonly witness: Side;
  private readonly ram: readonly [MemoryRange[], MemoryRange[]];
  private readonly states = [machineState, machineState].map(() => new Float64Array(MACHINE_STATE.length));

  constructor(subject: Side, witness: Side) {
    this.subject = subject;
    this.witness = witness;
    this.ram = [memoryOf(subject.machine).filter(isRam), memoryOf(witness.machine).filter(isRam)];
  }

  /** Runs both, and compares. @param memory all of RAM too */
  run(until: RunUntil, memory: boolean): Stretch {
    const stop = this.subject.machine.run(until);
    return this.compare(stop, this.witness.machine.run(until), memory);
  }

  /** @param stop, witnessStop how the two have just stopped */
  compare(stop: Stop, witnessStop: Stop, memory: boolean): Stretch {
    const [ours, theirs] = this.states as [Float64Array, Float64Array];
    machineState(this.subject.machine, ours);
    machineState(this.witness.machine, theirs);
    const console = this.subject.takeConsole();
    const differences = [
      ...stateDifferences(ours, theirs, EVERYTHING),
      ...(memory ? this.memory() : []),
      ...stopDifferences(stop, witnessStop),
      ...consoleDifferences(console, this.witness.takeConsole()),
    ];
    return { stop, console, differences };
  }

  /** Where RAM differs now. */
  memory(): Difference[] {
    return memoryDifferences(...this.ram);
  }

  /** @param previous an earlier one, to share memory with */
  moment(previous?: Moment): Moment {
    const { machine } = this.subject;
    return {
      instructions: machine.instructions,
      subject: machine.snapshot(previous?.subject),
      witness: this.witness.machine.snapshot(previous?.witness),
    };
  }

  restore({ subject, witness }: Moment): void {
    this.subject.machine.restore(subject);
    this.witness.machine.restore(witness);
    this.subject.takeConsole();
    this.witness.takeConsole();
  }
}
