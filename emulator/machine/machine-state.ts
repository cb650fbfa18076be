/**
 * What a machine is at one moment, as numbers by name: to compare two that should be the same. It is read,
 * never written. Of the core's words it gives what a program can tell (flags, not the results they are kept
 * as); of the timing automaton what a state means, since its number differs between machines.
 */
import { word, X } from '../core/state.js';
import type { CoreComplex } from './core-complex.js';

/** What is read of a machine. */
interface ReadMachine {
  readonly core: CoreComplex;
  readonly cycles: number;
  readonly instructions: number;
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => name + n);

/** R0 to R12, SP, LR and PC; xPSR, FPSCR and the masks; S0 to S31: what any Cortex-M4F has. */
const ARCHITECTURE = [
  ...numbered('r', 13),
  ...['sp', 'lr', 'pc', 'xpsr', 'fpscr', 'primask', 'basepri', 'faultmask', 'control', 'otherSP'],
  ...numbered('s', 32),
];
/** Words of the state that are compared as they stand. */
const WORDS = {
  lowestSP: X.SP_LOWEST,
  lowestOtherSP: X.OTHER_SP_LOWEST,
  exclusive: X.EXCLUSIVE,
  eventRegister: X.EVENT_REGISTER,
  lazyFloat: X.LAZY_FP,
  notThumb: X.NOT_THUMB,
} as const;
const FAULTS = ['cfsr', 'hfsr', 'dfsr', 'faultAddress', 'pendingException'];
const TIME = ['instructions', 'cycles', 'nextEvent'];
const PIPELINE = ['loadPending', 'computed', 'floatComputed', 'floatBusy', 'narrow'] as const;

/**
 * The names of a machine's numbers, in the order of `machineState`. The first 55, to S31, any Cortex-M4F
 * has: `sp` is the stack pointer in use, `otherSP` the one that is not. Then come the lowest
 * values of both, the exclusive monitor, the event register, FP registers that wait to be stacked, EPSR.T
 * clear; the fault registers and the exception to be taken next (0: none); instructions and cycles since
 * reset and the cycle of the next event of a device; and the timing automaton's state, in its five parts.
 */
export const MACHINE_STATE: readonly string[] = [
  ...ARCHITECTURE,
  ...Object.keys(WORDS),
  ...FAULTS,
  ...TIME,
  ...PIPELINE,
];

/** Index of xPSR: the first of those behind the core registers. */
const XPSR = 16;

/**
 * Numbers of a machine now, as `MACHINE_STATE` names them; all but time are 32 bits, unsigned.
 * @param into filled and returned, where given
 */
export function machineState(
  { core, cycles, instructions }: ReadMachine,
  into: Float64Array = new Float64Array(MACHINE_STATE.length),
): Float64Array {
  const { state, exceptions, clock, timing, interpreter } = core;
  const { r, s, x } = state;
  let at = 0;
  for (; at < XPSR; at++) into[at] = word(r, at) >>> 0;
  into[at++] = state.xpsr >>> 0;
  for (const index of [X.FPSCR, X.PRIMASK, X.BASEPRI, X.FAULTMASK, X.CONTROL, X.OTHER_SP])
    into[at++] = word(x, index) >>> 0;
  for (let n = 0; n < s.length; n++) into[at++] = word(s, n) >>> 0;
  for (const index of Object.values(WORDS)) into[at++] = word(x, index) >>> 0;
  const { cfsr, hfsr, dfsr, faultAddress } = exceptions;
  for (const value of [cfsr, hfsr, dfsr, faultAddress, exceptions.nextToTake()]) into[at++] = value >>> 0;
  for (const value of [instructions, cycles, clock.nextEvent]) into[at++] = value;
  const pipeline = timing.describe(interpreter.timingState);
  for (const part of PIPELINE) into[at++] = Number(pipeline[part]);
  return into;
}

/** A range of a machine's memory, in place: to write to it is to write the machine's. */
export interface MemoryRange {
  /** Address of its first byte; a multiple of 4, as its length is. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** The program can write there. */
  readonly writable: boolean;
  /** Another name for bytes of a range that stands before it. */
  readonly alias: boolean;
}

/** All of a machine's RAM and flash, by every address it answers at. */
export function memoryOf({ core }: { readonly core: CoreComplex }): MemoryRange[] {
  const { hostMemory, windows } = core;
  const before: { offset: number; size: number }[] = [];
  return [...windows]
    .sort((a, b) => b.size - a.size || a.start - b.start)
    .map(({ start, offset, size, writable }) => {
      const alias = before.some((own) => offset >= own.offset && offset + size <= own.offset + own.size);
      before.push({ offset, size });
      return { start, bytes: new Uint8Array(hostMemory.buffer, offset, size), writable, alias };
    });
}
