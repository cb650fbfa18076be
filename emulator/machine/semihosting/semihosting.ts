/**
 * Semihosting (Arm, "Semihosting for AArch32 and AArch64"): console, files, command line, time and exit of a
 * program that has a debugger, or us, behind BKPT 0xAB. R0 is the operation and then the answer, R1 the
 * argument, mostly the address of a block of words.
 */
import type { Memory } from '../../core/memory.js';
import { type CoreState, word } from '../../core/state.js';
import type { ConsoleInput } from './console-input.js';
import { FileOperations } from './file-operations.js';
import { GuestBuffers } from './guest-buffers.js';
import type { HostFiles } from './host-files.js';
import { textOf } from './streams.js';

export interface SemihostingOptions {
  readonly state: CoreState;
  readonly memory: Memory;
  /** Takes a character for each byte, U+0000 to U+00FF. */
  readonly console: (text: string) => void;
  readonly input: ConsoleInput;
  readonly files: HostFiles;
  /** What SYS_GET_CMDLINE gives, a character a byte. */
  readonly commandLine: string;
  /** Since reset. */
  readonly seconds: () => number;
  /** Something that the program's author should know: a stable code and a sentence. */
  readonly notice: (code: string, text: string) => void;
}

/** What a call asks of the machine. */
export type SemihostingResult =
  | { readonly kind: 'continue' }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'unmodelled'; readonly operation: number };

/** R0 after an operation, given R1. */
type Operation = (argument: number) => number;

const SYS_EXIT = 0x18;
const SYS_EXIT_EXTENDED = 0x20;
/** ADP_Stopped_ApplicationExit; every other reason is trouble. */
const APPLICATION_EXIT = 0x20026;
const TICKS_PER_SECOND = 1_000_000_000;

export class Semihosting {
  private readonly options: SemihostingOptions;
  private readonly buffers: GuestBuffers;
  private readonly files: FileOperations;
  private readonly operations: ReadonlyMap<number, Operation>;

  constructor(options: SemihostingOptions) {
    this.options = options;
    this.buffers = new GuestBuffers(options.memory);
    this.files = new FileOperations({ ...options, buffers: this.buffers });
    this.operations = new Map([...this.console(), ...this.surroundings(), ...this.files.operations]);
  }

  reset(): void {
    this.files.reset();
    this.options.input.rewind();
  }

  /** Serves the operation in R0 with its argument in R1. */
  call(): SemihostingResult {
    const { r } = this.options.state;
    const operation = word(r, 0);
    const argument = word(r, 1);
    if (operation === SYS_EXIT) return exit(argument, 0);
    if (operation === SYS_EXIT_EXTENDED)
      return exit(this.buffers.word(argument), this.buffers.word(argument + 4));
    const serve = this.operations.get(operation);
    if (serve === undefined) return { kind: 'unmodelled', operation };
    r[0] = serve(argument);
    return { kind: 'continue' };
  }

  private console(): [number, Operation][] {
    const { buffers } = this;
    const { console, input } = this.options;
    const put = (bytes: Uint8Array): number => {
      console(textOf(bytes));
      return 0;
    };
    return [
      [0x03, (at) => put(buffers.bytes(at, 1))], // SYS_WRITEC
      [0x04, (at) => put(buffers.untilZero(at))], // SYS_WRITE0
      [0x07, () => input.read(1)[0] ?? -1], // SYS_READC
    ];
  }

  private surroundings(): [number, Operation][] {
    const { seconds, notice } = this.options;
    return [
      [0x10, () => Math.floor(seconds() * 100)], // SYS_CLOCK: centiseconds
      [0x11, () => Math.floor(seconds())], // SYS_TIME: of the machine's own, which began with reset
      [0x12, (block) => this.refuseCommand(block, notice)], // SYS_SYSTEM
      [0x15, (block) => this.commandLine(block)], // SYS_GET_CMDLINE
      [0x16, (pointer) => this.heapInfo(pointer)], // SYS_HEAPINFO
      [0x30, (block) => this.elapsed(block)], // SYS_ELAPSED
      [0x31, () => TICKS_PER_SECOND], // SYS_TICKFREQ
    ];
  }

  private refuseCommand(block: number, notice: SemihostingOptions['notice']): number {
    const command = textOf(this.buffers.bytes(this.buffers.word(block), this.buffers.word(block + 4) >>> 0));
    notice('semihosting-refused', `SYS_SYSTEM ${JSON.stringify(command)}: commands of the host are not run`);
    return -1;
  }

  /** Four zeros for heap and stack, base and limit each: the program keeps what its linker gave it. */
  private heapInfo(pointer: number): number {
    const block = this.buffers.word(pointer);
    for (let k = 0; k < 4; k++) this.buffers.writeWord(block + 4 * k, 0);
    return 0;
  }

  /** -1 when the program's buffer does not hold the line and its end. */
  private commandLine(block: number): number {
    const { commandLine } = this.options;
    const room = this.buffers.word(block + 4) >>> 0;
    const bytes = Uint8Array.from(`${commandLine}\0`, (c) => c.charCodeAt(0));
    if (bytes.length > room || !this.buffers.write(this.buffers.word(block), bytes)) return -1;
    this.buffers.writeWord(block + 4, commandLine.length);
    return 0;
  }

  private elapsed(block: number): number {
    const ticks = BigInt(Math.round(this.options.seconds() * TICKS_PER_SECOND));
    this.buffers.writeWord(block, Number(ticks & 0xffffffffn));
    this.buffers.writeWord(block + 4, Number(ticks >> 32n));
    return 0;
  }
}

function exit(reason: number, status: number): SemihostingResult {
  return { kind: 'exit', code: reason === APPLICATION_EXIT ? status : 1 };
}
