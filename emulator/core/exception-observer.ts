/** What may watch the exception model: who is told of exceptions, and what it can say of a fault. */

/** One place in a chain of calls, of which the innermost comes first. */
export interface CallSite {
  readonly pc: number;
  /**
   * at: the instruction itself; branch: the one that led there and was no call; caller: where a call returns
   * to; interrupted: where the code went on, had `exception` not been taken.
   */
  readonly kind: 'at' | 'branch' | 'caller' | 'interrupted';
  /** The exception's number; 0 of the other kinds. */
  readonly exception: number;
}

/** The chain at the moment this was made, put in order when it is asked for. */
export type CallChain = () => readonly CallSite[];

/** Told of exceptions as they are entered and left; it changes nothing. */
export interface ExceptionObserver {
  /** Before the frame is pushed. R13 and R15 are those of what is interrupted. */
  starts(): void;
  /** R15 is the handler. Without `starts` before it, it is chained to the end of another handler. */
  entered(): void;
  /** What was interrupted goes on: R13 and R15 are its own. */
  returned(): void;
  /** A fault is noted, in words. @returns who called whom, where that is known */
  faulted(text: string): CallChain | undefined;
}
