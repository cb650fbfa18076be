/**
 * Semihosting (Arm IHI 0100): the console and the exit of a program that has a debugger, or us, behind BKPT
 * 0xAB.
 */
import type { Memory } from '../core/memory.js';
import { type CoreState, word } from '../core/state.js';

export interface SemihostingOptions {
  readonly state: CoreState;
  readonly memory: Memory;
  /** Takes a character for each byte, U+0000 to U+00FF. */
  readonly console: (text: string) => void;
  /** Since reset. */
  readonly seconds: () => number;
}

/** What a call asks of the machine. */
export type SemihostingResult =
  | { readonly kind: 'continue' }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'unmodelled'; readonly operation: number };

const OPERATION = {
  OPEN: 0x01,
  CLOSE: 0x02,
  WRITEC: 0x03,
  WRITE0: 0x04,
  WRITE: 0x05,
  READ: 0x06,
  SEEK: 0x0a,
  ISTTY: 0x09,
  FLEN: 0x0c,
  CLOCK: 0x10,
  TIME: 0x11,
  ERRNO: 0x13,
  GET_CMDLINE: 0x15,
  HEAPINFO: 0x16,
  EXIT: 0x18,
  EXIT_EXTENDED: 0x20,
} as const;

const APPLICATION_EXIT = 0x20026;
const CONTINUE: SemihostingResult = { kind: 'continue' };
/** The files there are: the console, for reading (nothing) and writing, and what extensions are served. */
const CONSOLE_NAME = ':tt';
const CONSOLE_HANDLE = 1;
const FEATURES_NAME = ':semihosting-features';
const FEATURES_HANDLE = 2;
/** The magic, then SH_EXT_EXIT_EXTENDED and SH_EXT_STDOUT_STDERR. */
const FEATURES = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 3);
/** Why a file cannot be opened, as newlib numbers it: there are no files here. */
const EACCES = 13;

export class Semihosting {
  private readonly options: SemihostingOptions;
  /** Where the next byte of the features is read. */
  private position = 0;
  /** Of the last call that failed; 0 before any. */
  private errno = 0;

  constructor(options: SemihostingOptions) {
    this.options = options;
  }

  reset(): void {
    this.position = this.errno = 0;
  }

  /** Serves the operation in R0 with its argument in R1. */
  call(): SemihostingResult {
    const { r } = this.options.state;
    const operation = word(r, 0);
    const argument = word(r, 1);
    if (operation === OPERATION.EXIT) return { kind: 'exit', code: argument === APPLICATION_EXIT ? 0 : 1 };
    if (operation === OPERATION.EXIT_EXTENDED) {
      const applicationExit = this.argument(argument, 0) === APPLICATION_EXIT;
      return { kind: 'exit', code: applicationExit ? this.argument(argument, 1) : 1 };
    }
    const answer = this.answer(operation, argument);
    if (answer === undefined) return { kind: 'unmodelled', operation };
    r[0] = answer;
    return CONTINUE;
  }

  /** Word `index` of the argument block. */
  private argument(block: number, index: number): number {
    return this.options.memory.readWord(block + 4 * index) ?? 0;
  }

  /** R0 after the call; undefined for an operation that is not served. */
  private answer(operation: number, argument: number): number | undefined {
    switch (operation) {
      case OPERATION.WRITEC:
        this.options.console(this.text(argument, 1));
        return 0;
      case OPERATION.WRITE0:
        this.options.console(this.text(argument, Number.POSITIVE_INFINITY, 0));
        return 0;
      case OPERATION.WRITE:
        return this.write(argument);
      case OPERATION.OPEN:
        return this.open(this.text(this.argument(argument, 0), this.argument(argument, 2)));
      case OPERATION.READ:
        return this.read(argument);
      case OPERATION.SEEK:
        this.position = this.argument(argument, 1) >>> 0;
        return 0;
      case OPERATION.ISTTY:
        return this.argument(argument, 0) === FEATURES_HANDLE ? 0 : 1;
      case OPERATION.FLEN:
        return this.argument(argument, 0) === FEATURES_HANDLE ? FEATURES.length : 0;
      case OPERATION.ERRNO:
        return this.errno;
      case OPERATION.CLOSE:
      case OPERATION.TIME:
        return 0;
      case OPERATION.CLOCK:
        return Math.floor(this.options.seconds() * 100);
      case OPERATION.HEAPINFO:
        return this.heapInfo(argument);
      case OPERATION.GET_CMDLINE:
        return this.commandLine(argument);
      default:
        return undefined;
    }
  }

  /** Four zeros for heap and stack, base and limit each: the program keeps what its linker gave it. */
  private heapInfo(pointer: number): number {
    const block = this.argument(pointer, 0);
    for (let k = 0; k < 4; k++) this.options.memory.writeWord(block + 4 * k, 0);
    return 0;
  }

  private open(name: string): number {
    if (name === CONSOLE_NAME) return CONSOLE_HANDLE;
    if (name !== FEATURES_NAME) {
      this.errno = EACCES;
      return -1;
    }
    this.position = 0;
    return FEATURES_HANDLE;
  }

  /** Gives the bytes that were not read: of the console all, there is no input. */
  private read(block: number): number {
    const length = this.argument(block, 2) >>> 0;
    if (this.argument(block, 0) !== FEATURES_HANDLE) return length;
    const bytes = FEATURES.slice(this.position, this.position + length);
    this.options.memory.program(this.argument(block, 1), bytes);
    this.position += bytes.length;
    return length - bytes.length;
  }

  /** Gives the bytes that were not written. */
  private write(block: number): number {
    const length = this.argument(block, 2) >>> 0;
    if (this.argument(block, 0) !== CONSOLE_HANDLE) return length;
    this.options.console(this.text(this.argument(block, 1), length));
    return 0;
  }

  /** An empty command line, if the program's buffer holds its end. */
  private commandLine(block: number): number {
    if (this.argument(block, 1) < 1) return -1;
    this.options.memory.program(this.argument(block, 0), Uint8Array.of(0));
    this.options.memory.writeWord(block + 4, 0);
    return 0;
  }

  /**
   * The bytes from `address`, a character each: `length` of them, up to the `end` byte or the end of
   * memory.
   */
  private text(address: number, length: number, end?: number): string {
    const { memory } = this.options;
    const pieces: string[] = [];
    for (let k = 0; k < length; k++) {
      const byte = memory.peekByte(address + k);
      if (byte === undefined || byte === end) break;
      pieces.push(String.fromCharCode(byte));
    }
    return pieces.join('');
  }
}
