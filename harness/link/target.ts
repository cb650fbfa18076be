/**
 * What the link needs of whatever runs the firmware. The emulator implements it (machine-target.ts); a debug
 * probe can, with nothing but memory access and a breakpoint.
 */
import type { FaultReport } from '../../emulator/index.js';

export interface Target {
  /** A copy of the bytes. */
  readBytes(address: number, length: number): Uint8Array;
  writeBytes(address: number, bytes: Uint8Array): void;
  /**
   * Lets the firmware run until it waits for a command (again).
   * @throws TargetStopped when it does not come back
   */
  runUntilWaiting(): void;
}

/** Why the firmware did not come back: it ended, it reached the limit, or it broke down. */
export type StopKind = 'exit' | 'limit' | 'fault';

/** A guest's end is no mistake of the user and no bug of ours; the command line gives it an exit code. */
export class TargetStopped extends Error {
  override readonly name = 'TargetStopped';

  /**
   * @param code the guest's own exit status, where it has one
   * @param fault registers and calls at a breakdown, where the target can tell
   */
  constructor(
    readonly kind: StopKind,
    text: string,
    readonly code?: number,
    readonly fault: FaultReport | null = null,
  ) {
    super(text);
  }
}
