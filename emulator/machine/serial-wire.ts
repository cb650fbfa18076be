/** The other end of a UART's wire: what it sends to the device, and where the device's bytes go. */
import type { SerialLine, Snapshotable } from '../ports.js';

/** A UART of the MCU, as what is wired to it sees it. */
export interface Uart {
  /**
   * Sends bytes to the UART, after those still on their way: one character time each, and a pause before it,
   * while its receiver is on. The bytes are copied. A machine put back to a snapshot knows those of then.
   */
  receive(bytes: Uint8Array): void;
  /** Bytes sent to the UART that have not arrived. */
  readonly waiting: number;
  /** Takes what the UART sends, a byte (0 to 255) at a time, in place of the console; undefined: no more. */
  onSend(listener: ((byte: number) => void) | undefined): void;
}

export interface SerialWireOptions {
  /** What the other end sends after power-on. */
  readonly input: Uint8Array;
  /** Character times of silence before each byte. */
  readonly pause: number;
  readonly console: (text: string) => void;
}

export class SerialWire implements SerialLine, Uart, Snapshotable {
  readonly pause: number;
  private readonly options: SerialWireOptions;
  private chunks: readonly Uint8Array[] = [];
  /** Of the next byte, in the first chunk. */
  private position = 0;
  private wake: () => void = () => undefined;
  private listener: ((byte: number) => void) | undefined;

  constructor(options: SerialWireOptions) {
    this.options = options;
    this.pause = options.pause;
  }

  /** Power-on: the other end begins anew. */
  reset(): void {
    const { input } = this.options;
    this.chunks = input.length === 0 ? [] : [input];
    this.position = 0;
  }

  /** What has been sent stays shared: chunks never change. */
  captureState(): () => void {
    const { chunks, position } = this;
    return () => {
      this.chunks = chunks;
      this.position = position;
    };
  }

  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.chunks = [...this.chunks, bytes.slice()];
    this.wake();
  }

  get waiting(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0) - this.position;
  }

  onSend(listener: ((byte: number) => void) | undefined): void {
    this.listener = listener;
  }

  get ready(): boolean {
    return this.chunks.length > 0;
  }

  take(): number {
    const byte = this.chunks[0]?.[this.position] ?? 0;
    this.position++;
    if (this.position === this.chunks[0]?.length) {
      this.chunks = this.chunks.slice(1);
      this.position = 0;
    }
    return byte;
  }

  onReady(listener: () => void): void {
    this.wake = listener;
  }

  send(byte: number): void {
    if (this.listener === undefined) this.options.console(String.fromCharCode(byte));
    else this.listener(byte);
  }
}
