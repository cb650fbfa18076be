/** A chain of calls by symbol and source line, the innermost first. */

import { exceptionName } from '../core/exception-numbers.js';
import type { CallSite } from '../core/exception-observer.js';
import type { ElfImage } from '../elf/elf-image.js';
import { sourceLines } from '../elf/source-lines.js';

/** One place of a backtrace. */
export interface BacktraceFrame {
  /** The instruction at which it stands; of a caller the one its call returns to. */
  readonly pc: number;
  /**
   * fault: the instruction it stopped at; branch: the one that led there, and was no call; caller: it called
   * the frame before; interrupted: an exception, `by`, interrupted it.
   */
  readonly kind: 'fault' | 'branch' | 'caller' | 'interrupted';
  /** The exception's name: HardFault, SysTick, IRQ5. */
  readonly by: string | null;
  /** The symbol it lies in, and how far; null where there is none. */
  readonly function: string | null;
  readonly offset: number | null;
  /** As the compiler was given it; null without line information. Of a caller the line of its call. */
  readonly file: string | null;
  readonly line: number | null;
}

export interface Backtrace {
  readonly frames: readonly BacktraceFrame[];
  /** Frames left out between the first 32 and the last 32. */
  readonly leftOut: number;
}

const SHOWN_AT_EACH_END = 32;

/** An address inside the instruction that the frame is about: of a caller its call, which has just ended. */
const inside = ({ pc, kind }: CallSite): number => (kind === 'caller' ? pc - 2 : pc);

export function backtrace(elf: ElfImage, sites: readonly CallSite[]): Backtrace {
  const leftOut = Math.max(sites.length - 2 * SHOWN_AT_EACH_END, 0);
  const shown =
    leftOut === 0 ? sites : [...sites.slice(0, SHOWN_AT_EACH_END), ...sites.slice(-SHOWN_AT_EACH_END)];
  const lines = sourceLines(elf, shown.map(inside));
  const frames = shown.map((site): BacktraceFrame => {
    const { pc, kind, exception } = site;
    const symbol = elf.symbolAt(inside(site));
    const line = lines.get(inside(site));
    return {
      pc,
      kind: kind === 'at' ? 'fault' : kind,
      by: kind === 'interrupted' ? exceptionName(exception) : null,
      function: symbol?.name ?? null,
      offset: symbol === undefined ? null : pc - symbol.address,
      file: line?.file ?? null,
      line: line?.line ?? null,
    };
  });
  return { frames, leftOut };
}
