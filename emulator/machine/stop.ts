/** When a run is to stop, and why it did. */
import type { StackOverflow } from './measure/stack-use.js';

/** When to stop; without any, at the program's own end. */
export interface RunUntil {
  /** Value of `cycles` at or just after which to stop. */
  readonly maxCycles?: number;
  /** Value of `instructions` at which to stop. */
  readonly maxInstructions?: number;
  /** Stop before the instruction at one of these (bit 0 does not count); the one at the pc is passed over. */
  readonly addresses?: readonly number[];
  /** Looked at whenever the machine looks up from running (MachineClock.attention makes it): true stops. */
  readonly asked?: () => boolean;
}

/** Why a run stopped. */
export type Stop =
  /** The program ended by semihosting SYS_EXIT or SYS_EXIT_EXTENDED. */
  | { readonly reason: 'exit'; readonly code: number }
  | { readonly reason: 'address'; readonly address: number }
  | { readonly reason: 'limit'; readonly limit: 'cycles' | 'instructions' | 'asked' }
  /** WFI or WFE with nothing that could ever wake the core. */
  | { readonly reason: 'idle'; readonly text: string; readonly pc: number }
  /** A fault whose handler only loops. */
  | { readonly reason: 'fault'; readonly text: string; readonly pc: number }
  /** A fault that no handler could take. */
  | { readonly reason: 'lockup'; readonly text: string; readonly pc: number }
  /** SP of a stack that is measured went below its limit; the run can go on. */
  | ({ readonly reason: 'stack-overflow' } & StackOverflow)
  /** An instruction or a register that m4lab does not model. */
  | { readonly reason: 'unmodelled'; readonly text: string; readonly pc: number };
