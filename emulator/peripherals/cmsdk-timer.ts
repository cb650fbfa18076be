/**
 * The APB timer of Arm's Cortex-M System Design Kit: 32 bits down to zero and back to RELOAD (Arm DDI 0479,
 * section 4.1). Interrupt: the one line. Not here: the external input.
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { RegisterFile } from './register-file.js';

const ENABLE = 1;
const INTERRUPT = 1 << 3;

class CmsdkTimer implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly line: RequestLine;
  private readonly file: RegisterFile;
  /** VALUE was `count` at cycle `since`; it stands while the timer is off. */
  private count = 0;
  private since = 0;
  private running = false;
  private callOff: (() => void) | undefined;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.line = site.line(0);
    const written = (): void => this.ask();
    this.file = new RegisterFile([
      {
        name: 'CTRL',
        offset: 0x00,
        writable: 0xf,
        written: () => this.control(),
        unmodelled: { 'external input': 6 },
      },
      { name: 'VALUE', offset: 0x04, read: () => this.value(), written: (now) => this.rebase(now >>> 0) },
      { name: 'RELOAD', offset: 0x08, written: (now) => this.rebase(now >>> 0) },
      { name: 'INTSTATUS', offset: 0x0c, writeOneToClear: true, store: (v, s) => s & ~v & 1, written },
    ]);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.running = false;
    this.rebase(0);
    this.ask();
  }

  private value(): number {
    if (!this.running) return this.count;
    return Math.max(0, this.count - Math.floor(this.site.clock.now() - this.since));
  }

  private rebase(count: number): void {
    this.callOff?.();
    this.callOff = undefined;
    this.count = count;
    this.since = this.site.clock.now();
    this.schedule();
  }

  private schedule(): void {
    if (!this.running || (this.count === 0 && this.file.get('RELOAD') === 0)) return;
    const end = this.since + this.count;
    this.callOff = this.site.clock.at(Math.max(end, this.site.clock.now() + 1), () => this.reachZero(end));
  }

  /** Zero lasts one clock, then comes RELOAD. */
  private reachZero(at: number): void {
    this.callOff = undefined;
    if (this.count > 0 && (this.file.get('CTRL') & INTERRUPT) !== 0) this.file.set('INTSTATUS', 1);
    this.count = this.file.get('RELOAD') >>> 0;
    this.since = at + 1;
    this.schedule();
    this.ask();
  }

  private control(): void {
    const running = (this.file.get('CTRL') & ENABLE) !== 0;
    if (running === this.running) return;
    const count = this.value();
    this.running = running;
    this.rebase(count);
  }

  private ask(): void {
    this.line.set((this.file.get('INTSTATUS') & 1) !== 0);
  }
}

export const cmsdkTimer: PeripheralType = { type: 'cmsdk-timer', create: (site) => new CmsdkTimer(site) };
