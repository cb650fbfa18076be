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
import type { Uart } from './serial-wire.js';
import { type SerialOptions, SerialWires } from './serial-wires.js';

export interface PeripheralSetOptions extends SerialOptions {
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
  /** The other ends of the UARTs' wires begin anew at power-on only. */
  reset(powerOn: boolean): void;
  /** @throws UserError when there is no UART of that name */
  uart(name: string): Uart;
}

export function peripheralSet(profile: McuProfile, options: PeripheralSetOptions): PeripheralSet {
  const wires = new MachineWires();
  const serial = new SerialWires(profile.name, options, options.console);
  const asking = new Map<number, Set<RequestLine>>();
  const made = (profile.peripherals ?? []).map((entry) => {
    const peripheral = create(profile.name, entry, siteOf(entry, { wires, serial, asking, ...options }));
    return { entry, peripheral };
  });
  const devices = made.map(({ entry, peripheral }) => deviceOf(entry, peripheral, options.clocks));
  for (const { entry, peripheral } of made) {
    // Where RCC has an enable bit it has a reset bit at the same place.
    if (entry.gate === undefined) continue;
    wires.onChange(entry.gate.replace('ENR', 'RSTR'), (level) => level && peripheral.reset());
  }
  serial.checkNames();
  const reset = (powerOn: boolean): void => {
    wires.reset();
    if (powerOn) serial.reset();
    for (const { peripheral } of made) peripheral.reset();
  };
  const finish = (): void => {
    for (const { peripheral } of made) peripheral.finish?.();
  };
  const stateful = [wires, ...made.map(({ peripheral }) => peripheral)];
  return { devices, stateful, reset, finish, uart: (name) => serial.uart(name) };
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

interface Joined extends PeripheralSetOptions {
  readonly wires: MachineWires;
  readonly serial: SerialWires;
  /** Which lines ask for an interrupt, by its number. */
  readonly asking: Map<number, Set<RequestLine>>;
}

function siteOf(entry: PeripheralEntry, options: Joined): PeripheralSite {
  const { clock, clocks, bus, notices, wires, requestReset, resetCause } = options;
  return {
    name: entry.name,
    clock,
    clocks,
    kernelClock: entry.clock ?? CORE_CLOCK,
    line: (index) => requestLine(entry.interrupts?.[index], options),
    wires,
    bus,
    serial: () => options.serial.lay(entry.name),
    seed: options.seed,
    parameters: entry.parameters ?? {},
    flashWaitStates: options.flashWaitStates,
    notice: (code, text) => notices.add(code, text),
    requestReset,
    resetCause,
  };
}

/** Devices that share an interrupt ask for it together: it is high while one of them asks. */
function requestLine(interrupt: number | undefined, options: Joined): RequestLine {
  if (interrupt === undefined) return { set: () => undefined };
  const { exceptions, clock, asking } = options;
  const others = asking.get(interrupt) ?? new Set();
  asking.set(interrupt, others);
  // The set is a field, so that a snapshot finds it.
  const line = {
    asking: others,
    set: (next: boolean) => {
      const before = others.size;
      if (next) others.add(line);
      else others.delete(line);
      exceptions.setLevel(Exception.firstInterrupt + interrupt, others.size > 0);
      if (others.size > before) clock.attention();
    },
  };
  return line;
}
