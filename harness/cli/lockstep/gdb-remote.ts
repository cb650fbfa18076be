/** A debugger's side of the remote protocol: asks a stub over TCP on this machine, one thing at a time. */
import { connect, type Socket } from 'node:net';

const HOST = '127.0.0.1';
const RETRY_MS = 50;
const INTERRUPT = '\x03';

const checksum = (text: string): string => {
  let sum = 0;
  for (let k = 0; k < text.length; k++) sum += text.charCodeAt(k);
  return (sum & 0xff).toString(16).padStart(2, '0');
};

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class GdbRemote {
  private text = '';
  private readonly packets: string[] = [];
  private waiting: ((packet: string | undefined) => void) | undefined;
  private closed = false;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => this.receive(piece));
    const end = (): void => {
      this.closed = true;
      this.waiting?.(undefined);
    };
    socket.on('close', end);
    socket.on('error', end);
  }

  /** Tries until the stub listens. @param alive false: it will not. @returns undefined when time is up */
  static async connect(
    port: number,
    timeoutMs: number,
    alive: () => boolean,
  ): Promise<GdbRemote | undefined> {
    const end = Date.now() + timeoutMs;
    while (Date.now() < end && alive()) {
      try {
        return new GdbRemote(await open(port));
      } catch {
        await wait(RETRY_MS);
      }
    }
    return undefined;
  }

  private receive(piece: string): void {
    this.text += piece;
    for (;;) {
      const start = this.text.indexOf('$');
      const end = this.text.indexOf('#', start);
      if (start < 0 || end < 0 || end + 2 >= this.text.length) return;
      this.packets.push(this.text.slice(start + 1, end));
      this.text = this.text.slice(end + 3);
      this.socket.write('+');
      this.hand();
    }
  }

  private hand(): void {
    const { waiting } = this;
    if (waiting === undefined || this.packets.length === 0) return;
    this.waiting = undefined;
    waiting(this.packets.shift());
  }

  private next(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.closed && this.packets.length === 0) return resolve(undefined);
      this.waiting = resolve;
      this.hand();
    });
  }

  /** @returns the stub's answer; undefined when it is gone */
  ask(command: string): Promise<string | undefined> {
    this.socket.write(`$${command}#${checksum(command)}`);
    return this.next();
  }

  /** Lets it run. @returns its stop; undefined when it had to be stopped after a time, or is gone */
  async resume(command: string, timeoutMs: number): Promise<string | undefined> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.socket.write(INTERRUPT);
    }, timeoutMs);
    const stop = await this.ask(command);
    clearTimeout(timer);
    return late ? undefined : stop;
  }

  /** A command of the stub's own monitor, whose text is not wanted. */
  async monitor(command: string): Promise<void> {
    let answer = await this.ask(`qRcmd,${Buffer.from(command).toString('hex')}`);
    while (answer !== undefined && /^O[0-9a-f]/.test(answer)) answer = await this.next();
  }

  close(): void {
    this.socket.destroy();
  }
}
