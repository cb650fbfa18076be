/** Puts a core together from a profile: state, memory, exceptions, system registers, timing, interpreter. */
import { Exceptions } from '../core/exceptions.js';
import { FloatingPoint } from '../core/floating-point.js';
import { FPCCR } from '../core/fpccr.js';
import { Memory, type Window } from '../core/memory.js';
import { Protection } from '../core/protection.js';
import { changeProcessorState, readSpecial, writeSpecial } from '../core/special-registers.js';
import { CONTROL, CoreState, Signal, STATE_BYTES, word, X } from '../core/state.js';
import type { SystemControl } from '../core/system-control.js';
import type { Decoded } from '../decode/decoder.js';
import { type CoreHooks, makeEnvironment } from '../interpret/environment.js';
import type { Instrument } from '../interpret/instrument.js';
import { type AccessLayer, Interpreter, type StepTiming } from '../interpret/interpreter.js';
import type { TimingModel } from '../timing/automaton.js';
import { StepTables } from '../timing/step-tables.js';
import { type Chip, type ChipSurroundings, makeChip } from './chip.js';
import { MachineClock } from './clock.js';
import type { SitePlan } from './measure/site-plan.js';
import { layOut } from './memory-map.js';
import type { McuProfile } from './profile.js';

const PAGE = 65536;

export interface CoreComplex {
  readonly state: CoreState;
  readonly memory: Memory;
  readonly protection: Protection;
  readonly exceptions: Exceptions;
  readonly clock: MachineClock;
  readonly interpreter: Interpreter;
  readonly timing: TimingModel;
  /** What the timing model says, tabulated as it is asked. */
  readonly tables: StepTables;
  /** Registers of the core and of the peripherals, and the clocks. */
  readonly chip: Chip;
  /** The host buffer, shared with translated code, and what lies where in it. */
  readonly hostMemory: WebAssembly.Memory;
  readonly windows: readonly Window[];
  /** Set when the machine measures. */
  readonly probes: CoreProbes | undefined;
}

/** Implemented bits of a priority: the high ones. */
const priorityMaskOf = (bits: number): number => (0xff << (8 - bits)) & 0xff;

/** ExecuteFPCheck() (B1.5.7 of DDI 0403): access, lazy stacking, a new FP context. */
function floatCheck({ x }: CoreState, exceptions: Exceptions, system: SystemControl): number {
  if (!system.floatEnabled) {
    x[X.SIGNAL] = Signal.noCoprocessor;
    return 1;
  }
  if (word(x, X.LAZY_FP) !== 0 && !exceptions.preserveFloat()) {
    x[X.SIGNAL] = Signal.lazyStacking;
    return 1;
  }
  if ((word(x, X.CONTROL) & CONTROL.FPCA) === 0 && (exceptions.fpccr & FPCCR.ASPEN) !== 0) {
    x[X.FPSCR] = exceptions.fpdscr;
    x[X.CONTROL] = word(x, X.CONTROL) | CONTROL.FPCA;
  }
  return 0;
}

interface HookOptions {
  readonly state: CoreState;
  readonly clock: MachineClock;
  readonly exceptions: Exceptions;
  readonly system: SystemControl;
  readonly priorityMask: number;
  readonly timing: TimingModel;
}

function hooksOf({ state, clock, exceptions, system, priorityMask, timing }: HookOptions): CoreHooks {
  return {
    floatReady: () => floatCheck(state, exceptions, system),
    readSpecial: (SYSm) => readSpecial(state, SYSm),
    writeSpecial: (SYSm, mask, value) => {
      writeSpecial(state, priorityMask, SYSm, mask, value);
      clock.attention();
    },
    changeProcessorState: (disable, primask, faultmask) => {
      changeProcessorState(state, disable, primask, faultmask);
      clock.attention();
    },
    trapsDivideByZero: () => system.trapsDivideByZero,
    divideExtra: timing.divideExtra,
  };
}

/** What a measurement puts between the core's parts. */
export interface CoreProbes {
  readonly accessors: AccessLayer;
  /** Looks at the addresses of stores, where they lie in the range that the state's words give. */
  readonly watchesStores: boolean;
  /** A store there is about to be made. */
  storing(address: number, words: number): void;
  /** How it gets between instructions. */
  readonly instrument: Instrument;
  /** What it follows of an instruction. */
  planAt(decoded: Decoded, address: number): SitePlan | undefined;
  /** Number of the function around an address. */
  functionAt(address: number): number;
  /** A branch has been taken and is paid for. */
  branched(plan: SitePlan, target: number): void;
  /** Code goes on there, by whatever way. */
  entering(address: number): void;
  /** SP was written by the instruction at an address. */
  moved(pc: number): void;
  steps(inner: StepTiming): StepTiming;
}

/** Parts that memory and exceptions need and that are made of them: looked up when the core runs. */
interface LateParts {
  chip: Chip;
  exceptions: Exceptions;
  interpreter: Interpreter;
}

/** WebAssembly memory, so that translated code can share it. */
function hostMemoryOf(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

function protectionOf(state: CoreState, late: LateParts): Protection {
  return new Protection({
    state,
    mpu: () => late.chip.mpu,
    system: () => late.chip.system,
    atNegativePriority: () => late.exceptions.atNegativePriority,
  });
}

export function buildCore(
  profile: McuProfile,
  timing: TimingModel,
  surroundings: ChipSurroundings,
  probes?: CoreProbes,
): CoreComplex {
  const { windows, bytes } = layOut(profile, STATE_BYTES);
  const hostMemory = hostMemoryOf(bytes);
  const { buffer } = hostMemory;
  const state = new CoreState(buffer, 0);
  const clock = new MachineClock(state.x);
  const late = {} as LateParts;
  const protection = protectionOf(state, late);
  const memory = new Memory({
    buffer,
    windows,
    devices: {
      load: (address, size) => late.chip.map.load(address, size),
      store: (address, size, value) => late.chip.map.store(address, size, value),
    },
    x: state.x,
    protection,
    unalignedExtra: timing.unalignedExtra,
    bitBand: true,
  });
  const flushPipeline = (): void => {
    late.interpreter.timingState = timing.initial;
  };
  const { interruptCount, interruptPriorityBits } = profile.core;
  const exceptions = new Exceptions({
    state,
    memory,
    interruptCount,
    timing,
    spend: clock.spend,
    flushPipeline,
    catchUp: () => clock.runDue(),
    floatEnabled: () => late.chip.system.floatEnabled,
  });
  const core = { state, clock, memory, exceptions, priorityMask: priorityMaskOf(interruptPriorityBits) };
  const chip = makeChip(profile, { ...core, buffer, windows, surroundings });
  const hooks = hooksOf({ ...core, system: chip.system, timing });
  const floatingPoint = new FloatingPoint(state.x, X.FPSCR);
  const environment = makeEnvironment(state, floatingPoint, memory.accessors, hooks);
  const tables = new StepTables(timing);
  const interpreter = new Interpreter(state, memory, environment, probes?.steps(tables) ?? tables);
  if (probes !== undefined) interpreter.addAccessLayer(probes.accessors);
  Object.assign(late, { chip, exceptions, interpreter });
  const parts = { state, memory, protection, exceptions, clock, interpreter, timing, tables, chip, probes };
  return { ...parts, hostMemory, windows };
}
