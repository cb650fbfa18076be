/**
 * Structured control flow from a reducible graph by its dominator tree (Ramsey, "Beyond Relooper", ICFP
 * 2022): a node with several ways in stands behind a block, a loop's head in a loop, and one with a single
 * way in right behind where that way ends.
 */
import type { FlowNode } from './flow-graph.js';
import type { WasmFunction } from './wasm-function.js';

export interface Structure {
  readonly root: FlowNode;
  /** Every way on, as often as it is emitted. */
  successorsOf(node: FlowNode): readonly FlowNode[];
  /** The one that is emitted last, if any: what is there may stand right behind. */
  lastOf(node: FlowNode): FlowNode | undefined;
  /** Emits a node's code; `goTo` emits the way to one of its successors, and does not come back. */
  emit(node: FlowNode, goTo: (to: FlowNode) => void): void;
}

/** What is still to be emitted: a node with all that it dominates, or the end of what is open. */
type Task = { readonly node: FlowNode } | 'end';

export function emitStructured(f: WasmFunction, structure: Structure): void {
  new Structurer(f, structure).run();
}

class Structurer {
  private readonly order: FlowNode[];
  private readonly place = new Map<FlowNode, number>();
  private readonly dominator = new Map<FlowNode, FlowNode>();
  /** Nodes that stand behind a label: several ways lead there, or one that is not the last of its node. */
  private readonly labelled = new Set<FlowNode>();
  private readonly loops = new Set<FlowNode>();
  /** Of each node those labelled ones that it dominates at once. */
  private readonly behind = new Map<FlowNode, FlowNode[]>();

  constructor(
    private readonly f: WasmFunction,
    private readonly structure: Structure,
  ) {
    this.order = reversePostorder(structure.root, (node) => structure.successorsOf(node));
    for (const [k, node] of this.order.entries()) this.place.set(node, k);
    this.findDominators();
    this.classify();
  }

  /** By a stack of its own: a function may have thousands of nodes, one inside the other. */
  run(): void {
    const tasks: Task[] = [{ node: this.structure.root }];
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
      if (task === 'end') this.f.end();
      else this.emitNode(task.node, tasks);
    }
  }

  private emitNode(node: FlowNode, tasks: Task[]): void {
    const { f, structure } = this;
    if (this.loops.has(node)) {
      f.loop(`loop ${node}`);
      tasks.push('end');
    }
    // The last one in the order stands outermost.
    for (const other of [...(this.behind.get(node) ?? [])].reverse()) {
      f.block(`block ${other}`);
      tasks.push({ node: other }, 'end');
    }
    structure.emit(node, (to) => this.emitWay(node, to));
    const last = structure.lastOf(node);
    if (last !== undefined && !this.isBack(node, last) && !this.labelled.has(last))
      tasks.push({ node: last });
  }

  private emitWay(from: FlowNode, to: FlowNode): void {
    if (this.isBack(from, to)) this.f.branch(`loop ${to}`);
    else if (this.labelled.has(to)) this.f.branch(`block ${to}`);
  }

  private isBack(from: FlowNode, to: FlowNode): boolean {
    return this.at(to) <= this.at(from);
  }

  private at(node: FlowNode): number {
    return this.place.get(node) as number;
  }

  /** Cooper, Harvey and Kennedy: in reverse postorder until nothing changes. */
  private findDominators(): void {
    const predecessors = new Map<FlowNode, FlowNode[]>(this.order.map((node) => [node, []]));
    for (const node of this.order)
      for (const to of this.structure.successorsOf(node)) predecessors.get(to)?.push(node);
    const { dominator } = this;
    dominator.set(this.structure.root, this.structure.root);
    for (let changed = true; changed; ) {
      changed = false;
      for (const node of this.order.slice(1)) {
        const known = (predecessors.get(node) as FlowNode[]).filter((from) => dominator.has(from));
        const nearest = known.reduce((a, b) => this.common(a, b));
        if (dominator.get(node) === nearest) continue;
        dominator.set(node, nearest);
        changed = true;
      }
    }
  }

  private common(a: FlowNode, b: FlowNode): FlowNode {
    let [x, y] = [a, b];
    while (x !== y) {
      while (this.at(x) > this.at(y)) x = this.dominator.get(x) as FlowNode;
      while (this.at(y) > this.at(x)) y = this.dominator.get(y) as FlowNode;
    }
    return x;
  }

  private classify(): void {
    const reached = new Set<FlowNode>();
    for (const node of this.order) {
      const last = this.structure.lastOf(node);
      for (const to of this.structure.successorsOf(node)) {
        if (this.isBack(node, to)) this.loops.add(to);
        else if (to !== last || reached.has(to)) this.labelled.add(to);
        reached.add(to);
      }
    }
    for (const node of this.order.slice(1)) {
      if (!this.labelled.has(node)) continue;
      const parent = this.dominator.get(node) as FlowNode;
      const others = this.behind.get(parent);
      if (others === undefined) this.behind.set(parent, [node]);
      else others.push(node);
    }
  }
}

export function reversePostorder(
  root: FlowNode,
  successorsOf: (node: FlowNode) => readonly FlowNode[],
): FlowNode[] {
  const seen = new Set([root]);
  const finished: FlowNode[] = [];
  const path = [{ node: root, ways: successorsOf(root), next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const to = top.ways[top.next++];
    if (to === undefined) {
      finished.push(top.node);
      path.pop();
    } else if (!seen.has(to)) {
      seen.add(to);
      path.push({ node: to, ways: successorsOf(to), next: 0 });
    }
  }
  return finished.reverse();
}
