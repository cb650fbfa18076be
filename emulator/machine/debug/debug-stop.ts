/** Why a machine under a debugger stopped. */
import { CFSR } from '../../core/exception-numbers.js';
import type { Stop } from '../stop.js';
import type { WatchKind } from './watchpoints.js';

/** What kind of trouble the program is in; `locked`: a fault while a fault was handled. */
export type Trouble = 'illegal' | 'arithmetic' | 'alignment' | 'memory' | 'locked' | 'unmodelled' | 'idle';

export type DebugStop =
  | { readonly kind: 'step' }
  | { readonly kind: 'breakpoint' }
  /** `address`: the first watched byte that was accessed. */
  | { readonly kind: 'watchpoint'; readonly watch: WatchKind; readonly address: number }
  /** The oldest moment that can be gone back to. */
  | { readonly kind: 'historyStart' }
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'trouble'; readonly trouble: Trouble; readonly text: string };

const ILLEGAL = CFSR.UNDEFINSTR | CFSR.INVSTATE | CFSR.INVPC | CFSR.NOCP;

function troubleOf(cfsr: number): Trouble {
  if ((cfsr & CFSR.DIVBYZERO) !== 0) return 'arithmetic';
  if ((cfsr & CFSR.UNALIGNED) !== 0) return 'alignment';
  return (cfsr & ILLEGAL) !== 0 ? 'illegal' : 'memory';
}

/** Undefined when the machine only used up what it was given. @param cfsr the fault status register */
export function haltOf(stop: Stop, cfsr: number): DebugStop | undefined {
  switch (stop.reason) {
    case 'limit':
      return undefined;
    case 'address':
      return { kind: 'breakpoint' };
    case 'exit':
      return { kind: 'exited', status: stop.code };
    case 'fault':
      return { kind: 'trouble', trouble: troubleOf(cfsr), text: stop.text };
    case 'lockup':
      return { kind: 'trouble', trouble: 'locked', text: `lockup: ${stop.text}` };
    case 'stack-overflow':
      return { kind: 'trouble', trouble: 'memory', text: stop.text };
    default:
      return { kind: 'trouble', trouble: stop.reason, text: stop.text };
  }
}
