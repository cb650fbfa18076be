/** What the author of the program should know and the program cannot tell: for the run's report. */

/** Something that the author of the program should know. */
export interface Notice {
  /** Stable, kebab-case: `flash-latency`, `clock-off`, `watchdog-reset`. */
  readonly code: string;
  readonly text: string;
  /** How often. */
  readonly count: number;
}

export class Notices {
  private readonly noted = new Map<string, Notice>();

  reset(): void {
    this.noted.clear();
  }

  add(code: string, text: string): void {
    const count = (this.noted.get(text)?.count ?? 0) + 1;
    this.noted.set(text, { code, text, count });
  }

  get all(): Notice[] {
    return [...this.noted.values()];
  }
}
