/**
 * The sending half of a UART: a data register before a shift register that takes a frame's time. A character
 * leaves by the serial line when it enters the shift register.
 */
import type { PeripheralSite, SerialLine } from '../ports.js';

export class Transmitter {
  private readonly site: PeripheralSite;
  private readonly line: SerialLine;
  private readonly frameCycles: () => number;
  private changed: () => void = () => undefined;
  private waiting: number | undefined;
  private shifting = false;
  private done = true;
  private callOff: (() => void) | undefined;

  /** @param frameCycles core cycles of one frame now; infinite or 0 when the baud clock stands still */
  constructor(site: PeripheralSite, line: SerialLine, frameCycles: () => number) {
    this.site = site;
    this.line = line;
    this.frameCycles = frameCycles;
  }

  onChange(listener: () => void): void {
    this.changed = listener;
  }

  reset(): void {
    this.callOff?.();
    this.callOff = this.waiting = undefined;
    this.shifting = false;
    this.done = true;
  }

  /** The data register can take a character. */
  get empty(): boolean {
    return this.waiting === undefined;
  }

  /** All has been sent, and nobody has cleared that since. */
  get complete(): boolean {
    return this.done;
  }

  clearComplete(): void {
    this.done = false;
    this.changed();
  }

  send(data: number): void {
    if (this.waiting !== undefined) {
      this.site.notice('uart-overrun', `${this.site.name}: a character was written over one not yet sent`);
    }
    this.done = false;
    this.waiting = data & 0xff;
    if (!this.shifting) this.shift();
    this.changed();
  }

  finish(): void {
    if (this.waiting !== undefined) this.line.send(this.waiting);
    this.waiting = undefined;
  }

  private shift(): void {
    const cycles = this.frameCycles();
    if (cycles === 0 || cycles === Number.POSITIVE_INFINITY) return;
    this.line.send(this.waiting as number);
    this.waiting = undefined;
    this.shifting = true;
    const end = this.site.clock.now() + Math.max(1, Math.round(cycles));
    this.callOff = this.site.clock.at(end, () => this.endOfFrame());
  }

  private endOfFrame(): void {
    this.shifting = false;
    this.callOff = undefined;
    if (this.waiting === undefined) this.done = true;
    else this.shift();
    this.changed();
  }
}
