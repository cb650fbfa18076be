/**
 * What went wrong with the guest's instruction at `pc`: the architectural fault it takes, and the words for
 * it. Which exception then handles it is the exception model's business.
 */
import { CFSR } from '../core/exception-numbers.js';
import { Signal, X } from '../core/state.js';
import { coprocessorOf, FLOAT_COPROCESSORS } from '../decode/coprocessor.js';
import { isWide } from '../decode/decoder.js';
import type { CoreComplex } from './core-complex.js';

export const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

/** Takes the fault that `signal` stands for. */
export function takeFault(core: CoreComplex, signal: number, pc: number): void {
  const { exceptions, state } = core;
  // An access that was charged as unaligned before it failed takes nothing.
  state.x[X.EXTRA] = 0;
  switch (signal) {
    case Signal.memoryFault:
      dataFault(core, pc);
      break;
    case Signal.fetchFault:
      fetchFault(core, pc);
      break;
    case Signal.noCoprocessor:
      exceptions.usageFault(CFSR.NOCP, coprocessorText(core, pc));
      break;
    case Signal.divideByZero:
      exceptions.usageFault(CFSR.DIVBYZERO, `divide by zero at ${hex(pc)}`);
      break;
    case Signal.lazyStacking:
      exceptions.lazyStackingFault(`lazy stacking of the FP registers, by ${hex(pc)}`);
      break;
    default:
      if (needsFloat(core, pc)) exceptions.usageFault(CFSR.NOCP, coprocessorText(core, pc));
      else exceptions.usageFault(CFSR.UNDEFINSTR, `undefined instruction ${bytesAt(core, pc)} at ${hex(pc)}`);
  }
}

/** An encoding of the FPU's coprocessors is NOCP while that is off, whether or not it is one (B3.2.20). */
function needsFloat(core: CoreComplex, pc: number): boolean {
  const coprocessor = coprocessorAt(core, pc);
  const isFloat = coprocessor !== undefined && FLOAT_COPROCESSORS.includes(coprocessor);
  return isFloat && !core.chip.system.floatEnabled;
}

function coprocessorAt({ memory }: CoreComplex, pc: number): number | undefined {
  return coprocessorOf(memory.fetch(pc) ?? 0, memory.fetch(pc + 2) ?? 0);
}

function coprocessorText(core: CoreComplex, pc: number): string {
  const coprocessor = coprocessorAt(core, pc) ?? 0;
  if (FLOAT_COPROCESSORS.includes(coprocessor))
    return `FP instruction at ${hex(pc)} with the FPU off (CPACR)`;
  const bytes = bytesAt(core, pc);
  return `instruction ${bytes} at ${hex(pc)} for coprocessor ${coprocessor}, which the core lacks`;
}

function dataFault(core: CoreComplex, pc: number): void {
  const { exceptions, memory } = core;
  const { kind, address } = memory.fault;
  const text = `${accessText(core)}, by ${hex(pc)}`;
  if (kind === 'unaligned') exceptions.usageFault(CFSR.UNALIGNED, `unaligned ${text}`);
  else if (kind === 'bus') exceptions.busFault(CFSR.PRECISERR, text, address);
  else exceptions.memManageFault(CFSR.DACCVIOL, `the MPU forbids the ${text}`, address);
}

function accessText({ memory }: CoreComplex): string {
  const { write, size, address } = memory.fault;
  return `${write ? 'write' : 'read'} of ${bytesText(size)} at ${hex(address)}`;
}

const bytesText = (size: number): string => (size === 1 ? '1 byte' : `${size} bytes`);

function fetchFault({ exceptions, memory }: CoreComplex, pc: number): void {
  const last = isWide(memory.fetch(pc) ?? 0) ? pc + 2 : pc;
  if (!memory.mayExecute(pc) || !memory.mayExecute(last)) {
    exceptions.memManageFault(CFSR.IACCVIOL, `no code may run at ${hex(pc)}`);
  } else exceptions.busFault(CFSR.IBUSERR, `no memory to fetch an instruction from at ${hex(pc)}`);
}

/**
 * True when the bus error just signalled does not keep its instruction from going on: a store that was
 * buffered, whose fault comes after it, or an error that CCR.BFHFNMIGN passes over.
 */
export function passesBusError({ exceptions, memory, chip, protection }: CoreComplex, pc: number): boolean {
  const { kind, write, size, address } = memory.fault;
  if (kind !== 'bus') return false;
  if (!write || !protection.buffers(address))
    return exceptions.atNegativePriority && chip.system.ignoresBusFaults;
  exceptions.impreciseBusFault(
    `write of ${bytesText(size)} at ${hex(address)}, by ${hex(pc)}, noticed after it (imprecise)`,
  );
  return true;
}

/** The instruction at `pc` as halfwords: `f8d1 2014`. */
export function bytesAt({ memory }: CoreComplex, pc: number): string {
  const first = memory.fetch(pc) ?? 0;
  const halfwords = isWide(first) ? [first, memory.fetch(pc + 2) ?? 0] : [first];
  return halfwords.map((h) => h.toString(16).padStart(4, '0')).join(' ');
}

/** The access to a register that no device models. */
export function unmodelledRegister({ memory, chip }: CoreComplex, pc: number): string {
  const { write, size, address } = memory.fault;
  const device = chip.map.nameAt(address);
  const where = device === undefined ? 'peripheral register' : `register of ${device}`;
  return `${write ? 'write to' : 'read of'} ${where} ${hex(address)} (${size} bytes) at ${hex(pc)}`;
}
