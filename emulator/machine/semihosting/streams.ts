/** What a semihosting handle stands for: the console, a file, or the list of extensions. */
import type { ConsoleInput } from './console-input.js';
import type { HostFiles } from './host-files.js';

export interface Stream {
  readonly isTerminal: boolean;
  /** Bytes; -1 when it cannot be told. */
  length(): number;
  /** At most `most` bytes; none at the end, undefined when it cannot be read. */
  read(most: number): Uint8Array | undefined;
  /** How many bytes were written. */
  write(bytes: Uint8Array): number;
  /** False when the place cannot be gone to. */
  seek(position: number): boolean;
}

/** `:tt`: reading takes the console's input, writing is console output. */
export function consoleStream(input: ConsoleInput, output: (text: string) => void): Stream {
  return {
    isTerminal: true,
    length: () => 0,
    read: (most) => input.read(most),
    write: (bytes) => {
      output(textOf(bytes));
      return bytes.length;
    },
    seek: () => false,
  };
}

/** A character a byte. */
export function textOf(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  return pieces.join('');
}

/** `:semihosting-features`: the magic, then SH_EXT_EXIT_EXTENDED and SH_EXT_STDOUT_STDERR. */
const FEATURES = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 3);

export class FeaturesStream implements Stream {
  readonly isTerminal = false;
  private position = 0;

  length(): number {
    return FEATURES.length;
  }

  read(most: number): Uint8Array {
    const bytes = FEATURES.slice(this.position, this.position + most);
    this.position += bytes.length;
    return bytes;
  }

  write(): number {
    return 0;
  }

  seek(position: number): boolean {
    this.position = position;
    return true;
  }
}

export interface FileAccess {
  readonly read: boolean;
  readonly write: boolean;
  /** Each write goes to the end. */
  readonly append: boolean;
}

export class FileStream implements Stream {
  readonly isTerminal = false;
  private position = 0;
  private readonly files: HostFiles;
  private readonly path: string;
  private readonly access: FileAccess;

  constructor(files: HostFiles, path: string, access: FileAccess) {
    this.files = files;
    this.path = path;
    this.access = access;
  }

  length(): number {
    return this.files.length(this.path);
  }

  read(most: number): Uint8Array | undefined {
    const bytes = this.access.read ? this.files.read(this.path, this.position, most) : undefined;
    this.position += bytes?.length ?? 0;
    return bytes;
  }

  write(bytes: Uint8Array): number {
    if (!this.access.write) return 0;
    if (this.access.append) this.position = Math.max(this.length(), 0);
    if (!this.files.write(this.path, this.position, bytes)) return 0;
    this.position += bytes.length;
    return bytes.length;
  }

  seek(position: number): boolean {
    this.position = position;
    return true;
  }
}
