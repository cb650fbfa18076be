/** All that answers on the bus of an MCU and is not memory: the core's own devices and the peripherals. */
import type { DebugControl } from '../core/debug-control.js';
import type { Exceptions } from '../core/exceptions.js';
import type { Memory, Window } from '../core/memory.js';
import type { Mpu } from '../core/mpu.js';
import type { CoreState } from '../core/state.js';
import type { SystemControl } from '../core/system-control.js';
import type { MachineClock } from './clock.js';
import { MachineClockTree } from './clock-tree.js';
import { coreDevices } from './core-devices.js';
import { deviceBus } from './device-bus.js';
import { DeviceMap } from './device-map.js';
import { Notices } from './notices.js';
import { peripheralSet } from './peripheral-set.js';
import type { McuProfile } from './profile.js';
import type { Uart } from './serial-wire.js';
import type { SerialOptions } from './serial-wires.js';

/** What a chip needs of the machine it is in. */
export interface ChipSurroundings extends SerialOptions {
  /** Takes characters of the program's console. */
  readonly console: (text: string) => void;
  /** Of all that is random in the MCU, 32 bits. */
  readonly seed: number;
  /** Asks for a system reset once the instruction is over; `cause` as PeripheralSite has it. */
  readonly requestReset: (cause: string) => void;
  readonly resetCause: () => string;
}

export interface ChipOptions {
  readonly state: CoreState;
  readonly clock: MachineClock;
  readonly memory: Memory;
  readonly exceptions: Exceptions;
  readonly priorityMask: number;
  readonly buffer: ArrayBufferLike;
  readonly windows: readonly Window[];
  readonly surroundings: ChipSurroundings;
}

export interface Chip {
  readonly system: SystemControl;
  readonly mpu: Mpu;
  readonly debug: DebugControl;
  readonly map: DeviceMap;
  readonly clocks: MachineClockTree;
  readonly notices: Notices;
  /** What holds the state of all this, for snapshots. */
  readonly stateful: readonly object[];
  /** The program has ended: devices do what they still would by themselves. */
  finish(): void;
  /** The debug units (DWT, ITM), the time and what was noted for the report outlive all but power-on. */
  reset(powerOn: boolean): void;
  /** @throws UserError when there is no UART of that name */
  uart(name: string): Uart;
}

export function makeChip(profile: McuProfile, options: ChipOptions): Chip {
  const { clock, exceptions, surroundings, buffer, windows } = options;
  const clocks = new MachineClockTree(profile.clocks.resetHz, () => clock.now());
  const notices = new Notices();
  const core = coreDevices(profile, {
    ...options,
    requestReset: () => surroundings.requestReset('software'),
    console: surroundings.console,
    notice: (code, text) => notices.add(code, text),
  });
  const bus = deviceBus(buffer, windows, () => map);
  const flashWaitStates = (hertz: number): number | undefined =>
    profile.flash?.waitStates.find(({ upToHz }) => hertz <= upToHz)?.waitStates;
  const joined = { ...surroundings, clock, clocks, exceptions, bus, notices, flashWaitStates };
  const peripherals = peripheralSet(profile, joined);
  const map = new DeviceMap([...core.devices, ...peripherals.devices], {
    reserved: (profile.reserved ?? []).map(({ base, size }) => ({ start: base, end: base + size })),
    unclocked: (device, pc) => {
      const at = `0x${pc.toString(16).padStart(8, '0')}`;
      notices.add(
        'clock-off',
        `${device} was accessed at ${at} with its clock off: it reads 0, ignores writes`,
      );
    },
  });
  const reset = (powerOn: boolean): void => {
    core.reset(powerOn);
    if (powerOn) {
      clocks.reset();
      notices.reset();
      map.reset();
    }
    peripherals.reset(powerOn);
  };
  const stateful = [...core.stateful, ...peripherals.stateful, map, clocks, notices];
  const { finish, uart } = peripherals;
  const { system, mpu, debug } = core;
  return { system, mpu, debug, map, clocks, notices, stateful, reset, finish, uart };
}
