/** The system control block, NVIC and FP registers at 0xE000E000 (DDI 0403, B3.2, B3.4). */

import type { Register } from '../ports.js';
import { Exception } from './exception-numbers.js';
import type { Exceptions } from './exceptions.js';
import { FPCCR_BITS } from './fpccr.js';
import type { Memory } from './memory.js';
import { type CoreState, word, X } from './state.js';

export interface SystemControlOptions {
  readonly state: CoreState;
  readonly exceptions: Exceptions;
  readonly memory: Memory;
  /** The implemented bits of a priority, as in 0xf0. */
  readonly priorityMask: number;
  /** Something changed that may let an exception in. */
  readonly attention: () => void;
  /** AIRCR.SYSRESETREQ. */
  readonly requestReset: () => void;
}

const VECTKEY = 0x05fa;
const NONBASETHRDENA = 1;
const USERSETMPEND = 1 << 1;
const UNALIGN_TRP = 1 << 3;
const DIV_0_TRP = 1 << 4;
const BFHFNMIGN = 1 << 8;
const STKALIGN = 1 << 9;
const SLEEPONEXIT = 1 << 1;
const SLEEPDEEP = 1 << 2;
const SEVONPEND = 1 << 4;
/** ACTLR (DDI 0439, 4.2). DISMCYCINT changes nothing here: no instruction is interrupted in its middle. */
const DISDEFWBUF = 1 << 1;
const ACTLR_UNMODELLED = { DISFOLD: 1 << 2, DISFPCA: 1 << 8, DISOOFP: 1 << 9 };
const ACTLR_BITS = 0x307;
/** For a debugger that halts the core; UNPREDICTABLE without. */
const AIRCR_UNMODELLED = { VECTRESET: 1, VECTCLRACTIVE: 1 << 1 };
/** Words of the interrupt controller's flags, and of its priorities, that the architecture has. */
const FLAG_WORDS = 8;
const PRIORITY_WORDS = 60;
const STIR = 0xe000ef00;
/** The instrumentation trace macrocell, which unprivileged code may write to as ITM_TPR says. */
const ITM = { start: 0xe0000000, end: 0xe0001000 };
/** Exception numbers that the architecture reserves: their priorities read as zero. */
const RESERVED: ReadonlySet<number> = new Set([7, 8, 9, 10, 13]);
const CP10_FULL = 0xf << 20;

export class SystemControl {
  private ccr = STKALIGN;
  private scr = 0;
  private cpacr = 0;
  private actlr = 0;
  private readonly options: SystemControlOptions;

  constructor(options: SystemControlOptions) {
    this.options = options;
  }

  reset(): void {
    this.cpacr = this.actlr = 0;
    this.writeSCR(0);
    this.writeCCR(STKALIGN);
  }

  /** ACTLR.DISDEFWBUF. */
  get writeBufferOff(): boolean {
    return (this.actlr & DISDEFWBUF) !== 0;
  }

  /** SCR.SLEEPONEXIT: the core sleeps when the last handler returns. */
  get sleepsOnExit(): boolean {
    return (this.scr & SLEEPONEXIT) !== 0;
  }

  /** CCR.BFHFNMIGN: at a negative priority data bus errors are passed over. */
  get ignoresBusFaults(): boolean {
    return (this.ccr & BFHFNMIGN) !== 0;
  }

  /** Addresses of the private peripheral bus that unprivileged code may access. */
  opensToAll(address: number): boolean {
    const isITM = address >= ITM.start && address < ITM.end;
    return isITM || (address === STIR && (this.ccr & USERSETMPEND) !== 0);
  }

  get trapsDivideByZero(): boolean {
    return (this.ccr & DIV_0_TRP) !== 0;
  }

  /** CP10 and CP11 on for the current privilege. */
  get floatEnabled(): boolean {
    const access = (this.cpacr >>> 20) & 3;
    return access === 3 || (access === 1 && this.options.state.privileged);
  }

  get registers(): readonly Register[] {
    return [...this.control(), ...this.faults(), ...this.float(), ...this.nvic()];
  }

  private control(): Register[] {
    const { exceptions } = this.options;
    return [
      {
        name: 'ACTLR',
        offset: 0x008,
        unmodelled: ACTLR_UNMODELLED,
        stored: () => this.actlr,
        read: () => this.actlr,
        write: (v) => {
          this.actlr = v & ACTLR_BITS;
        },
      },
      { name: 'ICSR', offset: 0xd04, read: () => this.readICSR(), write: (v) => this.writeICSR(v) },
      {
        name: 'VTOR',
        offset: 0xd08,
        read: () => exceptions.vectorTable,
        write: (v) => {
          exceptions.vectorTable = v & ~0x7f;
        },
      },
      {
        name: 'AIRCR',
        offset: 0xd0c,
        unmodelled: AIRCR_UNMODELLED,
        stored: () => 0,
        read: () => (0xfa05 << 16) | (exceptions.priorityGroup << 8),
        write: (v) => this.writeAIRCR(v),
      },
      {
        name: 'SCR',
        offset: 0xd10,
        read: () => this.scr,
        write: (v) => this.writeSCR(v),
      },
      { name: 'CCR', offset: 0xd14, read: () => this.ccr, write: (v) => this.writeCCR(v) },
      ...[0, 1, 2].map((k): Register => this.priorityRegister(`SHPR${k + 1}`, 0xd18 + 4 * k, 4 + 4 * k)),
      { name: 'SHCSR', offset: 0xd24, read: () => this.readSHCSR(), write: (v) => this.writeSHCSR(v) },
      {
        name: 'CPACR',
        offset: 0xd88,
        read: () => this.cpacr,
        write: (v) => {
          this.cpacr = v & CP10_FULL;
        },
      },
    ];
  }

  private faults(): Register[] {
    const { exceptions } = this.options;
    return [
      {
        name: 'CFSR',
        offset: 0xd28,
        byteAccess: true,
        writeOneToClear: true,
        read: () => exceptions.cfsr,
        write: (v) => {
          exceptions.cfsr &= ~v;
        },
      },
      {
        name: 'HFSR',
        offset: 0xd2c,
        read: () => exceptions.hfsr,
        write: (v) => {
          exceptions.hfsr &= ~v;
        },
      },
      { name: 'MMFAR', offset: 0xd34, ...this.faultAddress },
      { name: 'BFAR', offset: 0xd38, ...this.faultAddress },
      { name: 'AFSR', offset: 0xd3c },
    ];
  }

  /** MMFAR and BFAR are the same register. */
  private get faultAddress(): Pick<Register, 'read' | 'write'> {
    const { exceptions } = this.options;
    return {
      read: () => exceptions.faultAddress,
      write: (v) => {
        exceptions.faultAddress = v;
      },
    };
  }

  private float(): Register[] {
    const { exceptions, state } = this.options;
    const lazy = (): number => (word(state.x, X.LAZY_FP) !== 0 ? 1 : 0);
    return [
      {
        name: 'FPCCR',
        offset: 0xf34,
        read: () => exceptions.fpccr | lazy(),
        write: (v) => {
          exceptions.fpccr = v & FPCCR_BITS;
          state.x[X.LAZY_FP] = v & 1;
        },
      },
      {
        name: 'FPCAR',
        offset: 0xf38,
        read: () => exceptions.fpcar,
        write: (v) => {
          exceptions.fpcar = v & ~7;
        },
      },
      {
        name: 'FPDSCR',
        offset: 0xf3c,
        read: () => exceptions.fpdscr,
        write: (v) => {
          exceptions.fpdscr = v & 0x07c00000;
        },
      },
    ];
  }

  private nvic(): Register[] {
    const { exceptions } = this.options;
    const words = Array.from({ length: FLAG_WORDS }, (_, k) => k);
    const bytes = Array.from({ length: PRIORITY_WORDS }, (_, k) => k);
    const set = (name: string, offset: number, flags: Uint8Array, to: 0 | 1): Register[] =>
      words.map((k) => ({
        name: `${name}${k}`,
        offset: offset + 4 * k,
        byteAccess: true,
        // A zero leaves its flag as it is, so that a byte's write leaves the other bytes alone.
        writeOneToClear: true,
        read: () => this.readFlags(flags, k),
        write: (value) => this.writeFlags(flags, k, value, to),
      }));
    return [
      ...set('NVIC_ISER', 0x100, exceptions.enabled, 1),
      ...set('NVIC_ICER', 0x180, exceptions.enabled, 0),
      ...set('NVIC_ISPR', 0x200, exceptions.pending, 1),
      ...set('NVIC_ICPR', 0x280, exceptions.pending, 0),
      ...words.map(
        (k): Register => ({
          name: `NVIC_IABR${k}`,
          offset: 0x300 + 4 * k,
          byteAccess: true,
          read: () => this.readFlags(exceptions.active, k),
        }),
      ),
      ...bytes.map((k) =>
        this.priorityRegister(`NVIC_IPR${k}`, 0x400 + 4 * k, Exception.firstInterrupt + 4 * k),
      ),
      { name: 'STIR', offset: 0xf00, write: (v) => this.pend(Exception.firstInterrupt + (v & 0x1ff)) },
    ];
  }

  private readFlags(flags: Uint8Array, k: number): number {
    let value = 0;
    for (let bit = 0; bit < 32; bit++) value |= (flags[Exception.firstInterrupt + 32 * k + bit] ?? 0) << bit;
    return value;
  }

  private writeFlags(flags: Uint8Array, k: number, value: number, to: 0 | 1): void {
    for (let bit = 0; bit < 32; bit++) {
      const number = Exception.firstInterrupt + 32 * k + bit;
      if (((value >>> bit) & 1) === 0 || number >= flags.length) continue;
      if (flags === this.options.exceptions.pending && to === 1) this.options.exceptions.pend(number);
      else flags[number] = to;
    }
    this.options.exceptions.sampleLevels();
    this.options.attention();
  }

  /** Four priorities, a byte each, from exception `first` up. */
  private priorityRegister(name: string, offset: number, first: number): Register {
    const { priorities } = this.options.exceptions;
    const lanes = [0, 1, 2, 3];
    return {
      name,
      offset,
      byteAccess: true,
      read: () => lanes.reduce((value, lane) => value | ((priorities[first + lane] ?? 0) << (8 * lane)), 0),
      write: (value) => {
        for (const lane of lanes) {
          const mask = RESERVED.has(first + lane) ? 0 : this.options.priorityMask;
          if (first + lane < priorities.length) priorities[first + lane] = (value >>> (8 * lane)) & mask;
        }
        this.options.attention();
      },
    };
  }

  private pend(number: number): void {
    const { exceptions, attention } = this.options;
    exceptions.pend(number);
    attention();
  }

  private readICSR(): number {
    const { exceptions, state } = this.options;
    const flag = (n: number, bit: number): number => (exceptions.pending[n] as number) << bit;
    const interrupt = exceptions.pending.indexOf(1, Exception.firstInterrupt) >= 0 ? 1 << 22 : 0;
    const ipsr = word(state.x, X.IPSR);
    const others = exceptions.active.some((flag, n) => flag === 1 && n !== ipsr);
    return (
      ipsr |
      (others ? 0 : 1 << 11) |
      (exceptions.shownPending() << 12) |
      interrupt |
      flag(Exception.SysTick, 26) |
      flag(Exception.PendSV, 28) |
      flag(Exception.NMI, 31)
    );
  }

  private writeICSR(value: number): void {
    const { exceptions, attention } = this.options;
    if (value & (1 << 25)) exceptions.pending[Exception.SysTick] = 0;
    if (value & (1 << 26)) exceptions.pend(Exception.SysTick);
    if (value & (1 << 27)) exceptions.pending[Exception.PendSV] = 0;
    if (value & (1 << 28)) exceptions.pend(Exception.PendSV);
    if (value & (1 << 31)) exceptions.pend(Exception.NMI);
    attention();
  }

  private writeAIRCR(value: number): void {
    if (value >>> 16 !== VECTKEY) return;
    this.options.exceptions.priorityGroup = (value >>> 8) & 7;
    if (value & 4) this.options.requestReset();
    this.options.attention();
  }

  private writeSCR(value: number): void {
    this.scr = value & (SLEEPONEXIT | SLEEPDEEP | SEVONPEND);
    this.options.exceptions.sendEventOnPend = (value & SEVONPEND) !== 0;
  }

  private writeCCR(value: number): void {
    this.ccr = value & 0x31b;
    const { memory } = this.options;
    const trapUnaligned = (value & UNALIGN_TRP) !== 0;
    // Translated code presumes what it is.
    if (memory.trapUnaligned !== trapUnaligned) this.options.attention();
    memory.trapUnaligned = trapUnaligned;
    this.options.exceptions.stackAlign = (value & STKALIGN) !== 0;
    this.options.exceptions.threadFromAnyLevel = (value & NONBASETHRDENA) !== 0;
  }

  /** [bit, exception] of SHCSR's enables, active bits and pending bits. */
  private static readonly enables = [
    [16, 4],
    [17, 5],
    [18, 6],
  ] as const;
  private static readonly actives = [
    [0, 4],
    [1, 5],
    [3, 6],
    [7, 11],
    [8, 12],
    [10, 14],
    [11, 15],
  ] as const;

  private static readonly pendings = [
    [12, 6],
    [13, 4],
    [14, 5],
    [15, 11],
  ] as const;

  private readSHCSR(): number {
    const { enabled, active, pending } = this.options.exceptions;
    const bits = (flags: Uint8Array, map: readonly (readonly [number, number])[]): number =>
      map.reduce((value, [bit, n]) => value | ((flags[n] as number) << bit), 0);
    return (
      bits(enabled, SystemControl.enables) |
      bits(active, SystemControl.actives) |
      bits(pending, SystemControl.pendings)
    );
  }

  private writeSHCSR(value: number): void {
    const { enabled, active, pending } = this.options.exceptions;
    for (const [bit, n] of SystemControl.pendings) pending[n] = (value >>> bit) & 1;
    for (const [bit, n] of SystemControl.enables) enabled[n] = (value >>> bit) & 1;
    for (const [bit, n] of SystemControl.actives) active[n] = (value >>> bit) & 1;
    this.options.attention();
  }
}
