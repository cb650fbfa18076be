/**
 * The files that a program reaches by semihosting, as the machine needs them; who serves them decides which
 * ones there are. A file is named by its path at each access, so that a machine which goes back in time has
 * nothing open: what it writes again it writes again, what it reads again may have changed since.
 */

/** Why a file could not be had. */
export interface FileRefusal {
  /** As newlib numbers it: 2 ENOENT, 13 EACCES, 21 EISDIR ... */
  readonly errno: number;
  /** Set when a rule of ours forbids it, and not the host's file system: it goes to the run's report. */
  readonly rule?: string;
}

/** Undefined where all went well. Positions and lengths in bytes. */
export interface HostFiles {
  /** @param create makes a file that is not there; @param truncate empties one that is */
  open(path: string, how: OpenHow): FileRefusal | undefined;
  /** -1 when the file has gone. */
  length(path: string): number;
  /** At most `length` bytes; fewer at the end, undefined when it cannot be read. */
  read(path: string, position: number, length: number): Uint8Array | undefined;
  /** False when not all could be written. */
  write(path: string, position: number, bytes: Uint8Array): boolean;
  remove(path: string): FileRefusal | undefined;
  rename(from: string, to: string): FileRefusal | undefined;
  /** The machine starts anew, and has no file open. */
  reset?(): void;
}

/** What SYS_OPEN wants of a file. */
export interface OpenHow {
  readonly write: boolean;
  readonly create: boolean;
  readonly truncate: boolean;
}

const EACCES = 13;

/** No file at all: what a machine has that was given none. */
export const NO_FILES: HostFiles = {
  open: () => refused(),
  length: () => -1,
  read: () => undefined,
  write: () => false,
  remove: () => refused(),
  rename: () => refused(),
};

function refused(): FileRefusal {
  return { errno: EACCES, rule: 'no folder was given for semihosting' };
}
