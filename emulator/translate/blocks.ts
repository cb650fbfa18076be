/** Instructions that always run one after the other, as blocks. */
import type { InstructionNode } from './instruction-graph.js';
import type { KnownAccess } from './shape.js';

export interface Block {
  readonly index: number;
  readonly nodes: readonly InstructionNode[];
  readonly first: InstructionNode;
  readonly last: InstructionNode;
  /** The most cycles any way through it takes. */
  readonly cycles: number;
}

/** A block that takes longer is cut, so that the ways between two looks at the clock stay short. */
const LONGEST = 60;

/** The successor to which the way is emitted last; undefined where each is one of several. */
export function lastSuccessorOf(node: InstructionNode): InstructionNode | undefined {
  if (node.leaves) return undefined;
  const { skipped, next, taken, returns, shape } = node;
  if (skipped !== undefined) return skipped.to;
  return shape?.jump === 'none' || shape?.jump === 'direct' ? ((next ?? taken)?.to ?? returns) : undefined;
}

/** The most cycles that an instruction takes, whatever its data. */
function cyclesOf(node: InstructionNode, divideExtra: number): number {
  let most = node.jump.cycles;
  for (const { cycles } of node.ways) most = Math.max(most, cycles);
  return most + (node.shape?.divides === true ? divideExtra : 0);
}

/**
 * @param entries nodes that begin a block whatever comes before them
 * @param divideExtra cycles that a divide adds to its constant at most
 */
export function blocksOf(entries: ReadonlySet<InstructionNode>, divideExtra: number): Block[] {
  const reached = reachable([...entries]);
  const ways = new Map<InstructionNode, number>();
  for (const node of reached) for (const to of node.successors) ways.set(to, (ways.get(to) ?? 0) + 1);
  const blocks: Block[] = [];
  const begun = new Set<InstructionNode>();
  const starts = [...entries];
  for (let first = starts.pop(); first !== undefined; first = starts.pop()) {
    if (begun.has(first)) continue;
    begun.add(first);
    const nodes = [first];
    let cycles = cyclesOf(first, divideExtra);
    let last = first;
    for (let next = onlyNext(last, ways, entries); next !== undefined; next = onlyNext(last, ways, entries)) {
      const more = cyclesOf(next, divideExtra);
      if (cycles + more > LONGEST) break;
      cycles += more;
      nodes.push(next);
      last = next;
    }
    blocks.push({ index: blocks.length, nodes, first, last, cycles });
    starts.push(...last.successors);
  }
  return blocks;
}

function reachable(from: readonly InstructionNode[]): Set<InstructionNode> {
  const found = new Set(from);
  const waiting = [...from];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const to of node.successors) {
      if (found.has(to)) continue;
      found.add(to);
      waiting.push(to);
    }
  }
  return found;
}

/** The instruction that follows this one and no other. */
function onlyNext(
  node: InstructionNode,
  ways: ReadonlyMap<InstructionNode, number>,
  entries: ReadonlySet<InstructionNode>,
): InstructionNode | undefined {
  if (node.leaves || node.returns !== undefined || node.cases.length > 0) return undefined;
  const all = node.ways;
  const jumpsAway = node.shape?.jump !== 'none' && node.taken === undefined;
  const [only] = all;
  if (only === undefined || all.length !== 1 || jumpsAway) return undefined;
  return ways.get(only.to) === 1 && !entries.has(only.to) ? only.to : undefined;
}

/** Accesses by a register from an instruction on, up to one that writes it. */
export function upcomingAccesses(
  block: Block,
  from: InstructionNode,
  register: number,
): readonly KnownAccess[] {
  const accesses: KnownAccess[] = [];
  for (let k = block.nodes.indexOf(from); k < block.nodes.length; k++) {
    const { shape, leaves } = block.nodes[k] as InstructionNode;
    if (shape === undefined || leaves) break;
    accesses.push(...shape.accesses.filter((access) => access.register === register));
    if ((shape.writes >>> register) & 1) break;
  }
  return accesses;
}
