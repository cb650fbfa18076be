/** The cycle counter of the DWT unit (DDI 0403, C1.8). Comparators and the other counters are not here. */
import type { Clock, Register } from '../ports.js';
import type { DebugControl } from './debug-control.js';

const CYCCNTENA = 1;

export class Dwt {
  private control = 0;
  /** CYCCNT was `base` at cycle `since`; it stands still while not running. */
  private base = 0;
  private since = 0;
  private readonly clock: Clock;
  private readonly debug: DebugControl;

  /** @param debug has DEMCR.TRCENA, without which nothing counts */
  constructor(clock: Clock, debug: DebugControl) {
    this.clock = clock;
    this.debug = debug;
    debug.beforeTraceChange(() => this.settle());
  }

  reset(): void {
    this.control = this.base = this.since = 0;
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

  private get running(): boolean {
    return (this.control & CYCCNTENA) !== 0 && this.debug.traceEnabled;
  }

  private count(): number {
    return this.running ? (this.base + (this.clock.now() - this.since)) | 0 : this.base;
  }

  private change(apply: () => void): void {
    this.settle();
    apply();
  }

  /** From here on it counts anew, on top of what it has counted. */
  private settle(): void {
    this.base = this.count();
    this.since = this.clock.now();
  }
}
