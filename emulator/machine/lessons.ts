/**
 * What running translated code teaches about where it falls short: instructions before which it is left for
 * the interpreter, and functions that are called through registers.
 */
import type { Reach } from '../translate/instruction-graph.js';
import { isCall } from '../translate/shape.js';
import type { Translator } from '../translate/translator.js';
import type { CoreComplex } from './core-complex.js';
import { codeAt, type FunctionAt } from './translation.js';

/** How often something must be seen to count. */
export const OFTEN = 50;
/** Slow instructions of a function after which the fast way of all its accesses reaches code memory. */
const SEVERAL = 2;
const MOST_CALLEES = 32;

export class Lessons {
  private readonly core: CoreComplex;
  private readonly functionAt: FunctionAt;
  /** How often translated code was left before an address. */
  private readonly exits = new Map<number, number>();
  private readonly slow = new Set<number>();
  /** Slow instructions by their function. */
  private readonly slowIn = new Map<number, number>();
  /** By the address of a call through a register, and what it called. */
  private readonly calls = new Map<number, Map<number, number>>();

  constructor(core: CoreComplex, functionAt: FunctionAt) {
    this.core = core;
    this.functionAt = functionAt;
  }

  /** Code was left before an address. @returns true when it is worth while to translate it again */
  left(translator: Translator, pc: number): boolean {
    const count = (this.exits.get(pc) ?? 0) + 1;
    this.exits.set(pc, count);
    if (count % OFTEN !== 0) return false;
    const why = translator.whyLeft(pc);
    if (why === 'slow' && !this.slow.has(pc)) {
      this.slow.add(pc);
      const start = this.functionAt(pc)?.address ?? pc;
      this.slowIn.set(start, (this.slowIn.get(start) ?? 0) + 1);
    }
    return why !== 'interpreted';
  }

  reachOf(address: number): Reach {
    if (this.slow.has(address)) return 'host';
    const start = this.functionAt(address)?.address ?? address;
    return (this.slowIn.get(start) ?? 0) >= SEVERAL ? 'memory' : 'ram';
  }

  /**
   * Code was left for `pc` with a return address in LR. @returns the call's address, when it is one through a
   * register that was now seen often enough to be worth translating again
   */
  called(pc: number, link: number): number | undefined {
    const site = ((link & ~1) - 2) >>> 0;
    const targets = this.calls.get(site) ?? new Map<number, number>();
    const count = (targets.get(pc) ?? 0) + 1;
    if (count === 1 && !this.isCall(site)) return undefined;
    this.calls.set(site, targets);
    targets.set(pc, count);
    return count % OFTEN === 0 ? site : undefined;
  }

  private isCall(site: number): boolean {
    const decoded = codeAt(this.core, site);
    return decoded?.size === 2 && isCall(decoded, site);
  }

  calledFrom(address: number): readonly number[] {
    const often = [...(this.calls.get(address) ?? [])].filter(([, count]) => count >= OFTEN);
    return often.map(([target]) => target).slice(0, MOST_CALLEES);
  }
}
