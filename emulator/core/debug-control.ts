/**
 * The core's debug registers as the program itself sees them (DDI 0403, C1.6). No halting debugger is there:
 * DHCSR.C_DEBUGEN reads 0 and the program cannot set it. What is left is the DebugMonitor exception.
 */
import type { Register } from '../ports.js';
import { Exception } from './exception-numbers.js';
import type { Exceptions } from './exceptions.js';

const MON_EN = 1 << 16;
const MON_PEND = 1 << 17;
const MON_STEP = 1 << 18;
const MON_REQ = 1 << 19;
const TRCENA = 1 << 24;
/** DFSR: HALTED, BKPT, DWTTRAP, VCATCH, EXTERNAL. */
const DFSR_BITS = 0x1f;
const DFSR_BKPT = 1 << 1;

/** What it needs of the exception model. */
export type MonitorException = Pick<Exceptions, 'pending' | 'pend' | 'takeDebugMonitor'>;

export class DebugControl {
  private dfsr = 0;
  /** DEMCR but MON_PEND, which is DebugMonitor's pending bit. */
  private demcr = 0;
  private dcrdr = 0;
  private readonly listeners: (() => void)[] = [];
  private readonly exceptions: MonitorException;
  private readonly attention: () => void;

  /** @param attention something changed that may let an exception in */
  constructor(exceptions: MonitorException, attention: () => void) {
    this.exceptions = exceptions;
    this.attention = attention;
  }

  /** Of the power: a system reset leaves the debug registers as they are. */
  reset(): void {
    this.dfsr = this.demcr = this.dcrdr = 0;
  }

  /** DEMCR.TRCENA: the trace units are on. */
  get traceEnabled(): boolean {
    return (this.demcr & TRCENA) !== 0;
  }

  /** Called before TRCENA changes. */
  beforeTraceChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** BKPT at R15: true when DebugMonitor takes it, else it is a HardFault. */
  breakpoint(): boolean {
    if ((this.demcr & MON_EN) === 0 || !this.exceptions.takeDebugMonitor()) return false;
    this.dfsr |= DFSR_BKPT;
    return true;
  }

  /** In the system control space. */
  get registers(): readonly Register[] {
    return [
      {
        name: 'DFSR',
        offset: 0xd30,
        read: () => this.dfsr,
        write: (value) => {
          this.dfsr &= ~(value & DFSR_BITS);
        },
      },
      { name: 'DHCSR', offset: 0xdf0 },
      { name: 'DCRSR', offset: 0xdf4 },
      {
        name: 'DCRDR',
        offset: 0xdf8,
        read: () => this.dcrdr,
        write: (value) => {
          this.dcrdr = value;
        },
      },
      {
        name: 'DEMCR',
        offset: 0xdfc,
        unmodelled: { MON_STEP },
        stored: () => this.demcr,
        read: () => this.demcr | (this.exceptions.pending[Exception.DebugMonitor] === 1 ? MON_PEND : 0),
        write: (value) => this.writeDEMCR(value),
      },
    ];
  }

  private writeDEMCR(value: number): void {
    for (const listener of this.listeners) listener();
    this.demcr = value & (TRCENA | MON_EN | MON_STEP | MON_REQ);
    if ((value & MON_PEND) !== 0) this.exceptions.pend(Exception.DebugMonitor);
    else this.exceptions.pending[Exception.DebugMonitor] = 0;
    this.attention();
  }
}
