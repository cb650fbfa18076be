/** The emulated machine as a Target of the link: it runs until the program counter enters m4lab_link_wait. */
import type { ElfImage, Machine, RunUntil, Stop } from '../../emulator/index.js';
import { requireSymbol, WAIT_SYMBOL } from './link.js';
import { type Target, TargetStopped } from './target.js';

/** What of a machine is used; a timer may stand between (harness/measure/function-timer.ts). */
export type RunnableMachine = Pick<Machine, 'readBytes' | 'writeBytes' | 'run' | 'cycles'>;

export class MachineTarget implements Target {
  readonly #wait: number;

  /**
   * @param maxCycles core cycles after which a command that has not come back ends the run
   * @param consoleText what the firmware has written so far, for the message when it ends
   */
  constructor(
    elf: ElfImage,
    readonly machine: RunnableMachine,
    readonly maxCycles: number,
    readonly consoleText: () => string = () => '',
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
    if (stop.reason !== 'address') throw stopped(stop, this.maxCycles, this.consoleText());
  }
}

function stopped(
  stop: Exclude<Stop, { reason: 'address' }>,
  maxCycles: number,
  consoleText: string,
): TargetStopped {
  switch (stop.reason) {
    case 'exit': {
      const last = consoleText.trimEnd().split('\n').at(-1);
      const said = last === undefined || last === '' ? '' : `; it wrote ${JSON.stringify(last)}`;
      return new TargetStopped('exit', `the firmware ended with status ${stop.code}${said}`, stop.code);
    }
    case 'limit': {
      const limit = maxCycles.toLocaleString('en-US');
      return new TargetStopped('limit', `the firmware did not come back to the link within ${limit} cycles`);
    }
    default:
      return new TargetStopped('fault', stop.text);
  }
}
