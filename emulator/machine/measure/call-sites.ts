/** Chains of calls as the places they pass through, the innermost first, across exceptions. */
import type { CallSite } from '../../core/exception-observer.js';
import { type Frame, NO_RETURN } from './frame.js';

/** A thread or handler: its last frame, and where it is. */
export interface OpenChain {
  readonly top: Frame | undefined;
  readonly pc: number;
  /** The exception that it handles; 0: a thread. */
  readonly exception: number;
}

/**
 * @param chains what runs first, then what each in turn interrupted
 * @param branch where the branch was, if the first chain is where it is by one that was no call
 */
export function callSites(chains: readonly OpenChain[], branch: number | undefined): CallSite[] {
  return chains.flatMap(({ top, pc, exception }, k) => {
    const above = chains[k - 1];
    const site: CallSite =
      above === undefined
        ? { pc, kind: 'at', exception: 0 }
        : { pc, kind: 'interrupted', exception: above.exception };
    const origin: CallSite[] =
      above === undefined && branch !== undefined ? [{ pc: branch, kind: 'branch', exception: 0 }] : [];
    return [site, ...origin, ...callers(top, exception === 0)];
  });
}

/** @param thread what lies below its first frame called it; a handler's is what it interrupted */
function callers(top: Frame | undefined, thread: boolean): CallSite[] {
  const sites: CallSite[] = [];
  for (let at = top; at !== undefined; at = at.parent ?? (thread ? at.below : undefined)) {
    if (at.returnAddress !== NO_RETURN) sites.push({ pc: at.returnAddress, kind: 'caller', exception: 0 });
  }
  return sites;
}
