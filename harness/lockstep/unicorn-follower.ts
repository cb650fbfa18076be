/**
 * Unicorn as a follower. It runs in privileged thread mode always: what a handler does is done there with the
 * handler's stack. What of Unicorn 2.0.1 departs from the Arm ARM, and how that was found, stands in
 * test/witness/unicorn.ts.
 */
import {
  InternalError,
  MACHINE_STATE,
  type Machine,
  type MemoryChange,
  type MemoryRange,
  memoryOf,
} from '../../emulator/index.js';
import { hex } from '../report/hex.js';
import { type Difference, memoryDifferences } from './difference.js';
import { type Follower, isRam, masksOf, type Segment } from './follower.js';
import {
  type Koffi,
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
} from './unicorn-library.js';

const PAGE = 4096;
/** Words of the buffer that registers go through: as `MACHINE_STATE` begins, then MSP and PSP. */
const STATE = {
  sp: 13,
  pc: 15,
  xpsr: 16,
  fpscr: 17,
  control: 21,
  otherSP: 22,
  s0: 23,
  msp: 55,
  psp: 56,
} as const;
const WORDS = 57;
const SPSEL = 2;
const FPCA = 4;
const APSR_AND_T = 0xf90f_0000;
const THUMB = 1 << 24;
const IPSR = 0x1ff;
/** An address that no program runs to. */
const NOWHERE = 0xffff_fffe;

const CORE = Array.from({ length: 13 }, (_, n) => [UC_ARM_REG.r0 + n, n] as const);
const FLOAT = Array.from({ length: 8 }, (_, n) => [UC_ARM_REG.q0 + n, STATE.s0 + 4 * n] as const);
/** [Unicorn's register, word of the buffer]. CONTROL comes first: its SPSEL decides which stack is R13. */
const REGISTERS = [
  [UC_ARM_REG.control, STATE.control],
  ...CORE,
  [UC_ARM_REG.msp, STATE.msp],
  [UC_ARM_REG.psp, STATE.psp],
  [UC_ARM_REG.lr, 14],
  [UC_ARM_REG.fpscr, STATE.fpscr],
  ...FLOAT,
] as const;
const WRITTEN = [...REGISTERS, [UC_ARM_REG.xpsrWrite, STATE.xpsr]] as const;
const READ = [...REGISTERS, [UC_ARM_REG.xpsrRead, STATE.xpsr], [UC_ARM_REG.pc, STATE.pc]] as const;

/** R0 to R15, flags, FPSCR, the other SP and S0 to S31; no masks and no CONTROL. */
const COMPARED = [
  ...Array.from({ length: 18 }, (_, n) => n),
  STATE.otherSP,
  ...FLOAT.flatMap(([, at]) => [0, 1, 2, 3].map((k) => at + k)),
];

/** The arguments of one uc_reg_*_batch call, in native memory. */
interface Batch {
  readonly ids: NativePointer;
  readonly values: NativePointer;
  readonly count: number;
}

interface Native {
  readonly address: NativePointer;
  readonly bytes: Uint8Array;
}

/** A range of the guide's memory and Unicorn's own bytes of it. */
interface Mapped {
  readonly range: MemoryRange;
  readonly own: Native;
}

export class UnicornFollower implements Follower {
  readonly name = 'Unicorn';
  readonly compared = COMPARED;
  readonly masks = masksOf(MACHINE_STATE.length);
  readonly does = new Set<never>();
  private readonly engine: NativePointer;
  private readonly callback: NativePointer;
  private readonly allocations: NativePointer[] = [];
  private readonly words: Uint32Array;
  private readonly written: Batch;
  private readonly batch: Batch;
  private readonly pcOnly: Batch;
  private readonly mapped: Mapped[] = [];
  private interrupt = 0;

  constructor(
    private readonly native: Koffi,
    private readonly library: UnicornLibrary,
    guide: Machine,
  ) {
    const out: [NativePointer | null] = [null];
    this.check('uc_open', library.open(UC_ARCH_ARM, UC_MODE_THUMB, out));
    this.engine = out[0] as NativePointer;
    this.check('uc_ctl', library.ctl(this.engine, UC_CTL_SET_CPU_MODEL, UC_CPU_ARM_CORTEX_M4, 0));
    this.callback = library.registerCallback((_engine, exception) => {
      this.interrupt = exception;
      library.stop(this.engine);
    });
    this.check('uc_hook_add', library.hookInterrupt(this.engine, this.callback));
    const buffer = this.allocate(4 * WORDS);
    this.words = new Uint32Array(buffer.bytes.buffer, buffer.bytes.byteOffset, WORDS);
    this.written = this.batchOf(WRITTEN, buffer.address);
    this.batch = this.batchOf(READ, buffer.address);
    this.pcOnly = this.batchOf([[UC_ARM_REG.pc, STATE.pc]], buffer.address);
    for (const range of memoryOf(guide)) this.map(range);
  }

  private map(range: MemoryRange): void {
    const { start, bytes, writable, alias } = range;
    const home = this.mapped.find(
      ({ range: { bytes: other } }) =>
        bytes.byteOffset >= other.byteOffset &&
        bytes.byteOffset + bytes.length <= other.byteOffset + other.length,
    );
    const own = alias && home !== undefined ? home.own : this.allocate(bytes.length);
    const offset = alias && home !== undefined ? bytes.byteOffset - home.range.bytes.byteOffset : 0;
    const permissions = UC_PROT_READ | UC_PROT_EXEC | (writable ? UC_PROT_WRITE : 0);
    const host = own.address + BigInt(offset);
    this.check(
      'uc_mem_map_ptr',
      this.library.mapPointer(this.engine, start, bytes.length, permissions, host),
    );
    if (alias) return;
    own.bytes.set(bytes);
    this.mapped.push({ range, own });
  }

  takeAll(state: Float64Array): void {
    this.takeMemory();
    this.take(state, []);
  }

  take(state: Float64Array, changes: readonly MemoryChange[]): void {
    for (const change of changes) this.takeWord(change);
    const { words } = this;
    for (let k = 0; k < STATE.msp; k++) words[k] = state[k] as number;
    const [xpsr, control] = [words[STATE.xpsr] as number, words[STATE.control] as number];
    const onProcess = (xpsr & IPSR) === 0 && (control & SPSEL) !== 0;
    const [sp, other] = [words[STATE.sp] as number, words[STATE.otherSP] as number];
    [words[STATE.msp], words[STATE.psp]] = onProcess ? [other, sp] : [sp, other];
    words[STATE.control] = (onProcess ? SPSEL : 0) | (control & FPCA);
    words[STATE.xpsr] = ((xpsr & APSR_AND_T) | THUMB) >>> 0;
    const { ids, values, count } = this.written;
    this.check('uc_reg_write_batch', this.library.registersWrite(this.engine, ids, values, count));
  }

  private takeWord({ address, value }: MemoryChange): void {
    const home = this.mapped.find(
      ({ range: { start, bytes } }) => address >= start && address < start + bytes.length,
    );
    if (home === undefined) throw new InternalError(`no RAM at ${address}`);
    const { buffer, byteOffset } = home.own.bytes;
    new DataView(buffer, byteOffset).setUint32(address - home.range.start, value, true);
    this.forget(address, 4);
  }

  /** What Unicorn has translated of these bytes. */
  private forget(address: number, bytes: number): void {
    this.check('uc_ctl', this.library.ctl(this.engine, UC_CTL_REMOVE_CACHE, address, address + bytes));
  }

  /** Page by page, where they differ: what Unicorn has translated of a page is then forgotten. */
  private takeMemory(): void {
    for (const { range, own } of this.mapped.filter(({ range: ours }) => isRam(ours))) {
      const ours = new Int32Array(range.bytes.buffer, range.bytes.byteOffset, range.bytes.length / 4);
      const theirs = new Int32Array(own.bytes.buffer, own.bytes.byteOffset, range.bytes.length / 4);
      for (let page = 0; page < ours.length; page += PAGE / 4) {
        let k = page;
        while (k < page + PAGE / 4 && ours[k] === theirs[k]) k++;
        if (k === page + PAGE / 4) continue;
        theirs.set(ours.subarray(page, page + PAGE / 4), page);
        this.forget(range.start + 4 * page, PAGE);
      }
    }
  }

  /** In parts: alone an IT counts as one with what it governs, among others it does not always. */
  run({ parts }: Segment): string | undefined {
    this.interrupt = 0;
    for (const [turn, { start, units }] of parts.entries()) {
      if (turn > 0 && this.pc() !== start) return `went to ${hex(this.pc())}, not to ${hex(start)}`;
      const error = this.library.start(this.engine, start | 1, NOWHERE, 0, units);
      if (error === 0 && this.interrupt === 0) continue;
      return `${UC_ERR[error] ?? error}${this.interrupt === 0 ? '' : `, exception ${this.interrupt}`}`;
    }
    return undefined;
  }

  private pc(): number {
    const { ids, values } = this.pcOnly;
    this.check('uc_reg_read_batch', this.library.registersRead(this.engine, ids, values, 1));
    return this.words[STATE.pc] as number;
  }

  read(into: Float64Array): void {
    const { words } = this;
    const { ids, values, count } = this.batch;
    this.check('uc_reg_read_batch', this.library.registersRead(this.engine, ids, values, count));
    const onProcess = ((words[STATE.control] as number) & SPSEL) !== 0;
    const [msp, psp] = [words[STATE.msp] as number, words[STATE.psp] as number];
    [words[STATE.sp], words[STATE.otherSP]] = onProcess ? [psp, msp] : [msp, psp];
    for (const index of COMPARED) into[index] = words[index] as number;
  }

  memory(): Difference[] {
    const ram = this.mapped.filter(({ range }) => isRam(range));
    return memoryDifferences(
      ram.map(({ range }) => range),
      ram.map(({ range, own }) => ({ bytes: own.bytes.subarray(0, range.bytes.length) })),
    );
  }

  close(): void {
    this.check('uc_close', this.library.close(this.engine));
    this.library.unregisterCallback(this.callback);
    for (const allocation of this.allocations) this.native.free(allocation);
  }

  private batchOf(registers: readonly (readonly [number, number])[], words: NativePointer): Batch {
    const count = registers.length;
    const ids = this.allocate(4 * count);
    const values = this.allocate(8 * count);
    new Int32Array(ids.bytes.buffer, ids.bytes.byteOffset, count).set(registers.map(([id]) => id));
    const pointers = registers.map(([, word]) => words + BigInt(4 * word));
    new BigUint64Array(values.bytes.buffer, values.bytes.byteOffset, count).set(pointers);
    return { ids: ids.address, values: values.address, count };
  }

  /** Zeroed native memory, page aligned, freed by `close`. */
  private allocate(length: number): Native {
    const allocation: NativePointer = this.native.alloc('uint8', length + PAGE);
    this.allocations.push(allocation);
    const address = (allocation + BigInt(PAGE - 1)) & ~BigInt(PAGE - 1);
    return { address, bytes: new Uint8Array(this.native.view(address, length)).fill(0) };
  }

  private check(call: string, error: number): void {
    if (error !== 0) throw new InternalError(`${call} answered ${UC_ERR[error] ?? error}`);
  }
}
