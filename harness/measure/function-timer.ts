/**
 * Times functions of unchanged firmware by their symbols: from the cycle at which the first instruction is
 * about to execute to the cycle at which execution is back at the return address, so the call itself is not
 * counted and the return is. Functions called inside are included. A function that is entered anew before
 * it returned (recursion) is timed from its outermost call.
 */
import type { ElfImage, Machine, RunUntil, Stop } from '../../emulator/index.js';

export interface TimedCall {
  readonly name: string;
  readonly cycles: number;
  /** 0 for a call outside every other timed function, 1 inside one, and so on. */
  readonly depth: number;
}

type TimedMachine = Pick<Machine, 'readBytes' | 'writeBytes' | 'run' | 'cycles' | 'register'>;

interface OpenCall {
  readonly name: string;
  readonly returnAddress: number;
  /** Stack pointer on entry: the return is recognised by the address and the stack together. */
  readonly stackPointer: number;
  readonly start: number;
}

const SP = 13;
const LR = 14;

/** Stands where the machine stood: `run` does what the machine's does, and times on the way. */
export class FunctionTimer {
  readonly #entries = new Map<number, string>();
  readonly #open: OpenCall[] = [];
  #calls: TimedCall[] = [];

  /** @param names of functions; those that the ELF lacks are left out */
  constructor(
    readonly machine: TimedMachine,
    elf: ElfImage,
    names: readonly string[],
  ) {
    for (const name of names) {
      const symbol = elf.symbol(name);
      if (symbol !== undefined) this.#entries.set(symbol.address, name);
    }
  }

  get cycles(): number {
    return this.machine.cycles;
  }

  readBytes(address: number, length: number): Uint8Array {
    return this.machine.readBytes(address, length);
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    this.machine.writeBytes(address, bytes);
  }

  /** The calls that returned since the last take, in the order of their returns. */
  take(): TimedCall[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }

  run(until: RunUntil = {}): Stop {
    const wanted = new Set((until.addresses ?? []).map((address) => address & ~1));
    for (;;) {
      const returns = this.#open.map(({ returnAddress }) => returnAddress);
      const addresses = [...wanted, ...this.#entries.keys(), ...returns];
      const stop = this.machine.run({ ...until, addresses });
      if (stop.reason !== 'address') return stop;
      this.#arrive(stop.address);
      if (wanted.has(stop.address)) return stop;
    }
  }

  #arrive(address: number): void {
    const stackPointer = this.machine.register(SP);
    const top = this.#open.at(-1);
    if (top !== undefined && top.returnAddress === address && top.stackPointer === stackPointer) {
      this.#open.pop();
      this.#calls.push({
        name: top.name,
        cycles: this.machine.cycles - top.start,
        depth: this.#open.length,
      });
    }
    const name = this.#entries.get(address);
    if (name === undefined || this.#open.some((call) => call.name === name)) return;
    const returnAddress = (this.machine.register(LR) & ~1) >>> 0;
    this.#open.push({ name, returnAddress, stackPointer, start: this.machine.cycles });
  }
}
