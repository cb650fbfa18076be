/** The machine's time: a countdown that the core spends, and the events that are due when it is used up. */
import { word, X } from '../core/state.js';
import type { Clock } from '../ports.js';

interface Event {
  readonly cycle: number;
  readonly action: () => void;
}

/** Countdowns fit an i32 with room to overshoot. */
const LONGEST = 2 ** 30;

export class MachineClock implements Clock {
  private readonly x: Int32Array;
  /** The cycle at which the countdown reaches zero. */
  private deadline = 0;
  private events: Event[] = [];

  constructor(x: Int32Array) {
    this.x = x;
  }

  /** @param now what `now()` says from here on, in cycles; events are forgotten */
  reset(now = 0): void {
    this.deadline = now;
    this.events = [];
    this.x[X.COUNTDOWN] = 0;
  }

  now(): number {
    return this.deadline - word(this.x, X.COUNTDOWN);
  }

  at(cycle: number, action: () => void): () => void {
    const event = { cycle, action };
    this.events.push(event);
    this.events.sort((a, b) => a.cycle - b.cycle);
    if (cycle < this.deadline) this.countTo(cycle);
    return () => {
      this.events = this.events.filter((other) => other !== event);
    };
  }

  /** Lets the core run to `limit` or to the next event, whichever is first. */
  countToNext(limit: number): void {
    const now = this.now();
    this.countTo(Math.min(limit, this.nextEvent, now + LONGEST));
  }

  private countTo(cycle: number): void {
    const now = this.now();
    this.deadline = cycle;
    this.x[X.COUNTDOWN] = cycle - now;
  }

  /** Makes the core stop after the instruction it is in. */
  attention = (): void => this.countTo(this.now());

  /** Passes time with the core standing still. */
  spend = (cycles: number): void => {
    this.x[X.COUNTDOWN] = word(this.x, X.COUNTDOWN) - cycles;
  };

  get nextEvent(): number {
    return this.events[0]?.cycle ?? Number.POSITIVE_INFINITY;
  }

  /** Runs what is due, in order of time. */
  runDue(): void {
    for (
      let event = this.events[0];
      event !== undefined && event.cycle <= this.now();
      event = this.events[0]
    ) {
      this.events.shift();
      event.action();
    }
  }
}
