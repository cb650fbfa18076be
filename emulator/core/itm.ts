/**
 * The instrumentation trace macrocell (DDI 0403, C1.7): what software writes to stimulus port 0 is console
 * output; the other ports take what is written and drop it. Not here: packets, time stamps and the trace
 * port.
 */
import type { Register } from '../ports.js';

export interface ItmOptions {
  /** Takes a character for each byte, U+0000 to U+00FF. */
  readonly console: (text: string) => void;
  /** DEMCR.TRCENA. */
  readonly traceEnabled: () => boolean;
  /** Is the access a privileged one? */
  readonly privileged: () => boolean;
  /** A register was written that the lock keeps as it is. */
  readonly refused: () => void;
}

const PORTS = 32;
const FIFO_READY = 1;
const ITMENA = 1;
/** ITMENA, TSENA, SYNCENA, TXENA, SWOENA, TSPrescale, GTSFREQ, TraceBusID. */
const TCR_BITS = 0x007f0f1f;
const LOCK_KEY = 0xc5acce55 | 0;
/** LSR: there is a lock, and it is shut. */
const LOCK_PRESENT = 1;
const LOCKED = 2;

export class Itm {
  private enabledPorts = 0;
  /** A bit for eight ports: only privileged code may write to them and change their enable bits. */
  private privilege = 0;
  private control = 0;
  private locked = true;
  private readonly options: ItmOptions;

  constructor(options: ItmOptions) {
    this.options = options;
  }

  /** Of the power: a system reset leaves trace as it is. */
  reset(): void {
    this.enabledPorts = this.privilege = this.control = 0;
    this.locked = true;
  }

  /** At 0xE0000000. */
  get registers(): readonly Register[] {
    const ports = Array.from(
      { length: PORTS },
      (_, port): Register => ({
        name: `ITM_STIM${port}`,
        offset: 4 * port,
        byteAccess: true,
        read: () => FIFO_READY,
        write: (value) => this.stimulate(port, value, 4),
        writeNarrow: (value, size) => this.stimulate(port, value, size),
      }),
    );
    return [...ports, ...this.controls(), ...this.lock()];
  }

  private controls(): Register[] {
    return [
      {
        name: 'ITM_TER',
        offset: 0xe00,
        read: () => this.enabledPorts,
        write: (value) => this.unlessLocked(() => this.enablePorts(value)),
      },
      {
        name: 'ITM_TPR',
        offset: 0xe40,
        read: () => this.privilege,
        write: (value) =>
          this.unlessLocked(() => {
            if (this.options.privileged()) this.privilege = value & 0xf;
          }),
      },
      {
        name: 'ITM_TCR',
        offset: 0xe80,
        read: () => this.control,
        write: (value) =>
          this.unlessLocked(() => {
            if (this.options.privileged()) this.control = value & TCR_BITS;
          }),
      },
    ];
  }

  private lock(): Register[] {
    return [
      {
        name: 'ITM_LAR',
        offset: 0xfb0,
        write: (value) => {
          this.locked = value !== LOCK_KEY;
        },
      },
      { name: 'ITM_LSR', offset: 0xfb4, read: () => LOCK_PRESENT | (this.locked ? LOCKED : 0) },
    ];
  }

  private unlessLocked(write: () => void): void {
    if (this.locked) this.options.refused();
    else write();
  }

  /** The ports that the code running now may use. */
  private get allowedPorts(): number {
    if (this.options.privileged()) return -1;
    return [0, 1, 2, 3].reduce(
      (ports, k) => ((this.privilege >>> k) & 1 ? ports : ports | (0xff << (8 * k))),
      0,
    );
  }

  private enablePorts(value: number): void {
    const allowed = this.allowedPorts;
    this.enabledPorts = (value & allowed) | (this.enabledPorts & ~allowed);
  }

  private stimulate(port: number, value: number, size: number): void {
    const on = this.options.traceEnabled() && (this.control & ITMENA) !== 0;
    if (!on || port !== 0 || (this.enabledPorts & this.allowedPorts & 1) === 0) return;
    const bytes = Array.from({ length: size }, (_, k) => (value >>> (8 * k)) & 0xff);
    this.options.console(String.fromCharCode(...bytes));
  }
}
