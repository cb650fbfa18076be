/** What a program reads from its console, from a file or from the host's standard input. */
import { readSync } from 'node:fs';
import { type InputSource, UserError } from '../../../emulator/index.js';
import { readInputFile } from '../read-input.js';

/** The word for the host's standard input. */
const STDIN = '-';
const RETRY_MS = 20;

/**
 * @param path a file, or `-`; @param beforeWaiting shows what the program has printed: a prompt
 * @throws UserError when it cannot be read
 */
export function inputSource(path: string, beforeWaiting: () => void): InputSource {
  if (path === STDIN) {
    return lines((most) => {
      beforeWaiting();
      return readStdin(most);
    });
  }
  const bytes = readInputFile(path, 'the console input');
  let position = 0;
  return (most) => {
    const piece = bytes.slice(position, position + most);
    position += piece.length;
    return piece;
  };
}

const NEWLINE = 10;

/**
 * A line at a time, or `most` bytes, or what is left at the end: what a program reads does not depend on the
 * pieces in which a pipe hands it over.
 */
export function lines(source: InputSource): InputSource {
  let rest = new Uint8Array(0);
  return (most) => {
    while (rest.length < most && !rest.includes(NEWLINE)) {
      const piece = source(most - rest.length);
      if (piece.length === 0) break;
      rest = Buffer.concat([rest, piece]);
    }
    const line = rest.indexOf(NEWLINE) + 1;
    const next = rest.slice(0, Math.min(most, line === 0 ? rest.length : line));
    rest = rest.slice(next.length);
    return next;
  };
}

/** Waits for the next bytes, as a program does that reads its terminal. */
function readStdin(most: number): Uint8Array {
  const buffer = new Uint8Array(most);
  for (;;) {
    try {
      return buffer.slice(0, readSync(0, buffer, 0, most, null));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return new Uint8Array(0);
      if (code !== 'EAGAIN') {
        throw new UserError({
          code: 'file-unreadable',
          what: 'the standard input, for --stdin -,',
          expected: `cannot be read (${code ?? 'unknown error'})`,
          fix: 'give a file, or pipe the input in',
        });
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
