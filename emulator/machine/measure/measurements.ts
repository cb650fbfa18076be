/**
 * What a machine measures of the program it runs, and how that gets between its instructions: wrapped where
 * they are decoded, where their plan asks for it. The program cannot tell, and neither can its cycles.
 */
import type { CallChain, ExceptionObserver } from '../../core/exception-observer.js';
import type { Accessors } from '../../core/memory.js';
import { word, X } from '../../core/state.js';
import type { Decoded } from '../../decode/decoder.js';
import type { ElfImage } from '../../elf/elf-image.js';
import type { Execute } from '../../interpret/compile.js';
import type { Instrument, Site } from '../../interpret/instrument.js';
import type { StepTable, StepTiming } from '../../interpret/interpreter.js';
import type { CoreComplex } from '../core-complex.js';
import { CallTracker } from './call-tracker.js';
import { FunctionTable } from './function-table.js';
import { type AllocatorNames, type HeapUse, HeapWatch } from './heap-use.js';
import { planOf, type SitePlan } from './site-plan.js';
import { type MeasuredStack, type Stack, type StackOverflow, StackWatch } from './stack-use.js';
import { StoreWatch } from './store-watch.js';

/** What to measure; what is absent or false is not, at no cost. */
export interface MeasureOptions {
  /** Calls, cycles and stack of each function. */
  readonly functions?: boolean;
  readonly heap?: boolean;
  /** Each stack's peak with its call chain, and the lowest byte written. */
  readonly stacks?: boolean;
  /** Allocators beside malloc and its kin. */
  readonly allocators?: readonly AllocatorNames[];
  /** Lowest address of the main stack, instead of the symbol __stack_limit or __StackLimit. */
  readonly stackLimit?: number;
}

/** One function's share of a run. */
export interface FunctionUse {
  readonly name: string;
  /** Null for the cycles outside every function. */
  readonly address: number | null;
  readonly calls: number;
  /** With what it called; recursion counted once, interrupts not at all. */
  readonly inclusiveCycles: number;
  readonly exclusiveCycles: number;
  /** From its SP on entry to the lowest SP before its return, exception frames not included. */
  readonly peakStackBytes: number;
  /** An exception's handler: its cycles include those of entry and return. */
  readonly interrupt: boolean;
}

/** What a machine measured so far: ask between two runs. A machine with the option `measure` makes it. */
export class Measurements {
  readonly options: MeasureOptions;
  private readonly storeWatch = new StoreWatch();
  private functionTable = new FunctionTable(undefined);
  private heapWatch = new HeapWatch(undefined, []);
  private stackWatch = new StackWatch({ elf: undefined, limit: undefined, opened: () => undefined });
  private tracker: CallTracker | undefined;
  private core: CoreComplex | undefined;
  /** Where the instruction being run goes; odd while it has not happened. */
  private next = 1;
  private kept:
    | { readonly decoded: Decoded; readonly address: number; plan: SitePlan | undefined }
    | undefined;

  constructor(options: MeasureOptions) {
    this.options = options;
  }

  /** A program was loaded: its symbols. */
  load(core: CoreComplex, elf: ElfImage): void {
    const { stackLimit: limit, allocators = [], stacks } = this.options;
    const opened = (all: readonly Stack[]): void => {
      if (stacks === true) this.storeWatch.aim(all);
    };
    this.core = core;
    this.kept = undefined;
    this.functionTable = new FunctionTable(elf);
    this.heapWatch = new HeapWatch(elf, allocators);
    this.stackWatch = new StackWatch({ elf, limit, opened });
    this.tracker = new CallTracker({
      state: core.state,
      functions: this.functionTable,
      heap: this.heapWatch,
      stacks: this.stackWatch,
      now: () => core.clock.now(),
      overflowed: () => core.clock.attention(),
      pushed: (sp) => this.storeWatch.written(sp),
    });
    this.storeWatch.shareWith(core.state.x);
    core.interpreter.setInstruments([this.instrument]);
    core.exceptions.observers.add(this.observer);
  }

  /** After each reset, and when a snapshot is restored. @param powerOn every figure starts anew */
  start(powerOn: boolean): void {
    this.tracker?.start(powerOn);
  }

  /** For the core that is being built. */
  readonly accessors = (inner: Accessors): Accessors =>
    this.watchesStores ? this.storeWatch.over(inner) : inner;

  get watchesStores(): boolean {
    return this.options.stacks === true;
  }

  functionAt(address: number): number {
    return this.functionTable.at(address).number;
  }

  branched(plan: SitePlan, target: number): void {
    if (this.core !== undefined) this.tracker?.branched(plan, target, this.core.clock.now());
  }

  entering(address: number): void {
    if (this.functionTable.isStart(address)) this.tracker?.entered(address);
  }

  moved(pc: number): void {
    this.tracker?.moved(pc);
  }

  storing(address: number, words: number): void {
    for (let k = 0; k < words; k++) this.storeWatch.written((address + 4 * k) >>> 0);
  }

  /** For the core that is being built: tells of a branch once it is charged. */
  steps(inner: StepTiming): StepTiming {
    return {
      tableFor: (decoded, address, inITBlock) => {
        const table = inner.tableFor(decoded, address, inITBlock);
        const plan = this.planAt(decoded, address);
        return plan?.branches === true ? this.watched(table, plan, (address + decoded.size) | 0) : table;
      },
    };
  }

  planAt(decoded: Decoded, address: number): SitePlan | undefined {
    const { kept } = this;
    if (kept?.decoded === decoded && kept.address === address) return kept.plan;
    const plan = this.tracker === undefined ? undefined : planOf({ address, decoded }, this.functionTable);
    this.kept = { decoded, address, plan };
    return plan;
  }

  /** A table that keeps no step, so that it is asked for each: at that moment a branch is charged. */
  private watched(table: StepTable, plan: SitePlan, following: number): StepTable {
    const { tracker, core } = this;
    if (tracker === undefined || core === undefined) return table;
    const { x } = core.state;
    const { clock } = core;
    return {
      steps: new Int32Array(0),
      takesExtra: table.takesExtra,
      setsOutcome: table.setsOutcome,
      fill: (index) => {
        const step = table.steps[index] || table.fill(index);
        const { next } = this;
        if ((next & 1) === 0 && (next !== following || (plan.links && (word(x, X.OUTCOME) & 1) !== 0)))
          tracker.branched(plan, next >>> 0, clock.now() + ((step >>> 1) & 0xff));
        return step;
      },
    };
  }

  private readonly observer: ExceptionObserver = {
    starts: () => this.tracker?.exceptionStarts(),
    entered: () => this.tracker?.exceptionEntered(),
    returned: () => this.tracker?.exceptionReturned(),
    faulted: () => this.tracker?.calls(),
  };

  readonly instrument: Instrument = (site: Site, execute: Execute): Execute => {
    const plan = this.planAt(site.decoded, site.address);
    const { tracker } = this;
    if (plan === undefined || tracker === undefined) return execute;
    let wrapped = execute;
    if (plan.branches) wrapped = this.noteNext(wrapped);
    if (plan.replacesSP) wrapped = after(wrapped, (pc) => tracker.replacedSP(pc));
    else if (plan.writesSP) wrapped = after(wrapped, (pc) => tracker.moved(pc));
    return plan.entry ? before(wrapped, (pc) => tracker.entered(pc)) : wrapped;
  };

  private noteNext(execute: Execute): Execute {
    return (pc) => {
      this.next = 1;
      this.next = execute(pc);
      return this.next;
    };
  }

  /** A stack's limit that was crossed, once for each stack. */
  takeOverflow(): StackOverflow | undefined {
    const { overflow } = this.stackWatch;
    this.stackWatch.overflow = undefined;
    return overflow;
  }

  /** The instruction at `pc` branched to R15, an address without bit 0: no branch that was told of. */
  branchedToData(pc: number): void {
    this.tracker?.branchedToData(pc);
  }

  /** Who called whom at this moment. */
  calls(): CallChain | undefined {
    return this.tracker?.calls();
  }

  /** Of each function that ran, by falling exclusive cycles; they add up to the cycles since reset. */
  functions(): FunctionUse[] {
    const open = this.tracker?.settle();
    const uses = this.functionTable.used.map((record) => ({
      name: record.name,
      address: record === this.functionTable.outside ? null : record.address,
      calls: record.calls,
      inclusiveCycles: record.inclusiveCycles + (open?.get(record) ?? 0),
      exclusiveCycles: record.exclusiveCycles,
      peakStackBytes: record.peakStackBytes,
      interrupt: record.interrupt,
    }));
    return uses.sort((a, b) => b.exclusiveCycles - a.exclusiveCycles || (a.address ?? 0) - (b.address ?? 0));
  }

  stacks(): MeasuredStack[] {
    return this.stackWatch.uses();
  }

  /** Null when the program has no allocator that is known, or the heap is not measured. */
  heap(): HeapUse | null {
    return this.options.heap === true ? this.heapWatch.use() : null;
  }
}

/** Calls `observe` when the instruction has happened. */
function after(execute: Execute, observe: (pc: number) => void): Execute {
  return (pc) => {
    const next = execute(pc);
    if ((next & 1) === 0) observe(pc);
    return next;
  };
}

function before(execute: Execute, observe: (pc: number) => void): Execute {
  return (pc) => {
    observe(pc);
    return execute(pc);
  };
}
