/**
 * Loops whose number of turns is known when they are entered: as many as it takes a difference of two
 * registers to become zero. All that memory and time need is then tested once, ahead of them.
 */
import type { Block } from './blocks.js';
import type { InstructionNode } from './instruction-graph.js';
import { type Known, type Shape, sumOf } from './shape.js';

/** The accesses by one register. */
export interface LoopBase {
  readonly register: number;
  /** What the register gains in a turn. */
  readonly step: number;
  /** Bytes accessed around it in the first turn: [low, high). */
  readonly low: number;
  readonly high: number;
  readonly alignment: number;
}

export interface CountedLoop {
  /** The loop ends when this is zero: a register, less another one, and a constant; as the turn began. */
  readonly difference: {
    readonly register: number;
    readonly minus: number | undefined;
    readonly value: number;
  };
  /** What the difference gains in a turn: a power of two, or its negative. */
  readonly step: number;
  readonly bases: readonly LoopBase[];
  /** The blocks between the head's jump and the next turn. */
  readonly behind: readonly Block[];
}

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;
/** Bytes that a register may move in a turn, and that one may reach around it. */
const FARTHEST = 4096;
const SP = 13;

/** Blocks of a loop behind its head at most. */
const MOST_BEHIND = 3;

/**
 * The loop whose head is a block: that one decides whether there is another turn; those behind it lead back.
 * @param isPlain an instruction stays in RAM and in the usual floating point
 */
export function countedLoop(
  head: Block,
  blockAt: (node: InstructionNode) => Block,
  isPlain: (node: InstructionNode) => boolean,
): CountedLoop | undefined {
  if (head.last.shape?.whileNotZero !== true) return undefined;
  const behind = blocksBehind(head, blockAt);
  if (behind === undefined) return undefined;
  const nodes = [head, ...behind].flatMap((block) => block.nodes);
  const turn = new Turn();
  for (const node of nodes) {
    if (node.shape === undefined || node.itState !== 0 || !isPlain(node) || !isSimple(node.shape))
      return undefined;
    turn.add(node.shape);
    if (node === head.last) turn.decide();
  }
  return turn.loop(behind);
}

function blocksBehind(head: Block, blockAt: (node: InstructionNode) => Block): Block[] | undefined {
  const behind: Block[] = [];
  let way = head.last.taken;
  while (way !== undefined && way.to !== head.first) {
    const block = blockAt(way.to);
    if (behind.length === MOST_BEHIND || !block.nodes.every(goesOn)) return undefined;
    behind.push(block);
    way = block.last.next ?? block.last.taken;
  }
  return way && behind;
}

/** Not left in the fast body, and not a place where the way parts. */
function goesOn({ leaves, shape }: InstructionNode): boolean {
  if (leaves || shape === undefined) return false;
  const calculates = shape.usesFloat && shape.loads + shape.stores === 0;
  return !calculates && !shape.conditional && !shape.writesLink && /none|direct/.test(shape.jump);
}

function isSimple(shape: Shape): boolean {
  const { loads, stores, accesses, constantAccesses, divides, sets } = shape;
  const known = accesses.length + constantAccesses === loads + stores;
  return known && !divides && sets.every(([register]) => register !== SP);
}

/** One turn of a loop, instruction by instruction: registers as sums of what they were when it began. */
class Turn {
  private readonly registers: Known[] = Array.from({ length: 15 }, (_, n) => ({ register: n, value: 0 }));
  private compared: Known;
  private decided: Known;
  private readonly ranges: { register: number; offset: number; size: number }[] = [];
  private isKnown = true;

  add({ accesses, sets, compared, writesFlags }: Shape): void {
    for (const { register, offset, size } of accesses) {
      const base = this.registers[register];
      if (base?.register === undefined || base.minus !== undefined) this.isKnown = false;
      else this.ranges.push({ register: base.register, offset: base.value + offset, size });
    }
    if (writesFlags) this.compared = this.sinceStart(compared);
    const values = sets.map(([register, value]) => [register, this.sinceStart(value)] as const);
    for (const [register, value] of values) this.registers[register] = value;
  }

  /** The flags of now decide whether there is another turn. */
  decide(): void {
    this.decided = this.compared;
  }

  private sinceStart(known: Known): Known {
    if (known === undefined) return undefined;
    const { register, minus, value } = known;
    const plus = register === undefined ? { value: 0 } : this.registers[register];
    const less = minus === undefined ? { value: 0 } : this.registers[minus];
    const turned = less && { register: less.minus, minus: less.register, value: -less.value | 0 };
    return sumOf(sumOf(plus, turned), { value });
  }

  /** What a register gains; undefined when that is not known. */
  private stepOf(register: number): number | undefined {
    const after = this.registers[register];
    return after?.register === register && after.minus === undefined ? after.value : undefined;
  }

  loop(behind: readonly Block[]): CountedLoop | undefined {
    const compared = this.decided;
    if (!this.isKnown || compared?.register === undefined) return undefined;
    const { register, minus, value } = compared;
    const gained = this.stepOf(register);
    const lost = minus === undefined ? 0 : this.stepOf(minus);
    if (gained === undefined || lost === undefined || !isPowerOfTwo(Math.abs(gained - lost)))
      return undefined;
    const bases = this.bases();
    return bases && { difference: { register, minus, value }, step: gained - lost, bases, behind };
  }

  private bases(): LoopBase[] | undefined {
    const bases = [...new Set(this.ranges.map((range) => range.register))].map((register) => {
      const ranges = this.ranges.filter((range) => range.register === register);
      const low = Math.min(...ranges.map(({ offset }) => offset));
      const high = Math.max(...ranges.map(({ offset, size }) => offset + size));
      const alignment = Math.max(...ranges.map(({ size }) => size));
      const step = this.stepOf(register);
      const aligned = ranges.every(({ offset, size }) => ((offset - low) & (size - 1)) === 0);
      const near = Math.abs(step ?? FARTHEST) < FARTHEST && high - low < FARTHEST;
      return step === undefined || !aligned || !near || (step & (alignment - 1)) !== 0
        ? undefined
        : { register, step, low, high, alignment };
    });
    return bases.every((base) => base !== undefined) ? bases : undefined;
  }
}
