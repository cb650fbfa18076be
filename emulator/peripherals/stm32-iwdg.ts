/**
 * Independent watchdog of an STM32 (ST RM0351, chapter IWDG; offsets: ST cmsis_device_l4): resets the MCU
 * when nobody reloads it in time, or does so too early for its window, and says so in the run's report.
 * Updates of its registers take no time here.
 * Parameters: window (false where there is no WINR).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { RegisterFile, type RegisterSpec } from './register-file.js';

const KEY = { reload: 0xaaaa, access: 0x5555, start: 0xcccc } as const;
const RELOAD = 0xfff;

class Iwdg implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly file: RegisterFile;
  private unlocked = false;
  private started = false;
  /** The cycle of the last reload. */
  private since = 0;
  private callOff: (() => void) | undefined;

  constructor(site: PeripheralSite) {
    this.site = site;
    const guarded = (name: string, offset: number, writable: number, reset: number): RegisterSpec => ({
      name,
      offset,
      reset,
      store: (value, stored) => (this.unlocked ? value & writable : stored),
    });
    this.file = new RegisterFile([
      { name: 'KR', offset: 0x00, store: (value) => this.key(value & 0xffff) },
      guarded('PR', 0x04, 7, 0),
      guarded('RLR', 0x08, RELOAD, RELOAD),
      { name: 'SR', offset: 0x0c, writable: 0 },
      ...(site.parameters.window === false ? [] : [guarded('WINR', 0x10, RELOAD, RELOAD)]),
    ]);
    site.clocks.onChange(() => this.schedule());
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.callOff?.();
    this.callOff = undefined;
    this.started = this.unlocked = false;
  }

  private key(key: number): number {
    this.unlocked = key === KEY.access;
    if (key === KEY.start) this.started = true;
    if (key === KEY.reload && this.started && this.count() > (this.file.get('WINR') || RELOAD)) {
      this.bite('was reloaded before its window');
    }
    if (key === KEY.start || key === KEY.reload) {
      this.since = this.site.clock.now();
      this.schedule();
    }
    return 0;
  }

  /** Core cycles of one step down. */
  private step(): number {
    return this.site.clocks.cyclesFor(this.site.kernelClock, Math.min(4 << this.file.get('PR'), 256));
  }

  private count(): number {
    const steps = Math.floor((this.site.clock.now() - this.since) / this.step());
    return this.file.get('RLR') - steps;
  }

  private schedule(): void {
    this.callOff?.();
    this.callOff = undefined;
    if (!this.started) return;
    const end = this.since + (this.file.get('RLR') + 1) * this.step();
    if (Number.isFinite(end))
      this.callOff = this.site.clock.at(end, () => this.bite('was not reloaded in time'));
  }

  private bite(why: string): void {
    this.site.notice('watchdog-reset', `${this.site.name} ${why} and reset the MCU`);
    this.site.requestReset('iwdg');
  }
}

export const stm32Iwdg: PeripheralType = { type: 'stm32-iwdg', create: (site) => new Iwdg(site) };
