/**
 * What is to be known of a program that stopped for a reason of its own: registers as the code had them that
 * did it, the fault registers in words, and who called whom.
 */
import { exceptionName } from '../core/exception-numbers.js';
import type { CallSite } from '../core/exception-observer.js';
import type { FaultStatus, TakenFault } from '../core/fault-log.js';
import { BFARVALID, type FaultWords, faultWords, isSet, MMARVALID } from '../core/fault-words.js';
import { type CoreState, word, X } from '../core/state.js';
import type { ElfImage } from '../elf/elf-image.js';
import { type Backtrace, backtrace } from './backtrace.js';
import type { Machine } from './machine.js';
import type { Stop } from './stop.js';

/** Words are unsigned. */
export interface FaultReport {
  /** What went wrong, in a sentence. */
  readonly text: string;
  /** R0 to R12, SP, LR and PC, by number. */
  readonly r: readonly number[];
  readonly xpsr: number;
  readonly msp: number;
  readonly psp: number;
  readonly control: number;
  readonly primask: number;
  readonly basepri: number;
  readonly faultmask: number;
  /** Null where the code had not used the FPU (CONTROL.FPCA). */
  readonly float: { readonly s: readonly number[]; readonly fpscr: number } | null;
  readonly mode: 'thread' | 'handler';
  /** The exception that the code handled; null in Thread mode. */
  readonly exception: string | null;
  readonly privileged: boolean;
  /** The stack in use. */
  readonly stack: 'main' | 'process';
  /** What the fault's exception got in LR; null where none was entered. */
  readonly excReturn: number | null;
  /** CFSR, HFSR and DFSR, where a bit is set. */
  readonly status: readonly FaultWords[];
  /** Null: not valid. */
  readonly mmfar: number | null;
  readonly bfar: number | null;
  /** Faults still being handled when this one came, the earliest first. */
  readonly earlier: readonly string[];
  readonly backtrace: Backtrace;
}

/** Largest instruction, in bytes. */
const WIDEST = 4;

/**
 * Of the machine's last stop. Null where nothing went wrong: the program ended, or was stopped, and was not
 * handling a fault. A machine that measures knows who called whom, another one the place alone.
 *
 * @param elf the program that it ran
 */
export function faultReport(machine: Machine, elf: ElfImage, stop: Stop): FaultReport | null {
  const { exceptions, state } = machine.core;
  const { faults } = exceptions;
  const handled = faults.handledBy(word(state.x, X.IPSR));
  const fault = blamed(stop, stop.reason === 'lockup' ? faults.latest : handled);
  const pc = fault?.facts.address ?? ('pc' in stop ? stop.pc : undefined);
  if (pc === undefined) return null;
  return {
    text: 'text' in stop ? stop.text : (fault?.facts.text ?? ''),
    ...(fault === undefined ? liveRegisters(state, pc) : registersOf(fault.state)),
    excReturn: fault?.excReturn ?? null,
    ...statusOf(fault === undefined || stop.reason === 'lockup' ? exceptions : fault.facts.status),
    earlier: exceptions.faults.open.filter((open) => open !== fault).map(({ facts }) => facts.text),
    backtrace: backtrace(elf, sitesOf(machine, fault, pc)),
  };
}

/** The fault that the stop is about. Undefined: it is about where the core is now. */
function blamed({ reason }: Stop, latest: TakenFault | undefined): TakenFault | undefined {
  switch (reason) {
    case 'stack-overflow':
    case 'unmodelled':
    case 'idle':
      return undefined;
    case 'lockup':
      return latest?.facts.takenBy === undefined ? latest : undefined;
    default:
      return latest;
  }
}

type Registers = Omit<
  FaultReport,
  'text' | 'excReturn' | 'status' | 'mmfar' | 'bfar' | 'earlier' | 'backtrace'
>;

function registersOf(state: CoreState): Registers {
  const unsigned = (words: Int32Array): number[] => Array.from(words, (value) => value >>> 0);
  const x = (index: number): number => word(state.x, index) >>> 0;
  const hasFloat = (x(X.CONTROL) & 4) !== 0;
  return {
    r: unsigned(state.r),
    xpsr: state.xpsr >>> 0,
    msp: state.msp >>> 0,
    psp: state.psp >>> 0,
    control: x(X.CONTROL),
    primask: x(X.PRIMASK),
    basepri: x(X.BASEPRI),
    faultmask: x(X.FAULTMASK),
    float: hasFloat ? { s: unsigned(state.s), fpscr: x(X.FPSCR) } : null,
    mode: state.handlerMode ? 'handler' : 'thread',
    exception: state.handlerMode ? exceptionName(x(X.IPSR)) : null,
    privileged: state.privileged,
    stack: state.onProcessStack ? 'process' : 'main',
  };
}

/** PC is that of the instruction the stop is blamed on, where it is the one before. */
function liveRegisters(state: CoreState, pc: number): Registers {
  const registers = registersOf(state);
  return { ...registers, r: [...registers.r.slice(0, 15), culprit(registers.r[15] ?? 0, pc)] };
}

function culprit(next: number, pc: number): number {
  return next > pc && next - pc <= WIDEST ? pc : next;
}

function statusOf(status: FaultStatus): Pick<FaultReport, 'status' | 'mmfar' | 'bfar'> {
  const { cfsr } = status;
  const address = status.faultAddress >>> 0;
  return {
    status: faultWords(status),
    mmfar: isSet(cfsr, MMARVALID) ? address : null,
    bfar: isSet(cfsr, BFARVALID) ? address : null,
  };
}

function sitesOf(machine: Machine, fault: TakenFault | undefined, pc: number): readonly CallSite[] {
  const place = fault === undefined ? culprit(machine.register(15), pc) : pc;
  const calls = fault === undefined ? machine.measurements?.calls() : fault.facts.calls;
  const [at, ...others] = calls?.() ?? [];
  return [{ kind: 'at', exception: 0, ...at, pc: place }, ...others];
}
