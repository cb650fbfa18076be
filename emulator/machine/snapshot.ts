/**
 * A whole machine at one moment, between two instructions: memory and core state by pages, everything else
 * by the fields of its objects. After a restore the machine runs on exactly as it did then. Not in it: what
 * has left the machine (console text), and what a debugger asked for (stops, instruments).
 */
import type { CoreComplex } from './core-complex.js';
import { captureObjects } from './object-state.js';
import type { McuProfile } from './profile.js';

/** Words of a page. */
const PAGE = 1024;

/** What of a machine is looked at by name; the rest of its fields are captured as they are. */
export interface WholeMachine {
  readonly profile: McuProfile;
  readonly core: CoreComplex;
  readonly instructions: number;
  readonly cycles: number;
}

/** A machine at one moment, for its `restore`. */
export interface Snapshot {
  /** Instructions retired and core cycles at that moment. */
  readonly instructions: number;
  readonly cycles: number;
  /** Of the host buffer; pages equal to those of an earlier snapshot are shared with it. */
  readonly pages: readonly Int32Array[];
  readonly timingState: number;
  readonly putBackObjects: () => void;
}

function isSame(words: Int32Array, offset: number, page: Int32Array): boolean {
  for (let k = 0; k < PAGE; k++) if (words[offset + k] !== page[k]) return false;
  return true;
}

function pagesOf(words: Int32Array, previous: Snapshot | undefined): Int32Array[] {
  return Array.from({ length: words.length / PAGE }, (_, index) => {
    const kept = previous?.pages[index];
    if (kept !== undefined && isSame(words, index * PAGE, kept)) return kept;
    return words.slice(index * PAGE, (index + 1) * PAGE);
  });
}

/**
 * Everything but memory and core state, to undo what an access to a device did. @returns what puts it back
 */
export function captureDevices(machine: WholeMachine): () => void {
  const { interpreter, timing, hostMemory, windows, chip } = machine.core;
  const leftOut = [machine.profile, interpreter, timing, hostMemory, windows];
  return captureObjects([machine, ...chip.stateful], leftOut, hostMemory.buffer);
}

/** @param previous an earlier snapshot of the same machine, to share memory with */
export function takeSnapshot(machine: WholeMachine, previous?: Snapshot): Snapshot {
  const { interpreter, hostMemory } = machine.core;
  return {
    instructions: machine.instructions,
    cycles: machine.cycles,
    pages: pagesOf(new Int32Array(hostMemory.buffer), previous),
    timingState: interpreter.timingState,
    putBackObjects: captureDevices(machine),
  };
}

/** Does the word at an index of the host buffer belong to memory that the program cannot write? */
function readOnlyAt({ windows }: CoreComplex): (index: number) => boolean {
  const ranges = windows.filter(({ writable }) => !writable);
  return (index) => ranges.some(({ offset, size }) => index * 4 >= offset && index * 4 < offset + size);
}

/** @returns true when code that is not checked against its bytes has changed */
function putBackPage(words: Int32Array, at: number, page: Int32Array, core: CoreComplex): boolean {
  if (isSame(words, at, page)) return false;
  const readOnly = readOnlyAt(core);
  const { codeWatch } = core.memory;
  const holdsCode = (index: number): boolean => readOnly(index) || codeWatch.isWatched(index * 4);
  const touchesCode = page.some((w, k) => w !== words[at + k] && holdsCode(at + k));
  words.set(page, at);
  return touchesCode;
}

/** @param snapshot of this machine */
export function restoreSnapshot(machine: WholeMachine, snapshot: Snapshot): void {
  const { core } = machine;
  const words = new Int32Array(core.hostMemory.buffer);
  let codeChanged = false;
  snapshot.pages.forEach((page, index) => {
    if (putBackPage(words, index * PAGE, page, core)) codeChanged = true;
  });
  snapshot.putBackObjects();
  core.interpreter.instructions = snapshot.instructions;
  core.interpreter.timingState = snapshot.timingState;
  if (codeChanged) core.interpreter.forgetAll();
}
