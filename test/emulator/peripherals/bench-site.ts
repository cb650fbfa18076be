/** One peripheral on the bench: a clock moved by hand, clocks set by the test, and what it did. */
import { MachineClockTree } from '../../../emulator/machine/clock-tree.js';
import { MachineWires } from '../../../emulator/machine/machine-wires.js';
import { SerialWire } from '../../../emulator/machine/serial-wire.js';
import { peripheralTypes } from '../../../emulator/peripherals/catalogue.js';
import { type Parameter, type Peripheral, RegisterBank } from '../../../emulator/ports.js';
import { HandClock } from '../core/hand-clock.js';

export interface BenchOptions {
  readonly name?: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** Hertz of the core and of the peripheral's own clock. */
  readonly core?: number;
  readonly kernel?: number;
  readonly seed?: number;
  /** Character times of silence before each byte that a UART receives. */
  readonly pause?: number;
}

export interface Bench {
  readonly peripheral: Peripheral;
  readonly clock: HandClock;
  readonly clocks: MachineClockTree;
  readonly wires: MachineWires;
  /** Levels of the interrupt lines. */
  readonly lines: boolean[];
  readonly notices: string[];
  readonly resets: string[];
  /** Bytes of memory from address 0 on, for DMA. */
  readonly memory: Uint8Array;
  /** The other end of a UART's wire. */
  readonly serial: SerialWire;
  readonly text: () => string;
  read(offset: number, size?: number): number;
  write(offset: number, value: number, size?: number): void;
}

export function bench(type: string, options: BenchOptions = {}): Bench {
  const { name = 'DUT', parameters = {}, core = 1_000_000, kernel = core, seed = 1, pause = 0 } = options;
  const clock = new HandClock();
  const clocks = new MachineClockTree(core, () => clock.now());
  clocks.set({ kernel });
  const wires = new MachineWires();
  const lines: boolean[] = [];
  const [notices, resets]: [string[], string[]] = [[], []];
  const memory = new Uint8Array(256);
  let text = '';
  const console = (piece: string): void => {
    text += piece;
  };
  const serial = new SerialWire({ input: new Uint8Array(), pause, console });
  const found = peripheralTypes.find((known) => known.type === type);
  if (found === undefined) throw new Error(`no peripheral of type ${type}`);
  const peripheral = found.create({
    ...{ name, clock, clocks, kernelClock: 'kernel', wires, seed, parameters },
    line: (index) => ({
      set: (level) => {
        lines[index] = level;
      },
    }),
    bus: {
      load: (address) => memory[address],
      store: (address, _size, value) => {
        memory[address] = value;
        return address < memory.length;
      },
    },
    serial: () => serial,
    flashWaitStates: () => undefined,
    notice: (code) => void notices.push(code),
    requestReset: (cause) => void resets.push(cause),
    resetCause: () => 'power',
  });
  peripheral.reset();
  const bank = new RegisterBank(peripheral.registers);
  return {
    ...{ peripheral, clock, clocks, wires, lines, notices, resets, memory, serial },
    text: () => text,
    read: (offset, size = 4) => bank.read(offset, size) ?? Number.NaN,
    write: (offset, value, size = 4) => void bank.write(offset, size, value),
  };
}
