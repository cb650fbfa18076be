/** Puts a core together from a profile: state, memory, exceptions, system registers, timing, interpreter. */

import { Dwt } from '../core/dwt.js';
import { Exception, Exceptions } from '../core/exceptions.js';
import { FloatingPoint } from '../core/floating-point.js';
import { Memory, type Window } from '../core/memory.js';
import { changeProcessorState, readSpecial, writeSpecial } from '../core/special-registers.js';
import { CoreState, Signal, STATE_BYTES, word, X } from '../core/state.js';
import { SystemControl } from '../core/system-control.js';
import { SysTick } from '../core/systick.js';
import { type CoreHooks, makeEnvironment } from '../interpret/environment.js';
import { Interpreter } from '../interpret/interpreter.js';
import type { TimingModel } from '../timing/automaton.js';
import { StepTables } from '../timing/step-tables.js';
import { MachineClock } from './clock.js';
import { DeviceMap } from './device-map.js';
import { layOut } from './memory-map.js';
import type { McuProfile } from './profile.js';

const SCS_BASE = 0xe000e000;
const DWT_BASE = 0xe0001000;
const PAGE = 65536;
const FPCA = 4;
const FPCCR_ASPEN = 1 << 31;

export interface CoreComplex {
  readonly state: CoreState;
  readonly memory: Memory;
  readonly exceptions: Exceptions;
  readonly clock: MachineClock;
  readonly interpreter: Interpreter;
  readonly timing: TimingModel;
  readonly devices: DeviceMap;
  /** The core's own devices; the debug unit (DWT) keeps its state unless the power was off. */
  resetDevices(powerOn: boolean): void;
  /** The host buffer, shared with translated code, and what lies where in it. */
  readonly hostMemory: WebAssembly.Memory;
  readonly windows: readonly Window[];
}

/** Implemented bits of a priority: the high ones. */
const priorityMaskOf = (bits: number): number => (0xff << (8 - bits)) & 0xff;

/** ExecuteFPCheck() (B1.5.7 of DDI 0403): access, lazy stacking, a new FP context. */
function floatCheck(
  state: CoreState,
  exceptions: () => Exceptions,
  system: () => SystemControl,
): () => number {
  const { x } = state;
  return () => {
    if (!system().floatEnabled) {
      x[X.SIGNAL] = Signal.noCoprocessor;
      return 1;
    }
    if (word(x, X.LAZY_FP) !== 0 && !exceptions().preserveFloat()) {
      x[X.SIGNAL] = Signal.lazyStacking;
      return 1;
    }
    if ((word(x, X.CONTROL) & FPCA) === 0 && (exceptions().fpccr & FPCCR_ASPEN) !== 0) {
      x[X.FPSCR] = exceptions().fpdscr;
      x[X.CONTROL] = word(x, X.CONTROL) | FPCA;
    }
    return 0;
  };
}

export function buildCore(profile: McuProfile, timing: TimingModel, requestReset: () => void): CoreComplex {
  const { windows, bytes } = layOut(profile, STATE_BYTES);
  const pages = Math.ceil(bytes / PAGE);
  // WebAssembly memory, so that translated code can share it.
  const hostMemory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { buffer } = hostMemory;
  const state = new CoreState(buffer, 0);
  const clock = new MachineClock(state.x);
  const parts: { exceptions?: Exceptions; system?: SystemControl } = {};
  const exceptionsOf = (): Exceptions => parts.exceptions as Exceptions;
  const sysTick = new SysTick({
    clock,
    line: {
      setPending: (pending) => {
        exceptionsOf().pending[Exception.SysTick] = pending ? 1 : 0;
      },
    },
    referenceDivider: profile.clocks.systickReferenceDivider,
  });
  const dwt = new Dwt(clock);
  const memoryDevices = {
    load: (a: number, n: number) => devices.load(a, n),
    store: (a: number, n: number, v: number) => devices.store(a, n, v),
  };
  const memory = new Memory({
    buffer,
    windows,
    devices: memoryDevices,
    x: state.x,
    unalignedExtra: timing.unalignedExtra,
  });
  const interruptCount = profile.core.interruptCount;
  const priorityMask = priorityMaskOf(profile.core.interruptPriorityBits);
  const exceptions = new Exceptions({
    state,
    memory,
    interruptCount,
    timing,
    spend: clock.spend,
    flushPipeline: () => {
      interpreter.timingState = timing.initial;
    },
  });
  const system = new SystemControl({
    state,
    exceptions,
    memory,
    cpuid: profile.core.cpuid,
    interruptCount,
    priorityMask,
    attention: clock.attention,
    requestReset,
  });
  parts.exceptions = exceptions;
  parts.system = system;
  const devices = new DeviceMap([
    {
      name: 'SCS',
      base: SCS_BASE,
      size: 0x1000,
      registers: [...system.registers, ...sysTick.registers, dwt.demcrRegister],
    },
    { name: 'DWT', base: DWT_BASE, size: 0x1000, registers: dwt.registers },
  ]);
  const hooks: CoreHooks = {
    floatReady: floatCheck(state, exceptionsOf, () => parts.system as SystemControl),
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
  const environment = makeEnvironment(state, new FloatingPoint(state.x, X.FPSCR), memory.accessors, hooks);
  const interpreter = new Interpreter(state, memory, environment, new StepTables(timing));
  const resetDevices = (powerOn: boolean): void => {
    system.reset();
    sysTick.reset();
    if (powerOn) dwt.reset();
  };
  return { state, memory, exceptions, clock, interpreter, timing, devices, resetDevices, hostMemory, windows };
}
