/** Makes the peripherals that a profile lists and joins them to clock, interrupts, memory and console. */
import { Exception } from '../core/exception-numbers.js';
import type { Exceptions } from '../core/exceptions.js';
import { UserError } from '../errors.js';
import { peripheralTypes } from '../peripherals/catalogue.js';
import type { Bus, Peripheral, PeripheralSite, RequestLine } from '../ports.js';
import type { MachineClock } from './clock.js';
import { CORE_CLOCK, type MachineClockTree } from './clock-tree.js';
import type { Device } from './device-map.js';
import { MachineWires } from './machine-wires.js';
import type { Notices } from './notices.js';
import type { McuProfile, PeripheralEntry } from './profile.js';

export interface PeripheralSetOptions {
  readonly clock: MachineClock;
  readonly clocks: MachineClockTree;
  readonly exceptions: Exceptions;
  readonly bus: Bus;
  readonly notices: Notices;
  readonly seed: number;
  readonly flashWaitStates: (hertz: number) => number | undefined;
  readonly console: (text: string) => void;
  readonly requestReset: (cause: string) => void;
  readonly resetCause: () => string;
}

export interface PeripheralSet {
  readonly devices: readonly Device[];
  /** The program has ended. */
  finish(): void;
  /** What holds their state, for snapshots. */
  readonly stateful: readonly object[];
  reset(): void;
}

export function peripheralSet(profile: McuProfile, options: PeripheralSetOptions): PeripheralSet {
  const wires = new MachineWires();
  const made = (profile.peripherals ?? []).map((entry) => {
    const peripheral = create(profile.name, entry, siteOf(entry, wires, options));
    return { entry, peripheral };
  });
  const devices = made.map(({ entry, peripheral }) => deviceOf(entry, peripheral, options.clocks));
  for (const { entry, peripheral } of made) {
    // Where RCC has an enable bit it has a reset bit at the same place.
    if (entry.gate === undefined) continue;
    wires.onChange(entry.gate.replace('ENR', 'RSTR'), (level) => level && peripheral.reset());
  }
  const reset = (): void => {
    wires.reset();
    for (const { peripheral } of made) peripheral.reset();
  };
  const finish = (): void => {
    for (const { peripheral } of made) peripheral.finish?.();
  };
  return { devices, stateful: [wires, ...made.map(({ peripheral }) => peripheral)], reset, finish };
}

function create(mcu: string, entry: PeripheralEntry, site: PeripheralSite): Peripheral {
  const known = peripheralTypes.find(({ type }) => type === entry.type);
  if (known !== undefined) return known.create(site);
  throw new UserError({
    code: 'peripheral-type',
    what: `${mcu}: peripherals.${entry.name}.type`,
    got: entry.type,
    expected: `must be one of ${peripheralTypes.map(({ type }) => type).join(', ')}`,
    fix: 'leave the peripheral out if none fits: its registers are then reported as unmodelled',
  });
}

function deviceOf(entry: PeripheralEntry, peripheral: Peripheral, clocks: MachineClockTree): Device {
  const { name, base, size, gate } = entry;
  const device = { name, base, size, registers: peripheral.registers };
  return gate === undefined ? device : { ...device, clocked: () => clocks.gateOpen(gate) };
}

function siteOf(entry: PeripheralEntry, wires: MachineWires, options: PeripheralSetOptions): PeripheralSite {
  const { clock, clocks, bus, notices, console, requestReset, resetCause } = options;
  return {
    name: entry.name,
    clock,
    clocks,
    kernelClock: entry.clock ?? CORE_CLOCK,
    line: (index) => requestLine(entry.interrupts?.[index], options),
    wires,
    bus,
    console,
    seed: options.seed,
    parameters: entry.parameters ?? {},
    flashWaitStates: options.flashWaitStates,
    notice: (code, text) => notices.add(code, text),
    requestReset,
    resetCause,
  };
}

function requestLine(interrupt: number | undefined, options: PeripheralSetOptions): RequestLine {
  if (interrupt === undefined) return { set: () => undefined };
  const { exceptions, clock } = options;
  // The level is a field, so that a snapshot finds it.
  const line = {
    level: false,
    set: (next: boolean) => {
      exceptions.setLevel(Exception.firstInterrupt + interrupt, next);
      if (next && !line.level) clock.attention();
      line.level = next;
    },
  };
  return line;
}
