/**
 * What went wrong with the guest's instruction at `pc`: the architectural fault it takes, and the words for
 * it. Which exception then handles it is the exception model's business.
 */
import { CFSR } from '../core/exception-numbers.js';
import { Signal, X } from '../core/state.js';
import { isWide } from '../decode/decoder.js';
import type { CoreComplex } from './core-complex.js';

/** Where the default memory map lets no code run (DDI 0403, B3.1): devices and the system region. */
const EXECUTE_NEVER = [
  { start: 0x40000000, end: 0x60000000 },
  { start: 0xa0000000, end: 0x100000000 },
] as const;

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
      exceptions.busFault(CFSR.LSPERR, `lazy stacking of the FP registers, by ${hex(pc)}`);
      break;
    default:
      exceptions.usageFault(CFSR.UNDEFINSTR, `undefined instruction ${bytesAt(core, pc)} at ${hex(pc)}`);
  }
}

function coprocessorText(core: CoreComplex, pc: number): string {
  const coprocessor = ((core.memory.fetch(pc + 2) ?? 0) >>> 8) & 0xf;
  if (coprocessor === 10 || coprocessor === 11)
    return `FP instruction at ${hex(pc)} with the FPU off (CPACR)`;
  const bytes = bytesAt(core, pc);
  return `instruction ${bytes} at ${hex(pc)} for coprocessor ${coprocessor}, which the core lacks`;
}

function dataFault({ exceptions, memory }: CoreComplex, pc: number): void {
  const { kind, write, size, address } = memory.fault;
  const access = `${write ? 'write' : 'read'} of ${size} bytes at ${hex(address)}`;
  if (kind === 'unaligned') exceptions.usageFault(CFSR.UNALIGNED, `unaligned ${access}, by ${hex(pc)}`);
  else exceptions.busFault(CFSR.PRECISERR, `${access}, by ${hex(pc)}`, address);
}

function fetchFault({ exceptions }: CoreComplex, pc: number): void {
  if (EXECUTE_NEVER.some(({ start, end }) => pc >= start && pc < end)) {
    exceptions.memManageFault(CFSR.IACCVIOL, `no code may run at ${hex(pc)}`);
  } else exceptions.busFault(CFSR.IBUSERR, `no memory to fetch an instruction from at ${hex(pc)}`);
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
