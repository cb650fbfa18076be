/**
 * Two machines with one program, one of which translates hot code and one of which only interprets. What is
 * done to one is done to the other, and after each step everything that can be seen is the same.
 */
import { word, X } from '../../../../emulator/core/state.js';
import type { Machine, MachineOptions, McuProfile, RunUntil, Stop } from '../../../../emulator/index.js';
import { type Guest, guest, profileOf } from '../guest-machine.js';
import { differences } from './visible-state.js';

/** Instructions after which a loop counts as hot, with much to spare: what the tests run before they look. */
export const HOT = 50_000;

/** Assembly: MemManage, BusFault and UsageFault have handlers of their own (SHCSR). */
export const FAULTS_ON = 'poke 0xe000ed24, 0x70000';

/** Assembly: SysTick after 40,000 cycles, when what runs is hot, and then every so many. */
export const tickEvery = (cycles: number) => `
  poke 0xe000e014, 40000
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  poke 0xe000e014, ${cycles}
`;

/** RAM from 0x20000000 on, of the small MCU. */
export const SMALL_RAM = 0x20000;

/** The STM32L496ZG with less memory, so that a snapshot, a restore and a comparison take little. */
export function smallMcu(): McuProfile {
  const profile = profileOf('stm32l496zg');
  const sizes: Readonly<Record<string, number>> = { flash: 0x8000, sram1: SMALL_RAM, sram2: 0x1000 };
  const memory = profile.memory.map((region) => ({ ...region, size: sizes[region.name] ?? region.size }));
  return { ...profile, memory };
}

export interface TwinOptions {
  readonly measure?: MachineOptions['measure'];
  readonly profile?: McuProfile;
}

export interface ProgramOptions extends TwinOptions {
  /** How much of the program must run as translated code, so that its words say something of that. */
  readonly leastShare?: number;
}

export class Twins {
  readonly translated: Machine;
  readonly interpreted: Machine;
  private readonly guests: readonly [Guest, Guest];

  /** @param source of guest-machine.ts's kind */
  constructor(source: string, { measure, profile = smallMcu() }: TwinOptions = {}) {
    const make = (translate: boolean): Guest =>
      guest(source, { profile, machine: { translate, ...(measure === undefined ? {} : { measure }) } });
    this.guests = [make(true), make(false)];
    this.translated = this.guests[0].machine;
    this.interpreted = this.guests[1].machine;
  }

  get cycles(): number {
    return this.interpreted.cycles;
  }

  get instructions(): number {
    return this.interpreted.instructions;
  }

  /** Instructions that ran as translated code, for each that was retired; after a restore more than 1. */
  get translatedShare(): number {
    return this.translated.translatedInstructions / this.translated.instructions;
  }

  address(label: string): number {
    return this.guests[1].address(label);
  }

  /** The word at a label, or so many bytes past it. */
  wordAt(label: string, offset = 0): number {
    return this.interpreted.readWord(this.address(label) + offset);
  }

  get console(): string {
    return this.guests[1].console();
  }

  /** Does the same to both. @returns what came of the second, which is what came of the first */
  both<T>(act: (machine: Machine, guest: Guest) => T): T {
    const [one, other] = this.guests.map((each) => act(each.machine, each));
    if (JSON.stringify(one) !== JSON.stringify(other)) {
      throw new Error(`translated ${JSON.stringify(one)}, interpreted ${JSON.stringify(other)}`);
    }
    return other as T;
  }

  /** Runs both, and throws where they stop otherwise or differ in anything. */
  run(until: RunUntil = {}): Stop {
    const from = this.cycles;
    const stop = this.both((machine) => machine.run(until));
    this.compare(`after a run from cycle ${from} by ${JSON.stringify(until)}`);
    return stop;
  }

  runCycles(cycles: number): Stop {
    return this.run({ maxCycles: this.cycles + cycles });
  }

  runInstructions(instructions: number): Stop {
    return this.run({ maxInstructions: this.instructions + instructions });
  }

  /**
   * The stacks' peaks begin anew at where they stand: what hot code does to them would else be hidden by what
   * it did when it was not hot yet.
   */
  forgetPeaks(): void {
    this.both(({ core: { state } }) => {
      state.x[X.SP_LOWEST] = word(state.r, 13);
      state.x[X.OTHER_SP_LOWEST] = word(state.x, X.OTHER_SP);
    });
  }

  /**
   * Runs to the program's end in slices, so that a difference is found near where it began.
   * @param keepsPeaks false: the stacks' peaks are those of the last slice alone
   */
  runToEnd({ sliceCycles = 20_011, most = 40_000_000, keepsPeaks = false } = {}): Stop {
    for (;;) {
      if (!keepsPeaks) this.forgetPeaks();
      const stop = this.runCycles(sliceCycles);
      if (stop.reason !== 'limit') return stop;
      if (this.cycles > most) throw new Error(`still running after ${most} cycles`);
    }
  }

  /** @param when for the message */
  compare(when: string): void {
    const [translated, interpreted] = this.guests;
    const found = differences(translated.machine, interpreted.machine);
    if (translated.console() !== interpreted.console()) {
      found.push(`console: ${translated.console()} and ${interpreted.console()}`);
    }
    if (found.length === 0) return;
    throw new Error(`translated and interpreted differ ${when}:\n  ${found.join('\n  ')}`);
  }
}

/** Runs a program that ends with `b report`. @returns the words it put */
export function wordsOfTwins(source: string, options: ProgramOptions = {}): number[] {
  const twins = new Twins(source, options);
  const stop = twins.runToEnd();
  if (stop.reason !== 'exit' || stop.code !== 0) throw new Error(JSON.stringify(stop));
  const { leastShare = 0.1 } = options;
  if (twins.translatedShare < leastShare) throw new Error(`translated: ${twins.translatedShare} of it`);
  return twins.console
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 16));
}
