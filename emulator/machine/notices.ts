/** What the author of the program should know and the program cannot tell: for the run's report. */

/** Something that the author of the program should know. */
export interface Notice {
  /** Stable, kebab-case: `flash-latency`, `clock-off`, `watchdog-reset`. */
  readonly code: string;
  readonly text: string;
  /** How often. */
  readonly count: number;
}

/** Different ones kept: a program that goes wrong in a loop would have no end of them. */
const MOST = 100;
const AND_MORE = 'more notices, of other texts, that are not listed';

export class Notices {
  private readonly noted = new Map<string, Notice>();

  reset(): void {
    this.noted.clear();
  }

  add(code: string, text: string): void {
    const isListed = this.noted.has(text) || this.noted.size < MOST;
    if (isListed) this.count(code, text);
    else this.count('more', AND_MORE);
  }

  private count(code: string, text: string): void {
    const count = (this.noted.get(text)?.count ?? 0) + 1;
    this.noted.set(text, { code, text, count });
  }

  get all(): Notice[] {
    return [...this.noted.values()];
  }
}
