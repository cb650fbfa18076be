/** Exceptions made pending at chosen cycles from outside the program, and a note of where each came. */
import type { Machine } from '../../../../emulator/index.js';

export interface Scheduled {
  /** Cycles from now. */
  readonly after: number;
  /** The exception's number. */
  readonly exception: number;
}

/** Makes exceptions pending as devices would. @returns what calls off those that have not come yet */
export function schedule(machine: Machine, all: readonly Scheduled[]): () => void {
  const { clock, exceptions } = machine.core;
  const now = machine.cycles;
  const callOffs = all.map(({ after, exception }) => clock.at(now + after, () => exceptions.pend(exception)));
  return () => {
    for (const callOff of callOffs) callOff();
  };
}

/** Where exceptions found the core and left it, as they come: pc and cycle. Ask, and the list is empty. */
export function watchExceptions(machine: Machine): () => number[] {
  let met: number[] = [];
  const note = (): void => {
    met.push(machine.register(15), machine.cycles);
  };
  machine.core.exceptions.observers.add({
    starts: note,
    entered: note,
    returned: note,
    faulted: () => undefined,
  });
  return () => {
    const taken = met;
    met = [];
    return taken;
  };
}
