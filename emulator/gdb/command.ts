/** A command of the protocol as a record: what it is called, what it needs, what it answers. */
import type { Target, TargetResume } from './target.js';

/** What a command may do beside asking the target. */
export interface CommandContext {
  readonly target: Target;
  /** The packet that says why the target stopped last. */
  readonly lastStop: string;
  /** Goes on; the answer comes when the target stops. */
  resume(how: TargetResume): undefined;
  /** From now on no acknowledgements. */
  stopAcknowledging(): void;
  /** The debugger is to be told of an exit and stay: `target extended-remote`. */
  extend(): void;
  /** The program starts anew. */
  restart(): void;
  /** The program is to end: the session too, unless it is extended. */
  kill(): void;
  /** The debugger leaves. */
  end(): void;
}

export interface Command {
  /** How its packet begins. The longest one that fits is taken. */
  readonly prefix: string;
  /** Its part of qSupported's answer. */
  readonly feature?: string;
  /** Can this target do it? True when absent. */
  readonly offered?: (target: Target) => boolean;
  /**
   * @param args what follows the prefix
   * @returns the answer; undefined for none now, '' for "not known"
   */
  handle(args: string, context: CommandContext): string | undefined;
}

export const OK = 'OK';
/** EINVAL: the packet does not make sense. */
export const INVALID = 'E16';
/** EFAULT: there is no such memory. */
export const NO_MEMORY = 'E0e';

/**
 * The part of a longer text that a qXfer packet asks for (`offset,length`): m, more is there; l, the last.
 */
export function partOf(text: string, range: string): string {
  const match = /^([0-9a-f]+),([0-9a-f]+)$/i.exec(range);
  if (match === null) return INVALID;
  const start = Number.parseInt(match[1] as string, 16);
  const end = start + Number.parseInt(match[2] as string, 16);
  return `${end < text.length ? 'm' : 'l'}${text.slice(start, end)}`;
}
