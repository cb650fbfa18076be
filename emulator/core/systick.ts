/** SysTick (DDI 0403, B3.3): a 24-bit counter down to zero and back to its reload value. */
import type { Clock, InterruptLine, Register } from '../ports.js';

const ENABLE = 1;
const TICKINT = 2;
const CLKSOURCE = 4;
const COUNTFLAG = 1 << 16;
const MASK24 = 0xffffff;

export interface SysTickOptions {
  readonly clock: Clock;
  readonly line: InterruptLine;
  /** Core clocks a tick of the reference clock; undefined when the MCU has none. */
  readonly referenceDivider?: number | undefined;
  /** What SYST_CALIB reads beside NOREF: SKEW and TENMS; 0 when absent: not known. */
  readonly calibration?: number | undefined;
}

export class SysTick {
  private control = 0;
  private reload = 0;
  /** The counter was `startValue` at cycle `startCycle`. */
  private startValue = 0;
  private startCycle = 0;
  private countFlag = false;
  private callOff: (() => void) | undefined;
  private readonly options: SysTickOptions;

  constructor(options: SysTickOptions) {
    this.options = options;
    this.reset();
  }

  reset(): void {
    this.callOff?.();
    this.callOff = undefined;
    this.control = this.forcedControl;
    this.reload = this.startValue = this.startCycle = 0;
    this.countFlag = false;
  }

  /** Without a reference clock CLKSOURCE reads as one. */
  private get forcedControl(): number {
    return this.options.referenceDivider === undefined ? CLKSOURCE : 0;
  }

  get registers(): readonly Register[] {
    return [
      {
        name: 'SYST_CSR',
        offset: 0x10,
        read: () => this.readControl(),
        write: (value) => this.writeControl(value),
      },
      { name: 'SYST_RVR', offset: 0x14, read: () => this.reload, write: (value) => this.writeReload(value) },
      { name: 'SYST_CVR', offset: 0x18, read: () => this.value(), write: () => this.clear() },
      {
        name: 'SYST_CALIB',
        offset: 0x1c,
        read: () =>
          (this.options.referenceDivider === undefined ? 1 << 31 : 0) | (this.options.calibration ?? 0),
      },
    ];
  }

  private get divider(): number {
    return (this.control & CLKSOURCE) !== 0 ? 1 : (this.options.referenceDivider ?? 1);
  }

  private get enabled(): boolean {
    return (this.control & ENABLE) !== 0;
  }

  private ticks(): number {
    return Math.floor((this.options.clock.now() - this.startCycle) / this.divider);
  }

  private value(): number {
    if (!this.enabled) return this.startValue;
    const ticks = this.ticks();
    if (ticks <= this.startValue) return this.startValue - ticks;
    return this.reload - ((ticks - this.startValue - 1) % (this.reload + 1));
  }

  /** Makes now the counter's origin, keeping its value. */
  private rebase(value: number): void {
    this.startValue = value;
    this.startCycle = this.options.clock.now();
    this.schedule();
  }

  private schedule(): void {
    this.callOff?.();
    this.callOff = undefined;
    if (!this.enabled || (this.reload === 0 && this.startValue === 0)) return;
    const ticks = this.startValue > 0 ? this.startValue : this.reload + 1;
    this.callOff = this.options.clock.at(this.startCycle + ticks * this.divider, () => this.reachZero());
  }

  private reachZero(): void {
    this.countFlag = true;
    if ((this.control & TICKINT) !== 0) this.options.line.setPending(true);
    this.startCycle += (this.startValue > 0 ? this.startValue : this.reload + 1) * this.divider;
    this.startValue = 0;
    this.schedule();
  }

  private readControl(): number {
    const value = this.control | (this.countFlag ? COUNTFLAG : 0);
    this.countFlag = false;
    return value;
  }

  private writeControl(value: number): void {
    const now = this.value();
    this.control = (value & (ENABLE | TICKINT | CLKSOURCE)) | this.forcedControl;
    this.rebase(now);
  }

  private writeReload(value: number): void {
    const now = this.value();
    this.reload = value & MASK24;
    this.rebase(now);
  }

  private clear(): void {
    this.countFlag = false;
    this.rebase(0);
  }
}
