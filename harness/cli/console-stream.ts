/**
 * The guest's console on a host stream as it comes, byte for byte. The guest prints single characters; the
 * host gets them by the line, and what is left whenever `settle` is called.
 */
import { once } from 'node:events';

const FLUSH_BYTES = 4096;

export class ConsoleStream {
  #pending = '';

  constructor(readonly stream: NodeJS.WritableStream & { readonly writableNeedDrain?: boolean }) {}

  /** @param text one character a byte */
  write(text: string): void {
    this.#pending += text;
    if (text.includes('\n') || this.#pending.length >= FLUSH_BYTES) this.flush();
  }

  /** Hands everything over, and waits until the stream can take more. */
  async settle(): Promise<void> {
    this.flush();
    if (this.stream.writableNeedDrain === true) await once(this.stream, 'drain');
  }

  /** Hands over what there is. */
  flush(): void {
    if (this.#pending === '') return;
    this.stream.write(Buffer.from(this.#pending, 'latin1'));
    this.#pending = '';
  }
}
