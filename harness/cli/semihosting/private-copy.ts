/**
 * A program's files as they are in a folder, with what the program does to them kept to itself: nothing in
 * the folder changes. For several machines that run the same program at once.
 */
import { type FileRefusal, type HostFiles, MemoryFiles, type OpenHow } from '../../../emulator/index.js';
import { MOST_BYTES, nameOf, tooLarge } from './copied-file.js';

const ENOENT = 2;
const TOO_LARGE = tooLarge('files of up to 64 MB can be copied for each machine');
const READ = { write: false, create: false, truncate: false };

export class PrivateCopy implements HostFiles {
  private readonly copy = new MemoryFiles();
  /** Looked for in the folder already. */
  private readonly known = new Set<string>();

  constructor(private readonly folder: HostFiles) {}

  open(path: string, how: OpenHow): FileRefusal | undefined {
    const name = nameOf(path);
    return this.take(name) ?? this.copy.open(name, how);
  }

  length(path: string): number {
    return this.copy.length(nameOf(path));
  }

  read(path: string, position: number, length: number): Uint8Array | undefined {
    return this.copy.read(nameOf(path), position, length);
  }

  write(path: string, position: number, bytes: Uint8Array): boolean {
    return this.copy.write(nameOf(path), position, bytes);
  }

  remove(path: string): FileRefusal | undefined {
    const name = nameOf(path);
    return this.take(name) ?? this.copy.remove(name);
  }

  rename(from: string, to: string): FileRefusal | undefined {
    const [source, target] = [nameOf(from), nameOf(to)];
    return this.take(source) ?? this.take(target) ?? this.copy.rename(source, target);
  }

  /** Copies a file when it is first named. @returns why it may not be reached; a new file may */
  private take(name: string): FileRefusal | undefined {
    if (this.known.has(name) || this.copy.contents.has(name)) return undefined;
    const refusal = this.folder.open(name, READ);
    if (refusal !== undefined && refusal.errno !== ENOENT) return refusal;
    if (this.folder.length(name) > MOST_BYTES) return TOO_LARGE;
    this.known.add(name);
    const bytes = refusal === undefined ? this.folder.read(name, 0, this.folder.length(name)) : undefined;
    if (bytes !== undefined) this.copy.contents.set(name, bytes);
    return undefined;
  }
}
