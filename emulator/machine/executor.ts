/**
 * Runs the program: the interpreter to begin with, and what turns out to be hot as translated code. Nothing
 * but speed depends on which of the two runs an instruction.
 */
import { Signal, word, X } from '../core/state.js';
import type { Snapshotable } from '../ports.js';
import type { Translator } from '../translate/translator.js';
import type { FloatMode } from '../translate/unit.js';
import type { CoreComplex } from './core-complex.js';
import { Lessons, OFTEN } from './lessons.js';
import { codeAt, type FunctionAt, floatModeOf, translatorOf } from './translation.js';

/** Instructions that the interpreter runs before the pc is looked at. */
const SLICE = 1000;
/** Instructions that the interpreter must have run of a function for it to be hot. */
const HOT = 3000;
/** What leaving translated code costs, in instructions that the interpreter could have run. */
const EXIT_COST = 50;
/** A function is translated so often at most: again where it leaves its code for what had not run before. */
const MOST_TIMES = 12;
/** Ways into a function that are remembered. */
const MOST_SEEDS = 8;
/** Writes to memory that holds code after which no more is made of it. */
const RESTLESS = 3;
/** Cycles of translated code at a time: entered anew, it is what V8 has made faster meanwhile. */
const LONGEST_STAY = 4_000_000;
/** In any FPSCR mode: the usual one may have come. */
const LONGEST_EXACT_STAY = 50_000;

/** How hot a function is. */
interface Heat {
  found: number;
  times: number;
  readonly seeds: Set<number>;
}

export class Executor implements Snapshotable {
  /** Instructions that ran as translated code since the machine was made. */
  translatedInstructions = 0;
  private readonly core: CoreComplex;
  private readonly enabled: boolean;
  private functionAt: FunctionAt = () => undefined;
  private readonly translators = new Map<FloatMode, Translator>();
  private readonly heat = new Map<string, Heat>();
  /** Where functions start in which the interpreter was found. */
  private readonly warm = new Set<number>();
  private generation = -1;
  /** CCR.UNALIGN_TRP, as the code that was made presumes it. */
  private trapsUnaligned = false;
  /** Every address that a run was to stop before. */
  private readonly stops = new Set<number>();
  private lessons: Lessons;
  /** How often memory was written of which code had been made, by its block. */
  private readonly rewritten = new Map<number, number>();
  private untilSample = SLICE;
  private mayEnter = false;
  /** Cycles that must be left for translated code of any mode to get anywhere. */
  private leastCycles = 0;

  constructor(core: CoreComplex, enabled: boolean) {
    this.core = core;
    this.enabled = enabled;
    this.lessons = new Lessons(core, this.functionAt);
    core.memory.codeWatch.onChange = (block) => this.codeChanged(block);
  }

  /** What is translated is no state of the machine: a snapshot leaves it as it is. */
  captureState(): () => void {
    return () => undefined;
  }

  /** A program was loaded. */
  load(functionAt: FunctionAt): void {
    this.functionAt = functionAt;
    this.discard();
  }

  private discard(): void {
    this.translators.clear();
    this.leastCycles = 0;
    this.heat.clear();
    this.warm.clear();
    this.lessons = new Lessons(this.core, this.functionAt);
    this.core.memory.codeWatch.clear();
    this.generation = this.core.interpreter.generation;
    this.trapsUnaligned = this.core.memory.trapUnaligned;
  }

  /** As the interpreter's. Translated code is left at an address that was ever one to stop before. */
  setStops(addresses: readonly number[]): void {
    const { interpreter } = this.core;
    interpreter.setStops(addresses);
    const added = addresses.map((a) => (a & ~1) >>> 0).filter((address) => !this.stops.has(address));
    for (const address of added) this.stops.add(address);
    const made = [...this.translators.values()].some((translator) => added.some((a) => translator.covers(a)));
    if (made) interpreter.forgetAll();
  }

  /** As the interpreter's. */
  run(limit: number, passStop: boolean): number {
    const { interpreter, state, probes } = this.core;
    if (!this.enabled || !interpreter.accessIsPlain(probes?.accessors))
      return interpreter.run(limit, passStop);
    const end = interpreter.instructions + limit;
    let pass = passStop;
    let atMark = false;
    for (;;) {
      this.mayEnter = (end - interpreter.instructions) / 2 > this.leastCycles;
      const entered = !pass && this.mayEnter && this.runTranslated(end);
      const signal = this.interpret(end - interpreter.instructions, pass || (atMark && !entered));
      atMark = signal === Signal.translated;
      if (signal !== Signal.none && !atMark) return signal;
      if (interpreter.instructions >= end || word(state.x, X.COUNTDOWN) <= 0) return Signal.none;
      pass = false;
    }
  }

  private interpret(left: number, pass: boolean): number {
    const { interpreter } = this.core;
    const before = interpreter.instructions;
    const signal = interpreter.run(Math.min(left, this.untilSample), pass);
    this.untilSample -= interpreter.instructions - before;
    if (this.untilSample <= 0) this.sample();
    return signal;
  }

  /** Translated code, as long as it leads to more of it. @param end instructions to stop before */
  private runTranslated(end: number): boolean {
    const { interpreter, state } = this.core;
    const { trapUnaligned } = this.core.memory;
    if (this.generation !== interpreter.generation || this.trapsUnaligned !== trapUnaligned) this.discard();
    let entered = false;
    for (;;) {
      const mode = floatModeOf(this.core);
      const translator = this.translators.get(mode);
      if (translator === undefined) return entered;
      const stay = mode === 'exact' ? LONGEST_EXACT_STAY : LONGEST_STAY;
      const room = Math.floor((end - interpreter.instructions) / 2);
      const cycles = Math.min(word(state.x, X.COUNTDOWN), stay, room);
      if (cycles <= translator.leastCycles) return entered;
      const retired = translator.run(interpreter, cycles);
      if (retired <= 0) {
        if (entered || retired === 0) this.learn(translator, false);
        return entered;
      }
      if (entered) this.learn(translator, true);
      entered = true;
      interpreter.instructions += retired;
      this.translatedInstructions += retired;
    }
  }

  /** Translated code may be entered there: some of this mode, with time enough to get anywhere. */
  private readonly atMark = (address: number): boolean =>
    this.mayEnter &&
    word(this.core.state.x, X.COUNTDOWN) > this.leastCycles &&
    this.translators.get(floatModeOf(this.core))?.begins(address) === true;

  /** The interpreter has run a slice: what it is in now is hotter than it was, unless that is known. */
  private sample(): void {
    this.untilSample = SLICE;
    const pc = word(this.core.state.r, 15) >>> 0;
    if (this.translators.get(floatModeOf(this.core))?.covers(pc) !== true) this.heatAt(pc, SLICE);
  }

  /** @param pc in a function of which it would be worth while to make code, or to make it again */
  private heatAt(pc: number, by: number): void {
    const mode = floatModeOf(this.core);
    if (codeAt(this.core, pc) === undefined) return;
    const start = this.unitOf(pc, this.translators.get(mode));
    this.warm.add(start);
    const key = `${mode} ${start}`;
    const heat = this.heat.get(key) ?? { found: 0, times: 0, seeds: new Set() };
    this.heat.set(key, heat);
    heat.found += by;
    if (heat.seeds.size < MOST_SEEDS) heat.seeds.add(pc);
    if (heat.found < HOT << heat.times || heat.times >= MOST_TIMES) return;
    heat.times++;
    heat.found = 0;
    this.translate(mode, [start, ...heat.seeds]);
  }

  /** Where the unit of an address starts: with its function, or there, when that was too long to be one. */
  private unitOf(pc: number, translator: Translator | undefined): number {
    const start = this.functionAt(pc)?.address ?? pc;
    return translator?.isCut(start) === true && !translator.covers(pc) ? pc : start;
  }

  private translate(mode: FloatMode, seeds: readonly number[]): void {
    let translator = this.translators.get(mode);
    if (translator === undefined) {
      translator = translatorOf(this.core, mode, {
        functionAt: this.functionAt,
        isWarm: (address) => this.warm.has(address),
        isStop: (address) => this.stops.has(address),
        reachOf: (address) => this.lessons.reachOf(address),
        calledFrom: (address) => this.lessons.calledFrom(address),
        isRestless: (block) => (this.rewritten.get(block) ?? 0) > RESTLESS,
      });
      this.translators.set(mode, translator);
    }
    translator.translate(seeds);
    this.leastCycles = Math.max(this.leastCycles, translator.leastCycles);
    this.core.interpreter.mark(translator.addresses, this.atMark);
  }

  /** Translated code came back: for the interpreter, or, when it can be entered again, for a call. */
  private learn(translator: Translator, canEnter: boolean): void {
    const { r } = this.core.state;
    const pc = word(r, 15) >>> 0;
    if (!canEnter && this.lessons.left(translator, pc)) this.heatAt(pc, OFTEN * EXIT_COST);
    if (this.functionAt(pc)?.address !== pc) return;
    const site = this.lessons.called(pc, word(r, 14));
    if (site !== undefined) this.heatAt(site, OFTEN * EXIT_COST);
  }

  /** Code of which something was made was written. */
  private codeChanged(block: number): void {
    this.rewritten.set(block, (this.rewritten.get(block) ?? 0) + 1);
    this.core.interpreter.forgetAll();
    this.core.clock.attention();
  }
}
