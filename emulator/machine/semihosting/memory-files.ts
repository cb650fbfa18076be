/**
 * Files in this process's memory, under any name: for tests, and where there is no file system. A machine
 * that goes back takes them back with it.
 */
import type { FileRefusal, HostFiles, OpenHow } from './host-files.js';

const ENOENT = 2;
/** Bytes that a file may have; a program can seek anywhere. */
const LARGEST = 64 << 20;

/** Files under any name, in memory. */
export class MemoryFiles implements HostFiles {
  /** By path; a program's changes replace the array. */
  readonly contents: Map<string, Uint8Array>;

  constructor(contents: Readonly<Record<string, Uint8Array>> = {}) {
    this.contents = new Map(Object.entries(contents));
  }

  open(path: string, { create, truncate }: OpenHow): FileRefusal | undefined {
    const missing = !this.contents.has(path);
    if (missing && !create) return { errno: ENOENT };
    if (missing || truncate) this.contents.set(path, new Uint8Array(0));
    return undefined;
  }

  length(path: string): number {
    return this.contents.get(path)?.length ?? -1;
  }

  read(path: string, position: number, length: number): Uint8Array | undefined {
    return this.contents.get(path)?.slice(position, position + length);
  }

  write(path: string, position: number, bytes: Uint8Array): boolean {
    const before = this.contents.get(path);
    if (before === undefined || position + bytes.length > LARGEST) return false;
    const after = new Uint8Array(Math.max(before.length, position + bytes.length));
    after.set(before);
    after.set(bytes, position);
    this.contents.set(path, after);
    return true;
  }

  remove(path: string): FileRefusal | undefined {
    return this.contents.delete(path) ? undefined : { errno: ENOENT };
  }

  rename(from: string, to: string): FileRefusal | undefined {
    const bytes = this.contents.get(from);
    if (bytes === undefined) return { errno: ENOENT };
    this.contents.delete(from);
    this.contents.set(to, bytes);
    return undefined;
  }
}
