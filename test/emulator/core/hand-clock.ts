/** A clock that a test moves by hand. */
import type { Clock } from '../../../emulator/ports.js';

export class HandClock implements Clock {
  #cycle = 0;
  #events: { cycle: number; action: () => void }[] = [];

  now(): number {
    return this.#cycle;
  }

  at(cycle: number, action: () => void): () => void {
    const event = { cycle, action };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** Lets cycles pass one by one, each with what is due. */
  pass(cycles: number): void {
    for (let k = 0; k < cycles; k++) {
      this.#cycle++;
      const due = this.#events.filter((event) => event.cycle <= this.#cycle);
      this.#events = this.#events.filter((event) => event.cycle > this.#cycle);
      for (const { action } of due) action();
    }
  }
}
