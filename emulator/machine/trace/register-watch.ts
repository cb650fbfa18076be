/**
 * What an instruction did to the registers: those it writes by its record, and the special ones that changed.
 */
import { type CoreState, word, X } from '../../core/state.js';
import { R } from '../../isa/text.js';
import type { NamedValue } from './trace-record.js';

/** Words of the state that are shown by their changes. */
const SPECIAL: readonly (readonly [index: number, name: string])[] = [
  [X.GE, 'ge'],
  [X.FPSCR, 'fpscr'],
  [X.CONTROL, 'control'],
  [X.PRIMASK, 'primask'],
  [X.BASEPRI, 'basepri'],
  [X.FAULTMASK, 'faultmask'],
];
const FLAGS = 'nzcvq';
const CORE = 15;

/** R0..R14 and S0..S31 as bits of two masks. */
export interface Writes {
  readonly writes: number;
  readonly floatWrites: number;
}

export const NO_WRITES: Writes = { writes: 0, floatWrites: 0 };

export class RegisterWatch {
  private readonly core = new Int32Array(CORE);
  private readonly special = new Int32Array(SPECIAL.length);
  private otherSP = 0;
  private apsr = 0;
  private lazyFloat = 0;

  constructor(private readonly state: CoreState) {}

  /** Keeps them as they are. */
  keep(): void {
    const { state, core, special } = this;
    const { r, x } = state;
    for (let n = 0; n < CORE; n++) core[n] = word(r, n);
    for (let k = 0; k < SPECIAL.length; k++)
      special[k] = word(x, (SPECIAL[k] as (typeof SPECIAL)[number])[0]);
    this.otherSP = word(x, X.OTHER_SP);
    this.lazyFloat = word(x, X.LAZY_FP);
    this.apsr = state.apsr;
  }

  /** Since they were kept. */
  changes({ writes, floatWrites }: Writes): NamedValue[] {
    const { r, s, x } = this.state;
    const found: NamedValue[] = [];
    for (let n = 0; n < CORE; n++) {
      if (((writes >>> n) & 1) !== 0 || word(r, n) !== word(this.core, n)) {
        found.push({ name: R(n), value: word(r, n) >>> 0 });
      }
    }
    for (let n = 0; floatWrites !== 0 && n < s.length; n++) {
      if (((floatWrites >>> n) & 1) !== 0) found.push({ name: `s${n}`, value: word(s, n) >>> 0 });
    }
    SPECIAL.forEach(([index, name], k) => {
      if (word(x, index) !== word(this.special, k)) found.push({ name, value: word(x, index) >>> 0 });
    });
    if (word(x, X.OTHER_SP) !== this.otherSP) {
      const name = this.state.onProcessStack ? 'msp' : 'psp';
      found.push({ name, value: word(x, X.OTHER_SP) >>> 0 });
    }
    return found;
  }

  /** The flags' letters, upper case for those that are set; undefined when none changed. */
  flags(): string | undefined {
    const { apsr } = this.state;
    if ((apsr ^ this.apsr) >>> 27 === 0) return undefined;
    return Array.from(FLAGS, (flag, k) => ((apsr >>> (31 - k)) & 1 ? flag.toUpperCase() : flag)).join('');
  }

  /** Did it store the FP registers that an exception's entry had put off? */
  get storedFloat(): boolean {
    return this.lazyFloat !== 0 && word(this.state.x, X.LAZY_FP) === 0;
  }
}
