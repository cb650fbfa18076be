/** What a machine is made with, beside its profile. */
import type { MeasureOptions } from './measure/measurements.js';
import type { InputSource } from './semihosting/console-input.js';
import type { HostFiles } from './semihosting/host-files.js';
import type { SerialOptions } from './serial-wires.js';

/** What a machine is given beside its profile; all of it may be absent. */
export interface MachineOptions extends SerialOptions {
  /**
   * Takes the program's console output as it comes, in pieces of any length; a character is a byte (0 to
   * 255).
   */
  readonly console?: (text: string) => void;
  /** What the program reads from its console by semihosting; absent: nothing. */
  readonly input?: InputSource;
  /** Files that the program may open by semihosting; absent: none. */
  readonly files?: HostFiles;
  /** The program's command line by semihosting, a character a byte; absent: empty. */
  readonly commandLine?: string;
  /** Of what is random in the MCU (RNG); 32 bits, 1 when absent. */
  readonly seed?: number;
  /** False: every instruction is interpreted; else hot code is translated. Nothing else differs but speed. */
  readonly translate?: boolean;
  /** What to measure, by the symbols of the ELF that is loaded; absent: nothing, at no cost. */
  readonly measure?: MeasureOptions;
}
