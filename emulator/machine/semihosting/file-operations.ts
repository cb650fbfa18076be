/** The semihosting operations on handles and files. */
import type { ConsoleInput } from './console-input.js';
import type { GuestBuffers } from './guest-buffers.js';
import { Handles } from './handles.js';
import type { FileRefusal, HostFiles } from './host-files.js';
import { consoleStream, FeaturesStream, FileStream, type Stream, textOf } from './streams.js';

export interface FileOperationsOptions {
  readonly buffers: GuestBuffers;
  readonly console: (text: string) => void;
  readonly input: ConsoleInput;
  readonly files: HostFiles;
  readonly notice: (code: string, text: string) => void;
}

/** As newlib numbers them. */
const EIO = 5;
const EBADF = 9;
const EACCES = 13;
const EINVAL = 22;
const EMFILE = 24;
const ENAMETOOLONG = 91;

const CONSOLE = ':tt';
const FEATURES = ':semihosting-features';
const FAILED = -1;
/** fopen's r, w and a, of which mode / 4 is one; +1 is "b", +2 is "+". */
const LAST_MODE = 11;
/** What one call moves at most: more is a short read or write. */
const MOST_BYTES = 1 << 20;
const MOST_PATH_BYTES = 1024;

export class FileOperations {
  private readonly options: FileOperationsOptions;
  private readonly handles = new Handles();
  /** Of the last operation that failed; 0 before any. */
  private errno = 0;

  constructor(options: FileOperationsOptions) {
    this.options = options;
  }

  reset(): void {
    this.handles.reset();
    this.options.files.reset?.();
    this.errno = 0;
  }

  /** By their numbers; each takes R1 and gives R0. */
  get operations(): readonly [number, (argument: number) => number][] {
    return [
      [0x01, (block) => this.open(block)], // SYS_OPEN
      [0x02, (block) => (this.handles.close(this.word(block, 0)) ? 0 : this.fail(EBADF))], // SYS_CLOSE
      [0x05, (block) => this.write(block)], // SYS_WRITE
      [0x06, (block) => this.read(block)], // SYS_READ
      [0x08, (block) => (this.word(block, 0) < 0 ? 1 : 0)], // SYS_ISERROR
      [0x09, (block) => this.onStream(block, (stream) => (stream.isTerminal ? 1 : 0))], // SYS_ISTTY
      [0x0a, (block) => this.onStream(block, (stream) => this.seek(stream, this.word(block, 1) >>> 0))],
      [0x0c, (block) => this.onStream(block, (stream) => this.length(stream))], // SYS_FLEN
      [0x0d, (block) => this.temporaryName(block)], // SYS_TMPNAM
      [0x0e, (block) => this.remove(block)], // SYS_REMOVE
      [0x0f, (block) => this.rename(block)], // SYS_RENAME
      [0x13, () => this.errno], // SYS_ERRNO
    ];
  }

  /** Word `index` of the argument block. */
  private word(block: number, index: number): number {
    return this.options.buffers.word(block + 4 * index);
  }

  private fail(errno: number): number {
    this.errno = errno;
    return FAILED;
  }

  private refuse(errno: number): undefined {
    this.fail(errno);
    return undefined;
  }

  /** A path by its address and length; undefined, with errno set, when it is longer than any may be. */
  private path(address: number, length: number): string | undefined {
    if (length >>> 0 > MOST_PATH_BYTES) return this.refuse(ENAMETOOLONG);
    return textOf(this.options.buffers.bytes(address, length >>> 0));
  }

  /** 0, or -1 with errno set; what a rule of ours forbids is noted for the report. */
  private settle(refusal: FileRefusal | undefined, what: string): number {
    if (refusal === undefined) return 0;
    if (refusal.rule !== undefined) this.options.notice('semihosting-refused', `${what}: ${refusal.rule}`);
    return this.fail(refusal.errno);
  }

  private onStream(block: number, act: (stream: Stream) => number): number {
    const stream = this.handles.get(this.word(block, 0));
    return stream === undefined ? this.fail(EBADF) : act(stream);
  }

  private open(block: number): number {
    const name = this.path(this.word(block, 0), this.word(block, 2));
    if (name === undefined) return FAILED;
    const mode = this.word(block, 1) >>> 0;
    if (mode > LAST_MODE) return this.fail(EINVAL);
    const stream = this.stream(name, mode);
    if (stream === undefined) return FAILED;
    return this.handles.add(stream) ?? this.fail(EMFILE);
  }

  /** Undefined when it cannot be opened, with errno set. */
  private stream(name: string, mode: number): Stream | undefined {
    const { files, input, console } = this.options;
    if (name === CONSOLE) return consoleStream(input, console);
    const kind = mode >>> 2;
    const plus = (mode & 2) !== 0;
    const write = kind !== 0 || plus;
    if (name === FEATURES) return write ? this.refuse(EACCES) : new FeaturesStream();
    const refusal = files.open(name, { write, create: kind !== 0, truncate: kind === 1 });
    if (this.settle(refusal, `SYS_OPEN ${JSON.stringify(name)}`) !== 0) return undefined;
    return new FileStream(files, name, { read: kind === 0 || plus, write, append: kind === 2 });
  }

  /** Gives the number of bytes that were not written. */
  private write(block: number): number {
    const length = this.word(block, 2) >>> 0;
    const stream = this.handles.get(this.word(block, 0));
    if (stream === undefined) {
      this.fail(EBADF);
      return length | 0;
    }
    const bytes = this.options.buffers.bytes(this.word(block, 1), Math.min(length, MOST_BYTES));
    const written = stream.write(bytes);
    if (written < bytes.length) this.fail(EIO);
    return (length - written) | 0;
  }

  /** Gives the number of bytes that were not read: all of them at the end. */
  private read(block: number): number {
    const length = this.word(block, 2) >>> 0;
    const stream = this.handles.get(this.word(block, 0));
    if (stream === undefined) return this.fail(EBADF);
    const { buffers } = this.options;
    const at = this.word(block, 1);
    const bytes = stream.read(buffers.writableLength(at, Math.min(length, MOST_BYTES)));
    if (bytes === undefined) return this.fail(EBADF);
    buffers.write(at, bytes);
    return (length - bytes.length) | 0;
  }

  private seek(stream: Stream, position: number): number {
    return stream.seek(position) ? 0 : this.fail(EINVAL);
  }

  private length(stream: Stream): number {
    const length = stream.length();
    return length < 0 ? this.fail(EIO) : length;
  }

  /** A name that depends on the program's own number alone, so that runs are alike. */
  private temporaryName(block: number): number {
    const id = this.word(block, 1) & 0xff;
    const name = Uint8Array.from(`m4lab${id.toString().padStart(3, '0')}.tmp\0`, (c) => c.charCodeAt(0));
    const fits = name.length <= this.word(block, 2) >>> 0;
    return fits && this.options.buffers.write(this.word(block, 0), name) ? 0 : this.fail(EINVAL);
  }

  private remove(block: number): number {
    const path = this.path(this.word(block, 0), this.word(block, 1));
    if (path === undefined) return FAILED;
    return this.settle(this.options.files.remove(path), `SYS_REMOVE ${JSON.stringify(path)}`);
  }

  private rename(block: number): number {
    const from = this.path(this.word(block, 0), this.word(block, 1));
    const to = this.path(this.word(block, 2), this.word(block, 3));
    if (from === undefined || to === undefined) return FAILED;
    const what = `SYS_RENAME ${JSON.stringify(from)} to ${JSON.stringify(to)}`;
    return this.settle(this.options.files.rename(from, to), what);
  }
}
