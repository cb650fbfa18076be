/**
 * The program's stacks: the main one, and one for each place that SP is set to. Which code runs on them is
 * the call chain's business.
 */
import type { ElfImage, ElfSymbol } from '../../elf/elf-image.js';
import { type Frame, namesOf } from './frame.js';

/** One stack's figures. Bytes. */
export interface MeasuredStack {
  /** `main`; of another the object it lies in, or `process` where there is none. */
  readonly name: string;
  /** Its start less the lowest SP that it ever held, exception frames included. */
  readonly peakBytes: number;
  /** The functions at the peak, the outermost first, the one whose SP it was last. */
  readonly chain: string[];
  /** Its start less the lowest byte written: what painting would show. Null: no floor is known. */
  readonly writtenBytes: number | null;
}

/** SP below a stack's limit. */
export interface StackOverflow {
  readonly text: string;
  readonly stack: string;
  readonly sp: number;
  readonly limit: number;
  /** Address of the instruction that moved SP there (of the one interrupted, for an exception's frame). */
  readonly pc: number;
  readonly chain: string[];
}

export interface Stack {
  readonly name: string;
  /** SP at its start: the highest it held. */
  top: number;
  lowest: number;
  /** The last frame when SP was lowest. */
  frame: Frame | undefined;
  /** SP must not go below. */
  readonly limit: number | undefined;
  /** Writes above it are the stack's: the limit, or the end of what lies below. */
  floor: number | undefined;
  lowestWritten: number;
  overflowed: boolean;
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

const LIMIT_NAMES = ['__stack_limit', '__StackLimit'];
/** Where a linker script says that the heap starts. */
const END_NAMES = ['end', '_end', '__end__', '__bss_end', '__bss_end__', '_ebss'];

export interface StackOptions {
  readonly elf: ElfImage | undefined;
  /** The main stack's, instead of the symbol's. */
  readonly limit: number | undefined;
  /** There is a new stack, or one has new bounds. */
  readonly opened: (stacks: readonly Stack[]) => void;
}

export class StackWatch {
  overflow: StackOverflow | undefined;
  readonly stacks: Stack[] = [];
  private readonly options: StackOptions;
  private readonly objects: readonly ElfSymbol[];

  constructor(options: StackOptions) {
    this.options = options;
    this.objects = (options.elf?.symbols ?? []).filter(({ type, size }) => type === 'object' && size > 0);
  }

  private symbolOf(names: readonly string[]): number | undefined {
    const found = names.map((name) => this.options.elf?.symbol(name)).find((symbol) => symbol !== undefined);
    return found?.address;
  }

  /** Forgets every stack and starts with the main one. */
  start(top: number): Stack {
    this.stacks.length = 0;
    this.overflow = undefined;
    return this.restart(top);
  }

  /** The main stack after a reset: as it was, if it starts where it did. */
  restart(top: number): Stack {
    const known = this.stacks.find(({ name }) => name === 'main');
    if (known !== undefined) {
      known.top = Math.max(known.top, top);
      return known;
    }
    const limit = this.options.limit ?? this.symbolOf(LIMIT_NAMES) ?? this.objectAt(top)?.address;
    const floor = limit ?? this.symbolOf(END_NAMES);
    return this.add('main', top, limit, floor !== undefined && floor < top ? floor : undefined);
  }

  private add(name: string, top: number, limit: number | undefined, floor: number | undefined): Stack {
    const state = { frame: undefined, lowestWritten: top, overflowed: false };
    const stack = { name, top, lowest: top, limit, floor, ...state };
    this.stacks.push(stack);
    this.options.opened(this.stacks);
    return stack;
  }

  /** The object that a stack with this SP lies in; an empty one starts at its end. */
  private objectAt(sp: number): ElfSymbol | undefined {
    return this.objects.find(({ address, size }) => sp > address && sp <= address + size);
  }

  /** The stack that SP lies in, opened if it is new. */
  at(sp: number): Stack {
    const object = this.objectAt(sp);
    const inside = ({ top, lowest }: Stack): boolean => sp <= top && sp >= lowest;
    const found = this.stacks.find(inside);
    if (found !== undefined) return found;
    // Above what is known of a stack but in the same object: a frame was popped that the program had built.
    const start = object?.address;
    const sharing = this.stacks.filter(({ floor }) => start !== undefined && floor === start);
    const only = sharing.length === 1 ? sharing[0] : undefined;
    if (only !== undefined && sp - only.top <= LARGEST_FRAME && sp > only.top) {
      only.top = sp;
      return only;
    }
    const name = object?.name ?? 'process';
    const number = this.stacks.filter((stack) => stack.name.replace(/ #\d+$/, '') === name).length;
    // Several stacks in one object (an allocator's pool): where each ends, no symbol says.
    const limit = number === 0 ? start : undefined;
    return this.add(number === 0 ? name : `${name} #${number + 1}`, sp, limit, start);
  }

  /** The heap grows up to here: what is written below is its own, where no limit parts it from the stack. */
  raiseFloor(breakAddress: number): void {
    const main = this.stacks[0];
    if (main?.floor === undefined || main.limit !== undefined || breakAddress <= main.floor) return;
    main.floor = breakAddress;
    this.options.opened(this.stacks);
  }

  /** Does SP, given a new value by the program, lie in another stack than this one? */
  leaves(stack: Stack, sp: number): boolean {
    if (sp <= stack.top && sp >= stack.lowest) return false;
    const object = this.objectAt(sp);
    return object !== undefined ? object.address !== stack.floor : sp > stack.top && this.isKnown(sp);
  }

  private isKnown(sp: number): boolean {
    return this.stacks.some(({ top, lowest }) => sp <= top && sp >= lowest);
  }

  /** SP went below where it was. True: it crossed the stack's limit, for the first time. */
  deepen(stack: Stack, sp: number, frame: Frame | undefined, pc: number): boolean {
    stack.lowest = sp;
    stack.frame = frame;
    const { limit } = stack;
    if (limit === undefined || sp >= limit || stack.overflowed) return false;
    stack.overflowed = true;
    const below = `${limit - sp} bytes below its limit ${hex(limit)}`;
    const text = `the stack ${stack.name} reached ${hex(sp)}, ${below}`;
    this.overflow = { text, stack: stack.name, sp, limit, pc, chain: namesOf(frame) };
    return true;
  }

  uses(): MeasuredStack[] {
    return this.stacks.map((stack) => ({
      name: stack.name,
      peakBytes: stack.top - stack.lowest,
      chain: namesOf(stack.frame),
      writtenBytes: stack.floor === undefined ? null : stack.top - stack.lowestWritten,
    }));
  }
}

/** Bytes of an extended exception frame with its padding. */
const LARGEST_FRAME = 108;
