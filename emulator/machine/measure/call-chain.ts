/** Chains of calls: one for each thread and each exception being handled. */
import { Frame, type FrameFields } from './frame.js';
import type { FunctionRecord } from './function-table.js';
import type { Stack } from './stack-use.js';

/** A thread, or one exception being handled. */
export class Context {
  top: Frame | undefined;
  /** Cycles for which it ran: time stands still for it while another runs. */
  elapsed = 0;
  /** SP and PC when an exception interrupted it. */
  suspendedSP = 0;
  suspendedPC = 0;
  /** Frames of each function. */
  private readonly active = new Map<FunctionRecord, number>();

  /**
   * @param process it uses PSP
   * @param exception the number of the one being handled; 0: a thread
   */
  constructor(
    readonly stack: Stack,
    readonly process: boolean,
    readonly exception = 0,
  ) {}

  push(fields: FrameFields): Frame {
    const depth = this.active.get(fields.fn) ?? 0;
    this.active.set(fields.fn, depth + 1);
    this.top = new Frame(fields, this.elapsed, depth === 0);
    return this.top;
  }

  /** Takes the last frame off and books what it measured. */
  pop(): void {
    const frame = this.top;
    if (frame === undefined) return;
    const { fn, parent } = frame;
    this.active.set(fn, (this.active.get(fn) ?? 1) - 1);
    if (frame.outermost) fn.inclusiveCycles += this.elapsed - frame.start;
    fn.peakStackBytes = Math.max(fn.peakStackBytes, frame.entrySP - frame.lowest);
    if (parent !== undefined && frame.lowest < parent.lowest) parent.lowest = frame.lowest;
    this.top = parent;
  }

  popAll(): void {
    while (this.top !== undefined) this.pop();
  }
}
