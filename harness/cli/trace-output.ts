/**
 * Where the lines of `--trace` go: a file, or stdout. They leave by the chunk, so that neither a long trace
 * nor a slow reader fills the host's memory.
 */
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { outputError, STDOUT } from './write-output.js';

const CHUNK = 65536;
const OPTION = '--trace';

export class TraceOutput {
  #lines: string[] = [];
  #length = 0;
  readonly #path: string;
  /** Undefined: stdout. */
  readonly #file: number | undefined;

  /** @throws UserError when the file cannot be made */
  constructor(path: string) {
    this.#path = path;
    this.#file = path === STDOUT ? undefined : this.#guarded(() => openSync(path, 'w'));
  }

  /** @param line without its end. @throws UserError when the file takes no more */
  write(line: string): void {
    this.#lines.push(line);
    this.#length += line.length + 1;
    if (this.#length >= CHUNK) this.#flush();
  }

  /** Waits until a slow reader of stdout can take more. */
  async settle(): Promise<void> {
    if (this.#file === undefined && process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  }

  close(): void {
    this.#flush();
    const file = this.#file;
    if (file !== undefined) this.#guarded(() => closeSync(file));
  }

  #flush(): void {
    if (this.#length === 0) return;
    const chunk = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#length = 0;
    const file = this.#file;
    if (file === undefined) process.stdout.write(chunk);
    else this.#guarded(() => writeAll(file, chunk));
  }

  #guarded<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw outputError(OPTION, this.#path, error);
    }
  }
}

/** A full disk may take a part. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
