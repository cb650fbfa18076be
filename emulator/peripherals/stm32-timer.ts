/**
 * Timers of an STM32 as counters: up-counting, prescaler, auto-reload, update event and its interrupt (ST
 * RM0351 and RM0090, chapters TIM2 and TIM6; offsets and bits: ST cmsis_device_l4). Interrupt: the one line.
 * Not here: down and centre counting, capture and compare, slave modes, DMA requests.
 * Parameters: bits (16 or 32), basic (true for TIM6 and TIM7, which have no channels).
 */
import type { Peripheral, PeripheralSite, PeripheralType, RequestLine } from '../ports.js';
import { numberOf } from './parameter.js';
import { RegisterFile, type RegisterSpec, unmodelled } from './register-file.js';

const CR1 = { CEN: 1, UDIS: 2, URS: 4, OPM: 8, ARPE: 1 << 7 } as const;
const UIE = 1;
const UIF = 1;
const UG = 1;
const CCER = { name: 'CCER', offset: 0x20 } as const;
const CHANNELS = {
  SMCR: 0x08,
  CCMR1: 0x18,
  CCMR2: 0x1c,
  [CCER.name]: CCER.offset,
  CCR1: 0x34,
  CCR2: 0x38,
  CCR3: 0x3c,
  CCR4: 0x40,
  DCR: 0x48,
  DMAR: 0x4c,
  OR1: 0x50,
};

class Timer implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly line: RequestLine;
  private readonly file: RegisterFile;
  /** The highest value of the counter. */
  private readonly most: number;
  /** The counter was `count` at cycle `since`; both stand while it does not run. */
  private count = 0;
  private since = 0;
  private running = false;
  /** PSC and ARR as they act: the registers take effect at the next update. */
  private prescaler = 0;
  private reload: number;
  private callOff: (() => void) | undefined;
  /** Core cycles of a tick since `since`. */
  private tick = 1;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.line = site.line(0);
    this.most = 2 ** numberOf(site, 'bits', 16) - 1;
    this.reload = this.most;
    this.file = new RegisterFile(this.specs());
    site.clocks.onChange(() => this.rebase(this.value()));
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.prescaler = 0;
    this.reload = this.most;
    this.running = false;
    this.rebase(0);
    this.update();
  }

  private specs(): RegisterSpec[] {
    const written = (): void => this.update();
    const modes = { DIR: 1 << 4, CMS: 3 << 5, UIFREMAP: 1 << 11 };
    const requests = { channels: 0xfe, DMA: 0x7f00 };
    return [
      { name: 'CR1', offset: 0x00, writable: 0xbff, written: () => this.control(), unmodelled: modes },
      { name: 'CR2', offset: 0x04, unmodelled: { TI1S: 1 << 7, CCDS: 1 << 3 } },
      { name: 'DIER', offset: 0x0c, written, unmodelled: requests },
      // A flag is cleared by writing 0 to it.
      { name: 'SR', offset: 0x10, store: (value, stored) => stored & value, written },
      { name: 'EGR', offset: 0x14, store: (value) => this.generate(value), unmodelled: { channels: 0xfe } },
      { name: 'CNT', offset: 0x24, read: () => this.value(), written: (now) => this.setCount(now) },
      { name: 'PSC', offset: 0x28, writable: 0xffff },
      { name: 'ARR', offset: 0x2c, reset: this.most, writable: this.most, written: () => this.setReload() },
      // Where a basic timer has no register it reads as 0: ST's HAL looks at CCER of any timer.
      ...(this.site.parameters.basic === true ? [{ ...CCER, writable: 0 }] : unmodelled(CHANNELS)),
    ];
  }

  private on(bit: number): boolean {
    return (this.file.get('CR1') & bit) !== 0;
  }

  private value(): number {
    if (!this.running) return this.count;
    const ticks = Math.floor((this.site.clock.now() - this.since) / this.tick);
    return Number.isFinite(ticks) ? this.count + ticks : this.count;
  }

  /** Makes now the moment at which the counter is `count`. */
  private rebase(count: number): void {
    this.callOff?.();
    this.callOff = undefined;
    this.count = count;
    this.since = this.site.clock.now();
    this.schedule();
  }

  private schedule(): void {
    this.tick = this.site.clocks.cyclesFor(this.site.kernelClock, this.prescaler + 1);
    // A counter whose auto-reload is 0 stands still (RM0351, TIMx_ARR).
    if (!this.running || this.reload === 0 || !Number.isFinite(this.tick)) return;
    const past = this.count > this.reload;
    const ticks = (past ? this.most + 1 : this.reload + 1) - this.count;
    const end = this.since + ticks * this.tick;
    this.callOff = this.site.clock.at(end, () => this.overflow(end, !past));
  }

  /** @param updates false when the counter ran past ARR to its own end, which is no update event */
  private overflow(at: number, updates: boolean): void {
    this.callOff = undefined;
    this.count = 0;
    this.since = at;
    if (updates) this.updateEvent(true);
    if (updates && this.on(CR1.OPM)) {
      this.running = false;
      this.file.set('CR1', this.file.get('CR1') & ~CR1.CEN);
    }
    this.schedule();
  }

  private updateEvent(flag: boolean): void {
    if (this.on(CR1.UDIS)) return;
    this.prescaler = this.file.get('PSC');
    this.reload = this.file.get('ARR') >>> 0;
    if (flag) this.file.set('SR', this.file.get('SR') | UIF);
    this.update();
  }

  private control(): void {
    const running = this.on(CR1.CEN);
    if (running === this.running) return;
    const count = this.value();
    this.running = running;
    this.rebase(count);
  }

  private generate(value: number): number {
    if ((value & UG) === 0) return 0;
    this.updateEvent(!this.on(CR1.URS));
    this.rebase(0);
    return 0;
  }

  private setCount(value: number): void {
    this.rebase((value & this.most) >>> 0);
  }

  /** Without ARPE a new ARR acts at once. */
  private setReload(): void {
    if (this.on(CR1.ARPE)) return;
    const count = this.value();
    this.reload = this.file.get('ARR') >>> 0;
    this.rebase(count);
  }

  private update(): void {
    this.line.set((this.file.get('SR') & UIF) !== 0 && (this.file.get('DIER') & UIE) !== 0);
  }
}

export const stm32Timer: PeripheralType = { type: 'stm32-timer', create: (site) => new Timer(site) };
