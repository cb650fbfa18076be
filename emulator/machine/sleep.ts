/** WFI and WFE: the core stands still, and time skips from event to event until something wakes it. */
import { word, X } from '../core/state.js';
import type { CoreComplex } from './core-complex.js';
import type { Stop } from './stop.js';

/** Events that a sleeping core may pass without waking: more than the longest DMA transfer has. */
const MOST_EVENTS_ASLEEP = 2_000_000;

export class Sleep {
  private readonly core: CoreComplex;
  /** The WFI or WFE that the core sleeps at, or the instruction after an exception's end. */
  private asleep: { readonly pc: number; readonly forEvent: boolean; events: number } | undefined;

  constructor(core: CoreComplex) {
    this.core = core;
  }

  reset(): void {
    this.asleep = undefined;
  }

  /** @param pc to name the place by */
  waitForInterrupt(pc: number): void {
    this.asleep = { pc, forEvent: false, events: 0 };
  }

  /** An event that came before is used up, and nobody sleeps. */
  waitForEvent(pc: number): void {
    const { x } = this.core.state;
    if (word(x, X.EVENT_REGISTER) !== 0) x[X.EVENT_REGISTER] = 0;
    else this.asleep = { pc, forEvent: true, events: 0 };
  }

  private wakes(forEvent: boolean): boolean {
    const { exceptions, state } = this.core;
    if (!forEvent) return exceptions.wakes();
    if (exceptions.nextToTake() !== 0) return true;
    const event = word(state.x, X.EVENT_REGISTER) !== 0;
    state.x[X.EVENT_REGISTER] = 0;
    return event;
  }

  /** Passes the time until the core wakes, or until the limit, where it sleeps on in the next run. */
  pass(maxCycles: number): Stop | undefined {
    const { asleep } = this;
    if (asleep === undefined) return undefined;
    const { clock } = this.core;
    for (; !this.wakes(asleep.forEvent); asleep.events++) {
      if (clock.nextEvent === Number.POSITIVE_INFINITY || asleep.events > MOST_EVENTS_ASLEEP) {
        return { reason: 'idle', text: 'the core sleeps and nothing can wake it', pc: asleep.pc };
      }
      const left = maxCycles - clock.now();
      if (left <= 0) return { reason: 'limit', limit: 'cycles' };
      clock.spend(Math.max(Math.min(clock.nextEvent - clock.now(), left), 0));
      clock.runDue();
    }
    this.asleep = undefined;
    return undefined;
  }
}
