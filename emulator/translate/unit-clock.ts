/**
 * Time while translated code runs. Its clock stands for the countdown, which goes on from where that clock
 * began; whoever the code calls may see and change either.
 */
import { word, X } from '../core/state.js';

/** The lower half of the clock at the beginning: it never borrows from the cycles. */
const INSTRUCTIONS = 0x7fffffff;

export class UnitClock {
  /** How much further the countdown is than the clock, in cycles. */
  private ahead = 0;

  /** @param x the state's words */
  constructor(private readonly x: Int32Array) {}

  /** @param cycles that translated code may use up */
  begin(cycles: number): void {
    this.x[X.UNIT_INSTRUCTIONS] = INSTRUCTIONS;
    this.x[X.UNIT_CYCLES] = cycles;
    this.ahead = word(this.x, X.COUNTDOWN) - cycles;
  }

  /** Instructions retired since the beginning. */
  get instructions(): number {
    return INSTRUCTIONS - word(this.x, X.UNIT_INSTRUCTIONS);
  }

  /** Makes the countdown what the clock says. */
  toCountdown(): void {
    this.x[X.COUNTDOWN] = word(this.x, X.UNIT_CYCLES) + this.ahead;
  }

  /** Makes the clock what the countdown says. @param extra cycles to take off it besides */
  fromCountdown(extra = 0): void {
    this.x[X.UNIT_CYCLES] = word(this.x, X.COUNTDOWN) - this.ahead - extra;
  }
}
