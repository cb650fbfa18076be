/**
 * The devices inside the core: system control space, SysTick, the cycle counter and the stimulus ports, at
 * their fixed addresses.
 */
import { DebugControl } from '../core/debug-control.js';
import { Dwt } from '../core/dwt.js';
import { Exception } from '../core/exception-numbers.js';
import type { Exceptions } from '../core/exceptions.js';
import { identificationRegisters } from '../core/identification.js';
import { Itm } from '../core/itm.js';
import type { Memory } from '../core/memory.js';
import { Mpu } from '../core/mpu.js';
import type { CoreState } from '../core/state.js';
import { SystemControl } from '../core/system-control.js';
import { SysTick } from '../core/systick.js';
import type { MachineClock } from './clock.js';
import type { Device } from './device-map.js';
import type { McuProfile } from './profile.js';

const SCS_BASE = 0xe000e000;
const ITM_BASE = 0xe0000000;
const DWT_BASE = 0xe0001000;
const PPB_SIZE = 0x1000;

export interface CoreDevices {
  readonly system: SystemControl;
  readonly mpu: Mpu;
  readonly debug: DebugControl;
  readonly devices: readonly Device[];
  /** What holds their state, for snapshots. */
  readonly stateful: readonly object[];
  /** The debug units (DWT, ITM) keep their state unless the power was off. */
  reset(powerOn: boolean): void;
}

export interface CoreDeviceOptions {
  readonly state: CoreState;
  readonly clock: MachineClock;
  readonly memory: Memory;
  readonly exceptions: Exceptions;
  /** The implemented bits of a priority. */
  readonly priorityMask: number;
  readonly requestReset: () => void;
  /** Takes characters of the program's console. */
  readonly console: (text: string) => void;
  /** Something that the program's author should know: a stable code and a sentence. */
  readonly notice: (code: string, text: string) => void;
}

export function coreDevices(profile: McuProfile, options: CoreDeviceOptions): CoreDevices {
  const { clock, exceptions } = options;
  const { cpuid, interruptCount, mpuRegions } = profile.core;
  const sysTick = new SysTick({
    clock,
    line: {
      setPending: (pending) => {
        if (pending) exceptions.pend(Exception.SysTick);
        else exceptions.pending[Exception.SysTick] = 0;
      },
    },
    referenceDivider: profile.clocks.systickReferenceDivider,
    calibration: profile.clocks.systickCalibration,
  });
  const debug = new DebugControl(exceptions, clock.attention);
  const dwt = new Dwt(clock, debug);
  const itm = new Itm({
    console: options.console,
    traceEnabled: () => debug.traceEnabled,
    privileged: () => options.state.privileged,
    refused: () =>
      options.notice(
        'itm-locked',
        'the ITM was written to while it is locked: ITM_LAR takes 0xC5ACCE55 first',
      ),
  });
  const system = new SystemControl({ ...options, attention: clock.attention });
  const mpu = new Mpu(mpuRegions, clock.attention);
  const scs = [
    ...identificationRegisters(cpuid, interruptCount),
    ...[system, mpu, debug, sysTick].flatMap(({ registers }) => registers),
  ];
  const devices = [
    { name: 'SCS', base: SCS_BASE, size: PPB_SIZE, registers: scs },
    { name: 'ITM', base: ITM_BASE, size: PPB_SIZE, registers: itm.registers },
    { name: 'DWT', base: DWT_BASE, size: PPB_SIZE, registers: dwt.registers },
  ];
  const reset = (powerOn: boolean): void => {
    system.reset();
    mpu.reset();
    sysTick.reset();
    debug.reset(powerOn);
    if (!powerOn) return;
    dwt.reset();
    itm.reset();
  };
  return { system, mpu, debug, devices, stateful: [system, mpu, debug, sysTick, dwt, itm], reset };
}
