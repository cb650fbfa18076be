/** The wires of an MCU's UARTs, by the names that its profile gives them. */
import { UserError } from '../errors.js';
import type { SerialLine } from '../ports.js';
import { SerialWire, type Uart } from './serial-wire.js';

/** What is at the other ends of the wires. */
export interface SerialOptions {
  /**
   * What a UART receives, by its name in the profile (`USART2`). The first byte arrives one character time
   * after the program has switched the receiver on, the next ones back to back, at the UART's baud rate.
   */
  readonly uartInput?: Readonly<Record<string, Uint8Array>>;
  /** Character times of silence before each byte; 0 when absent. */
  readonly uartPause?: number;
}

export class SerialWires {
  private readonly mcu: string;
  private readonly options: SerialOptions;
  private readonly console: (text: string) => void;
  private readonly wires = new Map<string, SerialWire>();

  constructor(mcu: string, options: SerialOptions, console: (text: string) => void) {
    this.mcu = mcu;
    this.options = options;
    this.console = console;
  }

  /** Lays the wire of a UART. */
  lay(name: string): SerialLine {
    const { uartInput = {}, uartPause: pause = 0 } = this.options;
    const wire = new SerialWire({ input: uartInput[name] ?? new Uint8Array(), pause, console: this.console });
    this.wires.set(name, wire);
    return wire;
  }

  /** @throws UserError when input is meant for a UART that the MCU lacks */
  checkNames(): void {
    for (const name of Object.keys(this.options.uartInput ?? {})) this.uart(name);
  }

  /** Power-on. */
  reset(): void {
    for (const wire of this.wires.values()) wire.reset();
  }

  uart(name: string): Uart {
    const wire = this.wires.get(name);
    if (wire !== undefined) return wire;
    const names = [...this.wires.keys()];
    throw new UserError({
      code: 'uart-unknown',
      what: `a UART of ${this.mcu}`,
      got: name === '' ? 'empty' : name,
      expected: names.length === 0 ? 'there is none' : `must be one of ${names.join(', ')}`,
      fix: 'name one of them, or choose another MCU',
    });
  }
}
