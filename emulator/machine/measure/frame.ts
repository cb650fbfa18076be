/**
 * One call that has not returned. A frame is never changed where it says who called whom, so that the chain
 * at some moment is kept by keeping its last frame.
 */
import type { FunctionRecord } from './function-table.js';
import type { AllocatorCall } from './heap-use.js';

/** Returns to no address that code can have. */
export const NO_RETURN = -1;

export interface FrameFields {
  readonly fn: FunctionRecord;
  /** SP when it was entered: what it must be when it returns. */
  readonly entrySP: number;
  readonly returnAddress: number;
  readonly parent: Frame | undefined;
  /** The chain that an exception interrupted: it is shown, and takes part in nothing. */
  readonly below?: Frame | undefined;
  /** The allocator call that ends with this frame, if it is one. */
  readonly allocation?: AllocatorCall | undefined;
  readonly inAllocator: boolean;
}

export class Frame implements FrameFields {
  readonly fn: FunctionRecord;
  readonly entrySP: number;
  readonly returnAddress: number;
  readonly parent: Frame | undefined;
  readonly below: Frame | undefined;
  readonly allocation: AllocatorCall | undefined;
  readonly inAllocator: boolean;
  /** The chain's own time when it was entered, in cycles. */
  readonly start: number;
  /** No frame of the same function lies below it: its cycles count. */
  readonly outermost: boolean;
  /** The deepest SP of it and of what it called. */
  lowest: number;

  constructor(fields: FrameFields, start: number, outermost: boolean) {
    this.fn = fields.fn;
    this.entrySP = fields.entrySP;
    this.returnAddress = fields.returnAddress;
    this.parent = fields.parent;
    this.below = fields.below;
    this.allocation = fields.allocation;
    this.inAllocator = fields.inAllocator;
    this.start = start;
    this.outermost = outermost;
    this.lowest = fields.entrySP;
  }
}

/** A chain longer than this is shown without its middle. */
const LONGEST_SHOWN = 64;

/** Names of the functions, the outermost first. */
export function namesOf(frame: Frame | undefined): string[] {
  const names: string[] = [];
  for (let at = frame; at !== undefined; at = at.parent ?? at.below) names.push(at.fn.name);
  names.reverse();
  const left = names.length - LONGEST_SHOWN;
  return left <= 0 ? names : [...names.slice(0, 32), `(${left} more)`, ...names.slice(-32)];
}
