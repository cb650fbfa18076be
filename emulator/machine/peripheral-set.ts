/** Makes the peripherals that a profile lists and joins them to clock, interrupts, wires, memory and console. */
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
  readonly console: (text: string) => void;
  readonly requestReset: (cause: string) => void;
  readonly resetCause: () => string;
}

export interface PeripheralSet {
  readonly devices: readonly Device[];
  reset(): void;
}

export function peripheralSet(profile: McuProfile, options: PeripheralSetOptions): PeripheralSet {
  const wires = new MachineWires();
  const made = (profile.peripherals ?? []).map((entry) => {
    const peripheral = create(profile.name, entry, siteOf(entry, wires, options));
    return { entry, peripheral };
  });
  const devices = made.map(({ entry, peripheral }) => deviceOf(entry, peripheral, options.clocks));
  const reset = (): void => {
    wires.reset();
    for (const { peripheral } of made) peripheral.reset();
  };
  return { devices, reset };
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
    notice: (code, text) => notices.add(code, text),
    requestReset,
    resetCause,
  };
}

function requestLine(interrupt: number | undefined, options: PeripheralSetOptions): RequestLine {
  if (interrupt === undefined) return { set: () => undefined };
  const { exceptions, clock } = options;
  let level = false;
  return {
    set: (next) => {
      exceptions.setLevel(Exception.firstInterrupt + interrupt, next);
      if (next && !level) clock.attention();
      level = next;
    },
  };
}
