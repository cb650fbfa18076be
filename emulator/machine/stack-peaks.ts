/** How deep each stack has been, read off the lowest values that the stack pointers ever held. */
import { type CoreState, word, X } from '../core/state.js';

/** One stack's peak, as a machine tells that does not measure. */
export interface StackUse {
  readonly name: 'main' | 'process';
  /** Its value when first used (MSP: from the vector table) less the lowest it ever held. */
  readonly peakBytes: number;
}

/** @param initialMSP MSP as it came from the vector table */
export function stackUse(state: CoreState, initialMSP: number): StackUse[] {
  const { x } = state;
  const [main, process] = state.onProcessStack
    ? [X.OTHER_SP_LOWEST, X.SP_LOWEST]
    : [X.SP_LOWEST, X.OTHER_SP_LOWEST];
  const mainUse: StackUse = { name: 'main', peakBytes: (initialMSP - word(x, main)) >>> 0 };
  const start = state.firstPSP;
  if (start === undefined) return [mainUse];
  return [mainUse, { name: 'process', peakBytes: (start - word(x, process)) >>> 0 }];
}
