/**
 * One debugger's session: bytes in, bytes out, a target in between. It knows no socket and no clock: who
 * owns it hands it what arrives, and calls `slice` for as long as `running` says.
 */
import type { Command, CommandContext } from './command.js';
import { breakpointCommands } from './commands/breakpoints.js';
import { endingCommands } from './commands/ending.js';
import { memoryCommands } from './commands/memory.js';
import { monitorCommands } from './commands/monitor.js';
import { queryCommands } from './commands/query.js';
import { registerCommands } from './commands/registers.js';
import { resumeCommands } from './commands/resume.js';
import { bytesOf, encodePacket, hexOf, type Incoming, PacketReader, textOf } from './packet.js';
import { interrupted, standing, stopReply } from './stop-reply.js';
import type { Target, TargetStop } from './target.js';

/** Bytes of a packet that gdb may send. */
const PACKET_SIZE = 0x4000;

const allCommands: readonly Command[] = [
  ...registerCommands,
  ...memoryCommands,
  ...breakpointCommands,
  ...resumeCommands,
  ...queryCommands,
  ...monitorCommands,
  ...endingCommands,
];

/** One debugger on the other end: bytes in, bytes out. Call `slice` while it is `running`. */
export class Session {
  private readonly commands: readonly Command[];
  private readonly context: CommandContext;
  private readonly target: Target;
  private readonly send: (bytes: Uint8Array) => void;
  private readonly reader = new PacketReader();
  private acknowledges = true;
  private lastPacket = '';
  private lastStop = standing;
  private isRunning = false;
  private hasEnded = false;
  private isExtended = false;
  private consoleText = '';

  /** @param send takes what goes to the debugger */
  constructor(target: Target, send: (bytes: Uint8Array) => void) {
    this.target = target;
    this.send = send;
    const offered = allCommands.filter((command) => command.offered?.(target) ?? true);
    const features = [`PacketSize=${PACKET_SIZE.toString(16)}`, ...offered.flatMap((c) => c.feature ?? [])];
    const supported: Command = { prefix: 'qSupported', handle: () => features.join(';') };
    this.commands = [supported, ...offered].sort((a, b) => b.prefix.length - a.prefix.length);
    this.context = this.makeContext();
  }

  private makeContext(): CommandContext {
    const lastStop = (): string => this.lastStop;
    return {
      target: this.target,
      get lastStop() {
        return lastStop();
      },
      resume: (how) => {
        this.target.resume(how);
        this.isRunning = true;
        return undefined;
      },
      stopAcknowledging: () => {
        this.acknowledges = false;
      },
      extend: () => {
        this.isExtended = true;
      },
      restart: () => this.restart(),
      kill: () => (this.isExtended ? this.restart() : this.end()),
      end: () => this.end(),
    };
  }

  private restart(): void {
    this.target.reset?.();
    this.isRunning = false;
    this.lastStop = standing;
  }

  private end(): void {
    this.hasEnded = true;
    this.isRunning = false;
  }

  /** True while `slice` is to be called. */
  get running(): boolean {
    return this.isRunning;
  }

  /** True once the debugger has left, or the program has exited. */
  get ended(): boolean {
    return this.hasEnded;
  }

  /** Takes bytes from the debugger, in pieces of any length. */
  receive(bytes: Uint8Array): void {
    for (const incoming of this.reader.read(textOf(bytes))) this.take(incoming);
  }

  private take(incoming: Incoming): void {
    switch (incoming.kind) {
      case 'interrupt':
        this.interrupt();
        break;
      case 'nack':
        this.write(this.lastPacket);
        break;
      case 'damaged':
        if (this.acknowledges) this.write('-');
        break;
      case 'packet':
        if (this.acknowledges) this.write('+');
        this.answer(incoming.data);
        break;
      case 'ack':
        break;
    }
  }

  /** Ctrl-C: what runs stops; what stands is not disturbed. */
  private interrupt(): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.lastStop = interrupted;
    this.reply(interrupted);
  }

  private answer(data: string): void {
    const command = this.commands.find(({ prefix }) => data.startsWith(prefix));
    const text = command === undefined ? '' : command.handle(data.slice(command.prefix.length), this.context);
    if (text !== undefined) this.reply(text);
  }

  private reply(data: string): void {
    this.lastPacket = encodePacket(data);
    this.write(this.lastPacket);
  }

  private write(text: string): void {
    this.send(bytesOf(text));
  }

  /** Lets the target run for a short while, and tells the debugger if it stopped. */
  slice(): void {
    if (!this.isRunning) return;
    const stop = this.target.slice();
    this.flushConsole();
    if (stop !== undefined) this.stopped(stop);
  }

  private stopped(stop: TargetStop): void {
    this.isRunning = false;
    if (stop.kind === 'trouble') {
      this.console(`m4lab: ${stop.text}\n`);
      this.flushConsole();
    }
    if (stop.kind === 'exited') this.hasEnded = !this.isExtended;
    this.lastStop = stopReply(stop);
    this.reply(this.lastStop);
  }

  /** What the program writes, for gdb's own console: a character a byte, sent when the slice is over. */
  console(text: string): void {
    this.consoleText += text;
  }

  private flushConsole(): void {
    if (this.consoleText !== '') this.write(encodePacket(`O${hexOf(bytesOf(this.consoleText))}`));
    this.consoleText = '';
  }
}
