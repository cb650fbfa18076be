/**
 * Native Unicorn (Debian's libunicorn2, through koffi) as an outside witness of a Cortex-M4F: registers,
 * memory and stop reason of one instruction, or of a few. It shares no code with the emulator.
 *
 * Where release 2.0.1 departs from the Arm ARM (DDI 0403), each found by trying:
 * - It takes no exception: SVC, BKPT, NOCP and faults stop it. xPSR.IT after a fault is not kept.
 * - Only privileged thread mode can be set. An instruction that drops privilege is read back correctly, once.
 * - SP keeps bits 1..0, and BASEPRI all eight bits (an STM32L4 has the upper four): see COMPARED_BITS.
 * - LDM, STM, LDRD, STRD, PUSH, POP, VLDR and VSTR accept unaligned addresses, LDREX does not; no CCR.
 * - The FPU is always on; CPACR, like the rest of the System Control Space and bit-banding, is not there.
 * - SETEND, not an ARMv7-M instruction, is obeyed and stays: `step` refuses it. VMRS from FPSID is accepted.
 * - MRS of an unknown special register reads zero.
 * - WFI, WFE, SEV and YIELD are no-operations.
 * - The exclusive monitor outlives a step: STREX can succeed by an earlier LDREX; `resetCore` clears it.
 * - An IT and what it governs count as one instruction. With ITSTATE in `before.xpsr` one runs alone.
 * FPSCR is as the manual has it: sticky flags add to those in `before`; FZ, DN, AHP and RMode work; tininess
 * is found before rounding; NaNs propagate as FPProcessNaNs says. With CONTROL.FPCA clear, the next
 * floating-point instruction starts a context: FPSCR takes FPDSCR's zero and FPCA is set, as with ASPEN.
 */
import koffi from 'koffi';
import { type ArmState, STATE_WORD, STATE_WORDS, XPSR_T } from './arm-state.js';
import {
  type NativePointer,
  UC_ARCH_ARM,
  UC_ARM_REG,
  UC_CPU_ARM_CORTEX_M4,
  UC_CTL_REMOVE_CACHE,
  UC_CTL_SET_CPU_MODEL,
  UC_ERR,
  UC_MODE_THUMB,
  UC_PROT_EXEC,
  UC_PROT_READ,
  UC_PROT_WRITE,
  type UnicornLibrary,
  unicornLibrary,
} from './unicorn-library.js';

export { ArmState } from './arm-state.js';

/** Unicorn's page; maps are whole pages. */
const PAGE = 4096;
/** SETEND LE and BE: Unicorn would run every later step big-endian. */
const isSetend = (halfword: number | undefined) => halfword === 0xb650 || halfword === 0xb658;
/** `b .`: fills code memory, so that what a branch lands on is one short instruction. */
const BRANCH_TO_SELF = 0xe7fe;
const CONTROL_NPRIV = 1;
const XPSR_IPSR = 0x1ff;
const XPSR_IPSR_HARDFAULT = 3;

/**
 * Why an execution stopped. `fetch`: all instructions asked for retired, but the next pc holds no code.
 * `invstate`: a branch cleared EPSR.T; that branch has retired too.
 */
export type StopCause =
  | 'done'
  | 'undefined'
  | 'svc'
  | 'bkpt'
  | 'nocp'
  | 'invstate'
  | 'unaligned'
  | 'fetch'
  | 'read'
  | 'write'
  | 'other';

export interface Stop {
  readonly cause: StopCause;
  /** The instructions retired, so registers and memory may be compared (`done`, `fetch`, `invstate`). */
  readonly completed: boolean;
  /** uc_err, and its name in Unicorn's header. */
  readonly error: number;
  readonly name: string;
  /** Exception number seen by Unicorn's interrupt hook (2 SVC, 7 BKPT, 17 NOCP), 0 if none. */
  readonly interrupt: number;
}

const CAUSE_OF_ERROR: Readonly<Record<string, StopCause>> = {
  UC_ERR_OK: 'done',
  UC_ERR_INSN_INVALID: 'undefined',
  UC_ERR_READ_UNMAPPED: 'read',
  UC_ERR_READ_PROT: 'read',
  UC_ERR_WRITE_UNMAPPED: 'write',
  UC_ERR_WRITE_PROT: 'write',
  UC_ERR_FETCH_UNMAPPED: 'fetch',
  UC_ERR_FETCH_PROT: 'fetch',
  UC_ERR_READ_UNALIGNED: 'unaligned',
  UC_ERR_WRITE_UNALIGNED: 'unaligned',
};

/**
 * The bits of each word of a state that Unicorn and an STM32L496 must agree on. BASEPRI has 4 bits
 * there, and an M-profile SP has no bits 1..0.
 */
export const COMPARED_BITS: Readonly<Uint32Array> = Uint32Array.from({ length: STATE_WORDS }, (_, word) => {
  if (word === STATE_WORD.msp || word === STATE_WORD.psp) return 0xffff_fffc;
  return word === STATE_WORD.basepri ? 0xf0 : 0xffff_ffff;
});

/** Unicorn's internal exception numbers, as its interrupt hook hands them over. */
const CAUSE_OF_INTERRUPT: Readonly<Record<number, StopCause>> = {
  2: 'svc',
  3: 'fetch',
  4: 'unaligned',
  7: 'bkpt',
  17: 'nocp',
  18: 'invstate',
  22: 'unaligned',
};

const DONE: Stop = Object.freeze({
  cause: 'done',
  completed: true,
  error: 0,
  name: 'UC_ERR_OK',
  interrupt: 0,
});

/** [Unicorn's register, word of the state]. CONTROL comes first: its SPSEL decides which stack is R13. */
const REGISTERS: readonly (readonly [number, number])[] = [
  [UC_ARM_REG.control, STATE_WORD.control],
  ...Array.from({ length: 13 }, (_, n) => [UC_ARM_REG.r0 + n, n] as const),
  [UC_ARM_REG.msp, STATE_WORD.msp],
  [UC_ARM_REG.psp, STATE_WORD.psp],
  [UC_ARM_REG.lr, STATE_WORD.lr],
  [UC_ARM_REG.fpscr, STATE_WORD.fpscr],
  [UC_ARM_REG.primask, STATE_WORD.primask],
  [UC_ARM_REG.basepri, STATE_WORD.basepri],
  [UC_ARM_REG.faultmask, STATE_WORD.faultmask],
  ...Array.from({ length: 8 }, (_, n) => [UC_ARM_REG.q0 + n, STATE_WORD.s0 + 4 * n] as const),
];
/** pc is not written with the rest: uc_emu_start sets it, and writing it stops the engine. */
const WRITTEN = [...REGISTERS, [UC_ARM_REG.xpsrWrite, STATE_WORD.xpsr] as const];
const READ = [...REGISTERS, [UC_ARM_REG.xpsrRead, STATE_WORD.xpsr], [UC_ARM_REG.pc, STATE_WORD.pc]] as const;

interface CodeMap {
  readonly start: number;
  readonly end: number;
  readonly halfwords: Uint16Array;
}

interface NativeMemory {
  readonly address: NativePointer;
  readonly memory: Uint8Array;
}

/** The arguments of one uc_reg_*_batch call, in native memory so that a call costs nothing to prepare. */
interface RegisterBatch {
  readonly ids: NativePointer;
  readonly values: NativePointer;
  readonly count: number;
}

/** One Cortex-M4F. Made once and used for many thousands of steps; `close` frees it. */
export class UnicornMachine {
  readonly #uc: UnicornLibrary = unicornLibrary();
  readonly #engine: NativePointer;
  readonly #callback: NativePointer;
  /** Unicorn's context right after reset: the only way back from unprivileged mode. */
  readonly #reset: NativePointer;
  readonly #allocations: NativePointer[] = [];
  readonly #words: Uint32Array;
  readonly #written: RegisterBatch;
  readonly #read: RegisterBatch;
  readonly #xpsr: RegisterBatch;
  readonly #codeMaps: CodeMap[] = [];
  #interrupt = 0;
  /** The code of the last `step`; Unicorn holds it translated, with its end baked in. */
  #placed: { readonly map: CodeMap; readonly pc: number; readonly code: Uint16Array } | undefined;

  /** Throws MissingWitness when libunicorn2 is not installed or is of another release. */
  constructor() {
    const out: [NativePointer | null] = [null];
    // UC_MODE_MCLASS is left out on purpose: in 2.0.1 it forces a Cortex-M33 whatever model is asked for.
    this.#check('uc_open', this.#uc.open(UC_ARCH_ARM, UC_MODE_THUMB, out));
    this.#engine = out[0] as NativePointer;
    this.#check('uc_ctl', this.#uc.ctl(this.#engine, UC_CTL_SET_CPU_MODEL, UC_CPU_ARM_CORTEX_M4, 0));
    this.#callback = this.#uc.registerCallback((_engine, exception) => {
      this.#interrupt = exception;
      this.#uc.stop(this.#engine);
    });
    this.#check('uc_hook_add', this.#uc.hookInterrupt(this.#engine, this.#callback));
    const words = this.#allocate(4 * STATE_WORDS);
    this.#words = new Uint32Array(words.memory.buffer, 0, STATE_WORDS);
    this.#written = this.#batch(WRITTEN, words.address);
    this.#read = this.#batch(READ, words.address);
    this.#xpsr = this.#batch([[UC_ARM_REG.xpsrWrite, STATE_WORD.xpsr]], words.address);
    this.#check('uc_context_alloc', this.#uc.contextAlloc(this.#engine, out));
    this.#reset = out[0] as NativePointer;
    this.#check('uc_context_save', this.#uc.contextSave(this.#engine, this.#reset));
  }

  /**
   * Maps `bytes` (whole 4 KB pages) at `address` and returns the guest's memory itself, to be written and
   * read in place. `code` can be read and executed, and is filled with `b .`; `data` can be read and written,
   * and is zero. Code written here by hand is run by `emulate` only; `step` places its own.
   */
  map(address: number, bytes: number, kind: 'code' | 'data'): Uint8Array {
    const { address: host, memory } = this.#allocate(bytes);
    const permissions = UC_PROT_READ | (kind === 'code' ? UC_PROT_EXEC : UC_PROT_WRITE);
    this.#check('uc_mem_map_ptr', this.#uc.mapPointer(this.#engine, address, bytes, permissions, host));
    if (kind === 'code') {
      const halfwords = new Uint16Array(memory.buffer, memory.byteOffset, bytes / 2).fill(BRANCH_TO_SELF);
      this.#codeMaps.push({ start: address, end: address + bytes, halfwords });
    }
    return memory;
  }

  /**
   * Sets every register from `before`, places `code` (halfwords) at `before.r[15]`, runs `count` instructions
   * or until the end of `code`, and reads every register into `after` (which may be `before`).
   * An instruction in an IT block is run alone with ITSTATE in `before.xpsr`, or after its IT, count 2.
   */
  step(code: ArrayLike<number>, before: ArmState, after: ArmState, count = 1): Stop {
    const pc = before.r[STATE_WORD.pc] as number;
    this.#place(code, pc);
    this.setState(before);
    const end = pc + 2 * code.length;
    const stop = this.#run(pc, end, count);
    this.getState(after);
    return stop.cause === 'undefined' ? reviewUndefined(stop, after, end) : stop;
  }

  /**
   * Runs from `pc` with the registers as they are, until the instruction at `until` would start or `count`
   * instructions have run. Slow: what was translated before is forgotten.
   */
  emulate(pc: number, until: number, count: number): Stop {
    this.#forgetAll();
    const stop = this.#run(pc, until, count);
    this.#forgetAll();
    return stop;
  }

  /** All registers but pc. Throws RangeError for a state that Unicorn cannot hold: nPRIV, IPSR, T clear. */
  setState(state: ArmState): void {
    const { xpsr, control } = state;
    if ((control & CONTROL_NPRIV) !== 0 || (xpsr & XPSR_IPSR) !== 0 || (xpsr & XPSR_T) === 0) {
      throw new RangeError(
        `Unicorn runs privileged thread mode in Thumb state only: xPSR ${hex(xpsr)}, CONTROL ${hex(control)}`,
      );
    }
    this.#words.set(state.words);
    const { ids, values, count } = this.#written;
    this.#check('uc_reg_write_batch', this.#uc.registersWrite(this.#engine, ids, values, count));
  }

  getState(into: ArmState): void {
    const { ids, values, count } = this.#read;
    this.#check('uc_reg_read_batch', this.#uc.registersRead(this.#engine, ids, values, count));
    into.words.set(this.#words);
    if ((into.control & CONTROL_NPRIV) !== 0) this.#leaveUnprivileged(into);
  }

  /** The core as after reset: registers, privilege, and the exclusive monitor, open. Memory stays. */
  resetCore(): void {
    this.#check('uc_context_restore', this.#uc.contextRestore(this.#engine, this.#reset));
  }

  close(): void {
    this.#check('uc_context_free', this.#uc.contextFree(this.#reset));
    this.#check('uc_close', this.#uc.close(this.#engine));
    this.#uc.unregisterCallback(this.#callback);
    for (const allocation of this.#allocations) koffi.free(allocation);
  }

  /**
   * Unprivileged, Unicorn reads the stack pointers and the masks as zero and writes none of them: look again
   * from handler mode, which is privileged, then go back to reset.
   */
  #leaveUnprivileged(into: ArmState): void {
    const { xpsr, control } = into;
    this.#words[STATE_WORD.xpsr] = (xpsr | XPSR_IPSR_HARDFAULT) >>> 0;
    this.#check(
      'uc_reg_write_batch',
      this.#uc.registersWrite(this.#engine, this.#xpsr.ids, this.#xpsr.values, 1),
    );
    const { ids, values, count } = this.#read;
    this.#check('uc_reg_read_batch', this.#uc.registersRead(this.#engine, ids, values, count));
    into.words.set(this.#words);
    into.xpsr = xpsr;
    into.control = control;
    this.resetCore();
  }

  #run(pc: number, until: number, count: number): Stop {
    this.#interrupt = 0;
    const error = this.#uc.start(this.#engine, pc + 1, until, 0, count);
    return error === 0 && this.#interrupt === 0 ? DONE : this.#stopOf(error);
  }

  #stopOf(error: number): Stop {
    const name = UC_ERR[error] ?? `uc_err ${error}`;
    const interrupt = this.#interrupt;
    const cause = (interrupt === 0 ? CAUSE_OF_ERROR[name] : CAUSE_OF_INTERRUPT[interrupt]) ?? 'other';
    return { cause, completed: cause === 'done' || cause === 'fetch', error, name, interrupt };
  }

  #place(code: ArrayLike<number>, pc: number): void {
    const placed = this.#placed;
    if (isSetend(code[0])) throw new RangeError('Unicorn obeys SETEND, which ARMv7-M does not have');
    if (placed !== undefined && placed.pc === pc && sameHalfwords(placed.code, code)) return;
    if (placed !== undefined) {
      const first = (placed.pc - placed.map.start) >>> 1;
      placed.map.halfwords.fill(BRANCH_TO_SELF, first, first + placed.code.length);
      this.#forget(placed.pc, 2 * placed.code.length);
    }
    const map = this.#codeMaps.find(({ start, end }) => pc >= start && pc + 2 * code.length < end);
    if (map === undefined)
      throw new RangeError(`no code is mapped at ${hex(pc)} for ${code.length} halfwords`);
    map.halfwords.set(code, (pc - map.start) >>> 1);
    this.#forget(pc, 2 * code.length);
    this.#placed = { map, pc, code: Uint16Array.from(code) };
  }

  /** Page by page through the maps: uc_ctl's flush of everything takes half a second. */
  #forgetAll(): void {
    for (const { start, end } of this.#codeMaps) this.#forget(start, end - start);
  }

  #forget(address: number, bytes: number): void {
    const error = this.#uc.ctl(this.#engine, UC_CTL_REMOVE_CACHE, address, address + bytes);
    this.#check('uc_ctl', error);
  }

  #batch(registers: readonly (readonly [number, number])[], words: NativePointer): RegisterBatch {
    const count = registers.length;
    const ids = this.#allocate(4 * count);
    const values = this.#allocate(8 * count);
    new Int32Array(ids.memory.buffer, ids.memory.byteOffset, count).set(registers.map(([id]) => id));
    const pointers = registers.map(([, word]) => words + BigInt(4 * word));
    new BigUint64Array(values.memory.buffer, values.memory.byteOffset, count).set(pointers);
    return { ids: ids.address, values: values.address, count };
  }

  /** Zeroed native memory, page aligned, freed by `close`. */
  #allocate(bytes: number): NativeMemory {
    const allocation: NativePointer = koffi.alloc('uint8', bytes + PAGE);
    this.#allocations.push(allocation);
    const address = (allocation + BigInt(PAGE - 1)) & ~BigInt(PAGE - 1);
    const memory = new Uint8Array(koffi.view(address, bytes)).fill(0);
    return { address, memory };
  }

  #check(call: string, error: number): void {
    if (error !== 0) throw new Error(`${call} answered ${UC_ERR[error] ?? error}`);
  }
}

/**
 * Unicorn answers UC_ERR_INSN_INVALID for three things. An undefined instruction leaves pc on it. WFE and
 * YIELD retire and leave pc behind them. A branch to an even address retires and leaves EPSR.T clear.
 */
function reviewUndefined(stop: Stop, after: ArmState, end: number): Stop {
  if ((after.xpsr & XPSR_T) === 0) return { ...stop, cause: 'invstate', completed: true };
  return after.r[STATE_WORD.pc] === end ? DONE : stop;
}

function sameHalfwords(left: Uint16Array, right: ArrayLike<number>): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
