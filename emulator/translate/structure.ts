/**
 * Structured control flow from a reducible graph by its dominator tree (Ramsey, "Beyond Relooper", ICFP
 * 2022): a node with several ways in stands behind a block, a loop's head in a loop, every other one where
 * it is reached.
 */
import type { FlowNode } from './flow-graph.js';
import type { WasmFunction } from './wasm-function.js';

export interface Structure {
  readonly root: FlowNode;
  successorsOf(node: FlowNode): readonly FlowNode[];
  /** Emits a node's code; `goTo` emits the way to one of its successors, and does not come back. */
  emit(node: FlowNode, goTo: (to: FlowNode) => void): void;
}

export function emitStructured(f: WasmFunction, structure: Structure): void {
  new Structurer(f, structure).run();
}

class Structurer {
  private readonly order: FlowNode[];
  private readonly place = new Map<FlowNode, number>();
  private readonly dominator = new Map<FlowNode, FlowNode>();
  private readonly merges = new Set<FlowNode>();
  private readonly loops = new Set<FlowNode>();
  private readonly children = new Map<FlowNode, FlowNode[]>();

  constructor(
    private readonly f: WasmFunction,
    private readonly structure: Structure,
  ) {
    this.order = reversePostorder(structure.root, (node) => structure.successorsOf(node));
    for (const [k, node] of this.order.entries()) this.place.set(node, k);
    this.findDominators();
    this.classify();
  }

  run(): void {
    this.emitTree(this.structure.root);
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
    const forward = new Map<FlowNode, number>();
    for (const node of this.order) {
      for (const to of new Set(this.structure.successorsOf(node))) {
        if (this.at(to) <= this.at(node)) this.loops.add(to);
        else forward.set(to, (forward.get(to) ?? 0) + 1);
      }
    }
    for (const node of this.order.slice(1)) {
      if ((forward.get(node) ?? 0) > 1) this.merges.add(node);
      const parent = this.dominator.get(node) as FlowNode;
      this.children.set(parent, [...(this.children.get(parent) ?? []), node]);
    }
    // A node with two ways to the same successor needs it behind a label too.
    for (const node of this.order) {
      const ways = this.structure.successorsOf(node);
      for (const to of ways)
        if (ways.filter((other) => other === to).length > 1 && this.at(to) > this.at(node))
          this.merges.add(to);
    }
  }

  private emitTree(node: FlowNode): void {
    const behind = (this.children.get(node) ?? [])
      .filter((child) => this.merges.has(child))
      .sort((a, b) => this.at(b) - this.at(a));
    if (!this.loops.has(node)) {
      this.emitWithin(node, behind);
      return;
    }
    this.f.loop(`loop ${node}`);
    this.emitWithin(node, behind);
    this.f.end();
  }

  /** The node inside blocks at whose ends its merge nodes stand, the last one outermost. */
  private emitWithin(node: FlowNode, behind: readonly FlowNode[]): void {
    const [outermost, ...rest] = behind;
    if (outermost === undefined) {
      this.structure.emit(node, (to) => this.emitWay(node, to));
      return;
    }
    this.f.block(`block ${outermost}`);
    this.emitWithin(node, rest);
    this.f.end();
    this.emitTree(outermost);
  }

  private emitWay(from: FlowNode, to: FlowNode): void {
    if (this.at(to) <= this.at(from)) this.f.branch(`loop ${to}`);
    else if (this.merges.has(to)) this.f.branch(`block ${to}`);
    else this.emitTree(to);
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
