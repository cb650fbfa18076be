/** The emulated machine as a Target of the link: it runs until the program counter enters m4lab_link_wait. */
import type { ElfImage, FaultReport, Machine, RunUntil, Stop } from '../../emulator/index.js';
import { requireSymbol, WAIT_SYMBOL } from './link.js';
import { type Target, TargetStopped } from './target.js';

/** What of a machine is used; a timer may stand between (harness/measure/function-timer.ts). */
export type RunnableMachine = Pick<Machine, 'readBytes' | 'writeBytes' | 'run' | 'cycles'>;

export class MachineTarget implements Target {
  readonly #wait: number;

  /**
   * @param maxCycles core cycles after which a command that has not come back ends the run
   * @param consoleText what the firmware has written so far, for the message when it ends
   * @param faultOf what is to be known of a breakdown
   */
  constructor(
    elf: ElfImage,
    readonly machine: RunnableMachine,
    readonly maxCycles: number,
    readonly consoleText: () => string = () => '',
    readonly faultOf: (stop: Stop) => FaultReport | null = () => null,
  ) {
    this.#wait = requireSymbol(elf, WAIT_SYMBOL, 'the host meets the firmware').address;
  }

  readBytes(address: number, length: number): Uint8Array {
    return this.machine.readBytes(address, length);
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    this.machine.writeBytes(address, bytes);
  }

  runUntilWaiting(): void {
    const until: RunUntil = {
      addresses: [this.#wait],
      maxCycles: this.machine.cycles + this.maxCycles,
    };
    const stop = this.machine.run(until);
    if (stop.reason !== 'address') throw this.#stopped(stop);
  }

  #stopped(stop: Exclude<Stop, { reason: 'address' }>): TargetStopped {
    const fault = this.faultOf(stop);
    switch (stop.reason) {
      case 'exit': {
        const last = this.consoleText().trimEnd().split('\n').at(-1);
        const said = last === undefined || last === '' ? '' : `; it wrote ${JSON.stringify(last)}`;
        const text = `the firmware ended with status ${stop.code}${said}`;
        return new TargetStopped('exit', text, stop.code, fault);
      }
      case 'limit': {
        const limit = this.maxCycles.toLocaleString('en-US');
        const text = `the firmware did not come back to the link within ${limit} cycles`;
        return new TargetStopped('limit', text, undefined, fault);
      }
      default:
        return new TargetStopped('fault', stop.text, undefined, fault);
    }
  }
}
