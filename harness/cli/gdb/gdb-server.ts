/**
 * The socket that gdb connects to: loopback only, one debugger at a time. What the bytes mean is the
 * session's.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { GdbSession, type GdbTarget, UserError } from '../../../emulator/index.js';

const LOOPBACK = '127.0.0.1';
/** Milliseconds of the host that an old connection has to close when a new one is there. */
const RECONNECT_MS = 300;
const TURNED_AWAY = 'm4lab: a second debugger was turned away; detach the first one\n';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'must be a free port, and another program listens there',
  EACCES: 'must be a port that you may open',
};

/** @param port 0 for any free one. @throws UserError when it cannot be opened */
export async function openPort(port: number): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ noDelay: true });
  server.listen({ port, host: LOOPBACK, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UserError({
      code: 'port',
      what: 'option --port',
      got: String(port),
      expected: reasons[errno] ?? `cannot be opened: ${errno}`,
      fix: 'give another one, or --port 0 for any that is free',
    });
  }
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : port };
}

export interface ServeOptions {
  readonly target: GdbTarget;
  /** Takes where the program's console text goes while a debugger is there; undefined when it has left. */
  readonly onConsole: (write: ((text: string) => void) | undefined) => void;
  /** End with the first debugger. */
  readonly once: boolean;
}

/** Serves one debugger after the other; a second one at a time is turned away. */
export async function serve(server: Server, options: ServeOptions): Promise<void> {
  let serving: Promise<void> | undefined;
  let isOver = false;
  const take = async (socket: Socket): Promise<void> => {
    socket.on('error', () => undefined);
    // gdb that connects anew closes its old connection only then.
    if (serving !== undefined) await Promise.race([serving, delay(RECONNECT_MS)]);
    if (socket.destroyed) return;
    if (serving !== undefined || isOver) {
      if (!isOver) process.stderr.write(TURNED_AWAY);
      socket.destroy();
      return;
    }
    serving = serveDebugger(socket, options);
    await serving;
    serving = undefined;
    isOver = options.once;
    if (isOver) server.close();
  };
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.on('close', () => resolve());
    server.on('connection', (socket) => {
      take(socket).catch(reject);
    });
  }).finally(() => server.close());
}

/** Ends when the debugger has left. */
async function serveDebugger(socket: Socket, { target, onConsole }: ServeOptions): Promise<void> {
  const session = new GdbSession(target, (bytes) => {
    if (socket.writable) socket.write(bytes);
  });
  onConsole((text) => session.console(text));
  let gone = false;
  let wake = (): void => undefined;
  const happened = (): void => wake();
  socket.on('data', (bytes: Buffer) => {
    session.receive(bytes);
    happened();
  });
  // A debugger that dies without a word closes the connection; what it was doing is over.
  socket.on('close', () => {
    gone = true;
    happened();
  });
  while (!gone && !session.ended) {
    if (session.running) {
      session.slice();
      await turn();
    } else await new Promise<void>((resolve) => (wake = resolve));
  }
  onConsole(undefined);
  target.release?.();
  if (!gone) socket.end();
}
