/** The cycle counter of the DWT unit (DDI 0403, C1.8). Comparators and the other counters are not here. */
import type { Clock, Register } from '../ports.js';

const CYCCNTENA = 1;
/** DEMCR.TRCENA. */
const TRCENA = 1 << 24;

export class Dwt {
  private control = 0;
  private demcr = 0;
  /** CYCCNT was `base` at cycle `since`; it stands still while not running. */
  private base = 0;
  private since = 0;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  reset(): void {
    this.control = this.demcr = this.base = this.since = 0;
  }

  /** At 0xE0001000. */
  get registers(): readonly Register[] {
    return [
      {
        name: 'DWT_CTRL',
        offset: 0,
        read: () => this.control,
        write: (value) =>
          this.change(() => {
            this.control = value & CYCCNTENA;
          }),
      },
      {
        name: 'DWT_CYCCNT',
        offset: 4,
        read: () => this.count(),
        write: (value) =>
          this.change(() => {
            this.base = value | 0;
          }),
      },
    ];
  }

  /** In the system control space. */
  get demcrRegister(): Register {
    return {
      name: 'DEMCR',
      offset: 0xdfc,
      read: () => this.demcr,
      write: (value) =>
        this.change(() => {
          this.demcr = value & TRCENA;
        }),
    };
  }

  /** DEMCR.TRCENA: the trace units are on. */
  get traceEnabled(): boolean {
    return (this.demcr & TRCENA) !== 0;
  }

  private get running(): boolean {
    return (this.control & CYCCNTENA) !== 0 && this.traceEnabled;
  }

  private count(): number {
    return this.running ? (this.base + (this.clock.now() - this.since)) | 0 : this.base;
  }

  private change(apply: () => void): void {
    this.base = this.count();
    this.since = this.clock.now();
    apply();
  }
}
