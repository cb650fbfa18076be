/**
 * How one guest function is cut into blocks, how control flows between them, and where time is looked at:
 * everything that is decided before code is made.
 */
import { type Block, blocksOf, lastSuccessorOf } from './blocks.js';
import { type FlowGraph, type FlowNode, reducible } from './flow-graph.js';
import { type CodeSource, InstructionGraph, type InstructionNode } from './instruction-graph.js';
import { reversePostorder } from './structure.js';

/** One more look at the clock where the way from the last one would be longer, in cycles. */
const STRETCH = 100;

export class FunctionPlan {
  readonly blocks: readonly Block[];
  /** Where the function is entered: its start first. */
  readonly entries: readonly Block[];
  readonly flow: FlowGraph;
  /** Blocks that look at the clock first: entries, loops' heads, and where a way would be too long. */
  readonly looks: ReadonlySet<Block>;
  /** Every instruction that is known, those left to the interpreter too. */
  readonly covered: ReadonlySet<number>;
  /** There are more than were looked at. */
  readonly isCut: boolean;
  /** Instructions left to the interpreter; true for those that are not known yet, and may be later. */
  readonly left: ReadonlyMap<number, boolean>;
  /** Cycles between two looks at most. */
  readonly longestStretch: number;
  private readonly blockOf: ReadonlyMap<InstructionNode, Block>;

  /** @param seeds addresses at which the function is known to be entered, its start first */
  constructor(source: CodeSource, seeds: readonly number[]) {
    const [start = 0, ...others] = seeds;
    const graph = new InstructionGraph(source, start);
    graph.explore(start);
    for (const seed of others) if (!graph.reaches(seed)) graph.explore(seed);
    const entered = new Set([...graph.entries, ...loopHeads(graph), ...cutLoopHeads(graph)]);
    this.isCut = graph.isFull;
    this.blocks = blocksOf(entered, source.timing.divideExtra);
    this.blockOf = new Map(this.blocks.map((block) => [block.first, block]));
    this.entries = [...entered].map((node) => this.blockAt(node));
    this.flow = reducible(
      this.blocks.map(({ last }) => last.successors.map((to) => this.blockAt(to).index)),
      this.entries.map(({ index }) => index),
    );
    const nodes = this.blocks.flatMap((block) => block.nodes);
    const isNew = ({ decoded, known }: InstructionNode): boolean =>
      decoded === undefined && known !== 'beyond' && !this.isCut;
    this.left = new Map(nodes.filter(({ leaves }) => leaves).map((node) => [node.address, isNew(node)]));
    this.covered = new Set(
      nodes.filter(({ decoded }) => decoded !== undefined).map(({ address }) => address),
    );
    [this.looks, this.longestStretch] = this.whereToLook();
  }

  /** The block that begins with an instruction. */
  blockAt(node: InstructionNode): Block {
    return this.blockOf.get(node) as Block;
  }

  /** Every way on, as often as there is one. */
  successorsOf(node: FlowNode): readonly FlowNode[] {
    const router = this.flow.routers.get(node);
    if (router === undefined) return this.flow.successors[node] as readonly FlowNode[];
    const to = [...router.routes.values()];
    return router.head === undefined ? to : [router.head, ...to];
  }

  /** The one to which the way is emitted last. */
  lastOf(node: FlowNode): FlowNode | undefined {
    const block = this.blocks[node];
    const last = block && lastSuccessorOf(block.last);
    return block && last && this.wayTo(block, last);
  }

  /** Where the way from a block's end to another block leads. */
  wayTo(block: Block, to: InstructionNode): FlowNode {
    return this.flow.successors[block.index]?.[block.last.successors.indexOf(to)] as FlowNode;
  }

  private whereToLook(): [Set<Block>, number] {
    const { blocks, flow } = this;
    const looks = new Set<Block>(this.entries);
    for (const head of flow.heads) looks.add(blocks[head] as Block);
    const since = new Map<FlowNode, number>();
    let longest = 0;
    for (const node of reversePostorder(flow.root.node, (n) => this.successorsOf(n))) {
      const block = blocks[node];
      let way = since.get(node) ?? 0;
      if (block !== undefined) {
        if (way + block.cycles > STRETCH) looks.add(block);
        way = looks.has(block) ? block.cycles : way + block.cycles;
        longest = Math.max(longest, way);
      }
      for (const to of this.successorsOf(node)) since.set(to, Math.max(since.get(to) ?? 0, way));
    }
    return [looks, longest];
  }
}

/** Nodes that a way leads back to: targets of jumps that go back, in the order of a search in depth. */
function loopHeads(graph: InstructionGraph): InstructionNode[] {
  const heads = new Set<InstructionNode>();
  const state = new Map<InstructionNode, 'open' | 'done'>();
  for (const root of graph.entries) {
    if (state.has(root)) continue;
    state.set(root, 'open');
    const path = [{ node: root, ways: root.successors, next: 0 }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const to = top.ways[top.next++];
      if (to === undefined) {
        state.set(top.node, 'done');
        path.pop();
      } else if (state.get(to) === 'open') {
        heads.add(to);
      } else if (!state.has(to)) {
        state.set(to, 'open');
        path.push({ node: to, ways: to.successors, next: 0 });
      }
    }
  }
  return [...heads];
}

/**
 * Where a jump goes back to, and the way on from there is not known to come by again: a jump by a register
 * closes that loop. No loop that is known goes through it, so that to be entered costs nothing.
 */
function cutLoopHeads(graph: InstructionGraph): InstructionNode[] {
  const targets = graph.nodes.flatMap(({ taken, address }) =>
    taken !== undefined && taken.to.address <= address ? [taken.to] : [],
  );
  return [...new Set(targets)].filter((node) => node.itState === 0 && !comesBack(node));
}

function comesBack(node: InstructionNode): boolean {
  const seen = new Set<InstructionNode>();
  const waiting = [...node.successors];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === node) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...next.successors);
  }
  return false;
}
