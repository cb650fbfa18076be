/** Which rows of a line table cover the addresses that are looked for. */
import type { LineUnit } from './line-header.js';
import type { LineRows } from './line-program.js';

export interface FoundLine {
  readonly unit: LineUnit;
  readonly file: number;
  readonly line: number;
  /** Address of the first row of its run. */
  readonly start: number;
}

/** Where linkers leave the rows of functions that they dropped: no code can start there. */
const isDropped = (start: number): boolean => start === 0 || start >= 0xfffffffe;

export class LineSearch implements LineRows {
  readonly found = new Map<number, FoundLine>();
  private readonly wanted: readonly number[];
  private unit: LineUnit | undefined;
  private start: number | undefined;
  private last: { readonly address: number; readonly file: number; readonly line: number } | undefined;
  /** Of the run of rows so far: it counts when its end is there. */
  private run = new Map<number, FoundLine>();

  constructor(addresses: Iterable<number>) {
    this.wanted = [...new Set(addresses)].sort((a, b) => a - b);
  }

  begin(unit: LineUnit): void {
    this.unit = unit;
    this.restart();
  }

  private restart(): void {
    this.start = undefined;
    this.last = undefined;
    this.run.clear();
  }

  /** Of rows for one address the last one holds. */
  row(address: number, file: number, line: number, end: boolean): void {
    this.start ??= address;
    if (this.last !== undefined) this.cover(this.last, address, this.start);
    this.last = { address, file, line };
    if (!end) return;
    if (!isDropped(this.start)) this.keep();
    this.restart();
  }

  private cover(row: { address: number; file: number; line: number }, until: number, start: number): void {
    const { unit, wanted } = this;
    const { address, file, line } = row;
    if (unit === undefined || until <= address) return;
    for (let at = this.firstFrom(address); at < wanted.length && (wanted[at] as number) < until; at++) {
      this.run.set(wanted[at] as number, { unit, file, line, start });
    }
  }

  private firstFrom(address: number): number {
    let low = 0;
    let high = this.wanted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.wanted[middle] as number) < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private keep(): void {
    for (const [address, line] of this.run) {
      const known = this.found.get(address);
      if (known === undefined || known.start < line.start) this.found.set(address, line);
    }
  }
}
