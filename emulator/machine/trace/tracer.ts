/**
 * Tells what a machine does, instruction by instruction, in records that add up to its cycles. It changes
 * nothing, and while it is off nothing is paid.
 *
 * An instruction is charged after it has run, so its record waits until the next thing happens.
 */
import { exceptionName } from '../../core/exception-numbers.js';
import type { ExceptionObserver } from '../../core/exception-observer.js';
import { Outcome, Signal, word, X } from '../../core/state.js';
import { disassemble } from '../../decode/disassembler.js';
import type { ElfImage } from '../../elf/elf-image.js';
import type { Execute } from '../../interpret/compile.js';
import type { Instrument, Site } from '../../interpret/instrument.js';
import type { Snapshotable } from '../../ports.js';
import { factsOf } from '../../timing/facts.js';
import type { CoreComplex } from '../core-complex.js';
import { AccessLog } from './access-log.js';
import { NO_WRITES, RegisterWatch, type Writes } from './register-watch.js';
import type { MemoryAccess, NamedValue, TracedEvent, TraceRecord } from './trace-record.js';

/** Where records go, and how many at most. */
export interface TracerOptions {
  /** Takes each record as it is complete. It must not run or change the machine. */
  readonly take: (record: TraceRecord) => void;
  /** Records after which the tracer stops itself; no limit when absent. */
  readonly limit?: number;
}

/** What is known of an instruction before it runs. */
interface Plan extends Writes {
  readonly address: number;
  readonly word: number;
  readonly size: 2 | 4;
  readonly place: string | undefined;
  readonly text: string;
  /** Stands in an IT block. */
  readonly conditional: boolean;
}

/** An instruction that has run, its cycles still to come. */
interface Waiting {
  readonly plan: Plan;
  /** Why it did not simply go on. */
  readonly signal: number;
  readonly skipped: boolean;
  readonly registers: readonly NamedValue[];
  readonly flags: string | undefined;
  readonly storedFloat: boolean;
  readonly accesses: readonly MemoryAccess[];
  /** The cycle at which it was charged, where the machine said so. */
  end: number | undefined;
}

/** A trace of one machine, from `start` to `stop` or the limit. */
export class Tracer implements ExceptionObserver, Snapshotable {
  /** Records told so far. */
  records = 0;
  private readonly core: CoreComplex;
  private readonly elf: ElfImage;
  private readonly options: TracerOptions;
  private readonly registers: RegisterWatch;
  private readonly accesses: AccessLog;
  /** What takes this out of the machine; empty while it is off. */
  private taps: readonly (() => void)[] = [];
  private waiting: Waiting | undefined;
  /** The cycle up to which all is told; undefined: not known yet. */
  private told: number | undefined;
  /** Where the program goes on by itself; undefined: not known. */
  private next: number | undefined;
  /** Faults that are not told yet, in words. */
  private faults: string[] = [];
  /** The exception that was last returned from. */
  private leaving = 0;
  /** What an exception that is being entered interrupts; undefined: it is chained to another handler. */
  private interrupted: { readonly pc: number; readonly onProcessStack: boolean } | undefined;

  /** @param machine with its program loaded */
  constructor(machine: { readonly core: CoreComplex }, elf: ElfImage, options: TracerOptions) {
    this.core = machine.core;
    this.elf = elf;
    this.options = options;
    this.registers = new RegisterWatch(machine.core.state);
    this.accesses = new AccessLog(machine.core.state.x);
  }

  get isOn(): boolean {
    return this.taps.length > 0;
  }

  /** Begins with the instruction that the machine runs next. */
  start(): void {
    if (this.isOn) return;
    const { interpreter, exceptions, clock } = this.core;
    this.told = clock.now();
    this.faults = [];
    exceptions.observers.add(this);
    interpreter.onRetireSignalled = () => this.retired();
    this.taps = [
      interpreter.addAccessLayer((below) => this.accesses.over(below)),
      interpreter.addInstrument(this.instrument),
      () => exceptions.observers.delete(this),
      () => {
        interpreter.onRetireSignalled = undefined;
      },
    ];
  }

  /** Ends it, with all told that has happened. */
  stop(): void {
    if (this.isOn) this.settle();
    this.end();
  }

  private end(): void {
    for (const untap of this.taps) untap();
    this.taps = [];
    this.waiting = this.next = undefined;
  }

  /** Tells of all that has happened so far. */
  private settle(): void {
    this.flush();
    this.tellFaults();
    const { lockup } = this.core.exceptions;
    if (lockup !== undefined) this.event('lockup', lockup);
    else this.tellSleep();
  }

  /** For snapshots: after going back, what was waiting has not happened. */
  captureState(): () => void {
    return () => {
      this.waiting = this.next = this.told = undefined;
      this.faults = [];
    };
  }

  private readonly instrument: Instrument = (site: Site, execute: Execute): Execute => {
    const plan = this.planOf(site);
    const { x } = this.core.state;
    const following = (site.address + site.decoded.size) | 0;
    return (pc) => {
      this.begin(pc);
      if (!this.isOn) return execute(pc);
      this.registers.keep();
      const next = execute(pc);
      const goesOn = (next & 1) === 0;
      this.wait(
        plan,
        goesOn ? Signal.none : word(x, X.SIGNAL),
        goesOn && next !== following ? next : undefined,
      );
      this.next = goesOn ? next : undefined;
      return next;
    };
  };

  private planOf({ address, decoded }: Site): Plan {
    const itState = word(this.core.state.x, X.ITSTATE);
    const { insn, fields, size } = decoded;
    const { writes, floatWrites } = factsOf(insn, fields, size, address, itState !== 0);
    const condition = itState === 0 ? undefined : itState >>> 4;
    return {
      address,
      word: decoded.word,
      size,
      place: this.placeAt(address),
      text: disassemble(decoded, address, condition),
      conditional: itState !== 0,
      writes,
      floatWrites,
    };
  }

  private placeAt(address: number): string | undefined {
    const symbol = this.elf.symbolAt(address);
    return symbol && `${symbol.name}+0x${(address - symbol.address).toString(16)}`;
  }

  /** The instruction at `pc` is about to run: what came before it is complete. */
  private begin(pc: number): void {
    const { waiting } = this;
    // It is run once more, when what it accesses is not modelled, or its bus error does not stop it.
    const retried = waiting?.signal === Signal.unmodelledAccess || waiting?.signal === Signal.memoryFault;
    const again = retried && waiting?.plan.address === pc >>> 0;
    if (again) this.waiting = undefined;
    this.flush();
    this.tellSleep();
    if (this.next !== undefined && this.next !== pc) this.event('restart', '', { pc });
  }

  private wait(plan: Plan, signal: number, jump: number | undefined): void {
    const { registers } = this;
    const wrote =
      signal === Signal.none || signal === Signal.exceptionReturn || signal === Signal.invalidState;
    const skipped = plan.conditional && wrote && word(this.core.state.x, X.OUTCOME) === Outcome.skipped;
    const changes = registers.changes(wrote && !skipped ? plan : NO_WRITES);
    if (jump !== undefined) changes.push({ name: 'pc', value: jump >>> 0 });
    this.waiting = {
      plan,
      signal,
      skipped,
      registers: changes,
      flags: registers.flags(),
      storedFloat: registers.storedFloat,
      accesses: this.accesses.take(),
      end: undefined,
    };
  }

  /** The instruction that signalled is charged. A semihosting call is not over: its result comes in R0. */
  private retired(): void {
    const { waiting, core } = this;
    if (waiting === undefined) return;
    waiting.end = core.clock.now();
    if (waiting.signal === Signal.exceptionReturn) this.leaving = word(core.state.x, X.IPSR);
    if (waiting.signal !== Signal.breakpoint) this.flush();
  }

  /** Tells of the instruction that waits. */
  private flush(): void {
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    const { plan, signal, skipped, flags, storedFloat, accesses, end } = waiting;
    const faulted = signal !== Signal.none && end === undefined;
    const { address, word: bits, size, place, text } = plan;
    this.tell({
      kind: 'instruction',
      ...this.until(end ?? this.core.clock.now()),
      ...{ address, word: bits, size, place, text },
      outcome: faulted ? 'faulted' : skipped ? 'skipped' : 'done',
      registers: signal === Signal.breakpoint ? this.registers.changes(NO_WRITES) : waiting.registers,
      ...{ flags, storedFloat, accesses },
    });
  }

  /** Told of when the instruction that did it has been. */
  faulted(text: string): undefined {
    this.faults.push(text);
  }

  starts(): void {
    const { state } = this.core;
    this.flush();
    this.tellSleep();
    this.tellFaults();
    this.interrupted = { pc: word(state.r, 15), onProcessStack: state.onProcessStack };
  }

  entered(): void {
    const { state } = this.core;
    const { interrupted, leaving } = this;
    const pc = word(state.r, 15);
    const name = exceptionName(word(state.x, X.IPSR));
    this.tellFaults();
    if (interrupted === undefined) this.event('chain', `${name} after ${exceptionName(leaving)}`, { pc });
    else {
      const frame = interrupted.onProcessStack ? state.psp : state.msp;
      this.event('enter', name, { pc, from: interrupted.pc, frame, lr: word(state.r, 14) });
    }
    this.interrupted = undefined;
  }

  returned(): void {
    const { r } = this.core.state;
    this.event('return', exceptionName(this.leaving), { pc: word(r, 15), sp: word(r, 13) });
  }

  private tellFaults(): void {
    const { faults } = this;
    this.faults = [];
    for (const text of faults) this.event('fault', text, {}, 0);
  }

  private tellSleep(): void {
    const now = this.core.clock.now();
    this.told ??= now;
    if (now > this.told) this.event('sleep', '');
  }

  /** @param cycles what it took; all that is not told yet when absent */
  private event(
    kind: TracedEvent['kind'],
    text: string,
    values: Readonly<Record<string, number>> = {},
    cycles?: number,
  ): void {
    const time = this.until(cycles === undefined ? this.core.clock.now() : (this.told ?? 0) + cycles);
    const named = Object.entries(values).map(([name, value]) => ({ name, value: value >>> 0 }));
    this.next = undefined;
    this.tell({ kind, ...time, text, values: named });
  }

  private until(now: number): { readonly cycle: number; readonly cycles: number } {
    const cycle = this.told ?? now;
    this.told = now;
    return { cycle, cycles: now - cycle };
  }

  private tell(record: TraceRecord): void {
    if (!this.isOn) return;
    this.records++;
    this.options.take(record);
    if (this.records === this.options.limit) this.end();
  }
}
