/**
 * What is known about torture programs that do not simply pass: why one fails on QEMU as well, or why m4lab
 * and QEMU rightly differ. Each entry must be met when all programs run.
 */
import type { TortureResult } from './torture-run.js';

export interface Known {
  readonly name: string;
  readonly levels: readonly string[];
  readonly outcome: 'failed alike' | 'different';
  readonly reason: string;
}

const ALL_LEVELS = ['-O0', '-O2', '-Os'];

export const KNOWN: readonly Known[] = [
  {
    name: '20030125-1',
    levels: ['-Os'],
    outcome: 'failed alike',
    reason: 'wants floor() of a float made floorf(), which GCC does with a C99 runtime only; newlib is none',
  },
  {
    name: 'pr78622',
    levels: ALL_LEVELS,
    outcome: 'failed alike',
    reason: 'prints by %hhd, a C99 format that Debian’s newlib is built without',
  },
];

/** The entry that a result is explained by. */
export function knownOf({ name, level, outcome }: TortureResult): Known | undefined {
  return KNOWN.find(
    (known) => known.name === name && known.levels.includes(level) && known.outcome === outcome,
  );
}
