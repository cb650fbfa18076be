/**
 * A program's files for a machine that can go back in time. What the program sees is this copy, which goes
 * back with the machine; what it writes is written to the host at once, and the host's files go back too.
 */
import { type FileRefusal, type HostFiles, MemoryFiles, type OpenHow } from '../../../emulator/index.js';
import { MOST_BYTES, nameOf, tooLarge } from './copied-file.js';

/** Undefined: there is no such file. */
type Contents = Uint8Array | undefined;

const TOO_LARGE = tooLarge('a debugger that goes back takes files of up to 64 MB');

function isSame(one: Contents, other: Contents): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}

export class WorkingCopy implements HostFiles {
  private readonly host: HostFiles;
  private readonly report: (path: string) => void;
  private readonly copy = new MemoryFiles();
  /** As each file was on the host when the program first named it. */
  private readonly found = new Map<string, Contents>();
  /** Taken over from the host since the machine started. */
  private readonly taken = new Set<string>();

  /** @param report is told of a file that could not be put back on the host */
  constructor(host: HostFiles, report: (path: string) => void) {
    this.host = host;
    this.report = report;
  }

  reset(): void {
    this.taken.clear();
  }

  open(path: string, how: OpenHow): FileRefusal | undefined {
    const name = this.take(path);
    if (this.host.length(name) > MOST_BYTES) return TOO_LARGE;
    return this.host.open(name, how) ?? this.copy.open(name, how);
  }

  length(path: string): number {
    return this.copy.length(this.take(path));
  }

  read(path: string, position: number, length: number): Contents {
    return this.copy.read(this.take(path), position, length);
  }

  write(path: string, position: number, bytes: Uint8Array): boolean {
    const name = this.take(path);
    return this.host.write(name, position, bytes) && this.copy.write(name, position, bytes);
  }

  remove(path: string): FileRefusal | undefined {
    const name = this.take(path);
    return this.host.remove(name) ?? this.copy.remove(name);
  }

  rename(from: string, to: string): FileRefusal | undefined {
    const [source, target] = [this.take(from), this.take(to)];
    return this.host.rename(source, target) ?? this.copy.rename(source, target);
  }

  /** For the machine's snapshots. */
  captureState(): () => void {
    const then = new Map(this.copy.contents);
    const known = new Set(this.found.keys());
    return () => {
      for (const [name, found] of this.found) this.putBack(name, known.has(name) ? then.get(name) : found);
    };
  }

  private putBack(name: string, before: Contents): void {
    const { contents } = this.copy;
    if (contents.get(name) === before) return;
    if (before === undefined) contents.delete(name);
    else contents.set(name, before);
    if (!this.writeToHost(name, before)) this.report(name);
  }

  private writeToHost(name: string, bytes: Contents): boolean {
    if (bytes === undefined) return this.host.remove(name) === undefined;
    const refusal = this.host.open(name, { write: true, create: true, truncate: true });
    return refusal === undefined && this.host.write(name, 0, bytes);
  }

  /** Copies a file when it is first named since the start. @returns its name here */
  private take(path: string): string {
    const name = nameOf(path);
    if (this.taken.has(name)) return name;
    this.taken.add(name);
    const bytes = this.host.read(name, 0, Math.min(MOST_BYTES, Math.max(0, this.host.length(name))));
    if (this.found.has(name) && isSame(bytes, this.copy.contents.get(name))) return name;
    this.found.set(name, bytes);
    if (bytes === undefined) this.copy.contents.delete(name);
    else this.copy.contents.set(name, bytes);
    return name;
  }
}
