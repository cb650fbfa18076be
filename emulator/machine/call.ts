/**
 * One function of the guest called from outside, by the AAPCS with its hard-float variant (IHI 0042,
 * sections 6.1 and 6.4), and the core's registers put back after it. Not here: structures by value.
 */
import { FPCCR } from '../core/fpccr.js';
import { CONTROL, Signal, word, X } from '../core/state.js';
import type { ElfImage } from '../elf/elf-image.js';
import { UserError } from '../errors.js';
import type { CoreComplex } from './core-complex.js';
import { hex } from './guest-fault.js';
import { captureObjects } from './object-state.js';
import type { RunUntil, Stop } from './stop.js';

/** Lies in the system region, where no code can be, and is no EXC_RETURN. */
const RETURN_ADDRESS = 0xeffffffe;
/** Of CONTROL. */

/** Elements are as the guest has them in memory: little-endian. */
export type CallBuffer =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | FloatBuffer;
type FloatBuffer = Float32Array | Float64Array;

/** A number is 32 bits, signed or unsigned; `f32` a float, `f64` a double; an array is passed by pointer. */
export type CallArgument = number | { readonly f32: number } | { readonly f64: number } | CallBuffer;

/** Which function of the guest to call, and how. */
export interface CallTarget {
  /** A symbol of the loaded ELF, or the address of code (bit 0 does not count). */
  readonly function: string | number;
  /** First address of RAM that arrays are copied to; `__bss_end` of the ELF when absent. */
  readonly scratch?: number;
  /** Core cycles after which to give up; no limit when absent. */
  readonly maxCycles?: number;
}

/** What a call of a guest function came to. */
export interface CallResult {
  /** R0 at the end, signed. */
  readonly r0: number;
  /** S0 at the end, as a float. */
  readonly s0: number;
  /** Core cycles from the first instruction to the return, interrupts that came between included. */
  readonly cycles: number;
  /** Instructions retired in the same time. */
  readonly instructions: number;
  /** Unless `returned` (fault, lockup, limit, exit ...), r0 and s0 mean nothing. */
  readonly stop: { readonly reason: 'returned' } | Stop;
}

/** What a call needs of a machine. */
export interface CallableMachine {
  readonly core: CoreComplex;
  readonly measurements: object | undefined;
  readonly cycles: number;
  readonly instructions: number;
  readBytes(address: number, length: number): Uint8Array;
  writeBytes(address: number, bytes: Uint8Array): void;
  run(until: RunUntil): Stop;
}

interface Placed {
  readonly core: number[];
  readonly float: Uint32Array;
  hasFloats: boolean;
  readonly stack: number[];
}

const mistake = (what: string, expected: string, fix: string): UserError =>
  new UserError({ code: 'guest-call', what, expected, fix });

/** Registers and stack words of arguments; an array is its address here. */
function place(values: readonly Exclude<CallArgument, CallBuffer>[]): Placed {
  const placed: Placed = { core: [], float: new Uint32Array(16), hasFloats: false, stack: [] };
  const free = Array.from({ length: 16 }, (_, n) => n);
  for (const value of values) {
    if (typeof value === 'number') {
      (placed.core.length < 4 ? placed.core : placed.stack).push(value | 0);
      continue;
    }
    const bits = bitsOf(value);
    const size = bits.length;
    const first = free.find((n) => n % size === 0 && (size === 1 || free.includes(n + 1)));
    if (first === undefined) {
      // Once one lies on the stack, no register that was left out is filled any more.
      free.length = 0;
      if (size === 2 && placed.stack.length % 2 === 1) placed.stack.push(0);
      placed.stack.push(...bits);
      continue;
    }
    placed.float.set(bits, first);
    placed.hasFloats = true;
    free.splice(free.indexOf(first), size);
  }
  return placed;
}

function bitsOf(value: { readonly f32: number } | { readonly f64: number }): Int32Array {
  const array = 'f32' in value ? Float32Array.of(value.f32) : Float64Array.of(value.f64);
  return new Int32Array(array.buffer);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: CallBuffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function addressOf(elf: ElfImage | undefined, name: string): number {
  const symbol = elf?.symbol(name);
  if (symbol !== undefined) return symbol.address;
  throw mistake(
    `the symbol ${name}`,
    'is not in the ELF that was loaded',
    'give a symbol that m4lab info lists',
  );
}

interface Copy {
  readonly address: number;
  readonly buffer: CallBuffer;
}

/** Where the arrays go, each at a multiple of 8, below the stack that is in use. */
function layOut(args: readonly CallArgument[], scratch: () => number, sp: number): Copy[] {
  const buffers = args.filter((value) => ArrayBuffer.isView(value));
  if (buffers.length === 0) return [];
  const start = scratch();
  let next = (start + 7) & ~7;
  const copies = buffers.map((buffer) => {
    const address = next >>> 0;
    next = (next + buffer.byteLength + 7) & ~7;
    return { address, buffer };
  });
  if (start >= sp || next >>> 0 <= sp) return copies;
  throw mistake(
    `arrays up to ${hex(next)}`,
    `run into the stack, whose pointer is ${hex(sp)}`,
    'name a larger area of RAM with scratch',
  );
}

/** Everything of the core but memory, time and what the exceptions have come to. */
function keepCore({ state, interpreter }: CoreComplex): () => void {
  const [r, s, x] = [state.r.slice(), state.s.slice(), state.x.slice()];
  const { timingState } = interpreter;
  return () => {
    const countdown = word(state.x, X.COUNTDOWN);
    state.r.set(r);
    state.s.set(s);
    state.x.set(x);
    state.x[X.COUNTDOWN] = countdown;
    state.x[X.SIGNAL] = Signal.none;
    interpreter.timingState = timingState;
  };
}

/** For a call that does not return: its fault or interrupt is still being handled. */
function keepExceptions({ exceptions, state, memory, timing, hostMemory }: CoreComplex): () => void {
  return captureObjects([exceptions], [state, memory, timing], hostMemory.buffer);
}

/** As the caller's own FP instructions would have done (B1.5.7): an exception then stacks S0 to S15. */
function useFloat({ state: { x }, exceptions }: CoreComplex): void {
  if ((word(x, X.CONTROL) & CONTROL.FPCA) !== 0 || (exceptions.fpccr & FPCCR.ASPEN) === 0) return;
  x[X.FPSCR] = exceptions.fpdscr;
  x[X.CONTROL] = word(x, X.CONTROL) | CONTROL.FPCA;
}

function enter(machine: CallableMachine, address: number, placed: Placed): void {
  const { core, float, hasFloats, stack } = placed;
  const { state, interpreter, timing } = machine.core;
  const words = Int32Array.from(stack);
  const sp = ((word(state.r, 13) & ~7) - ((words.byteLength + 7) & ~7)) >>> 0;
  if (words.length > 0) machine.writeBytes(sp, bytesOf(words));
  state.setSP(sp);
  state.r.set(core);
  state.r[14] = RETURN_ADDRESS | 1;
  state.r[15] = address & ~1;
  state.s.set(float);
  if (hasFloats) useFloat(machine.core);
  state.x[X.ITSTATE] = 0;
  interpreter.timingState = timing.initial;
}

function checked(value: CallArgument): void {
  if (typeof value !== 'number') return;
  if (Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32) return;
  throw mistake(`the argument ${value}`, 'is no integer of 32 bits', 'give a float as { f32: x }');
}

/** From the first instruction to the return or whatever comes before it; puts the core back. */
function runCall(machine: CallableMachine, address: number, placed: Placed, maxCycles: number): CallResult {
  const { state } = machine.core;
  const putBackCore = keepCore(machine.core);
  const putBackExceptions = keepExceptions(machine.core);
  const { cycles, instructions } = machine;
  enter(machine, address, placed);
  const ended = machine.run({ addresses: [RETURN_ADDRESS], maxCycles: cycles + maxCycles });
  const returned = ended.reason === 'address';
  const result: CallResult = {
    r0: word(state.r, 0),
    s0: new Float32Array(state.s.slice(0, 1).buffer)[0] ?? 0,
    cycles: machine.cycles - cycles,
    instructions: machine.instructions - instructions,
    stop: returned ? { reason: 'returned' } : ended,
  };
  putBackCore();
  if (!returned) putBackExceptions();
  return result;
}

/** See Machine.call. */
export function callGuest(
  machine: CallableMachine,
  elf: ElfImage | undefined,
  target: CallTarget,
  args: readonly CallArgument[],
): CallResult {
  if (machine.measurements !== undefined) {
    const why = 'measures functions and stacks, whose chain a call from outside would break';
    throw mistake('this machine', why, 'make one without the option measure');
  }
  args.forEach(checked);
  const { function: code, scratch, maxCycles = Number.POSITIVE_INFINITY } = target;
  const address = typeof code === 'number' ? code : addressOf(elf, code);
  const sp = word(machine.core.state.r, 13) >>> 0;
  const copies = layOut(args, () => scratch ?? addressOf(elf, '__bss_end'), sp);
  for (const copy of copies) machine.writeBytes(copy.address, bytesOf(copy.buffer));
  const pointers = copies.values();
  const values = args.map((v) => (ArrayBuffer.isView(v) ? (pointers.next().value?.address ?? 0) : v));
  const result = runCall(machine, address, place(values), maxCycles);
  for (const { address: at, buffer } of copies) bytesOf(buffer).set(machine.readBytes(at, buffer.byteLength));
  return result;
}
