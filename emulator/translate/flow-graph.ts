/**
 * Control flow that WebAssembly can express: every loop gets one way in. A loop with several (because it is
 * entered in the middle, or because the guest's code jumps there) gets a router as its head: those from
 * outside go through it with the number of where they want to go.
 */

/** Numbers of blocks, from 0; routers have the numbers above, the last one is the root. */
export type FlowNode = number;

export interface Router {
  readonly node: FlowNode;
  /** Where to go for a wanted block; what is not wanted by name goes to the head. */
  readonly routes: Map<FlowNode, FlowNode>;
  /** Undefined at the root: there every way in has a number. */
  readonly head: FlowNode | undefined;
}

export interface FlowGraph {
  readonly root: Router;
  /** By node. */
  readonly routers: ReadonlyMap<FlowNode, Router>;
  /** Of a block's successors, in their order: where the way there leads now. */
  readonly successors: readonly (readonly FlowNode[])[];
  /** A way to here must say which block it wants: `from to` of the block. */
  readonly wants: ReadonlyMap<string, FlowNode>;
  /** Blocks that a loop goes through on every turn, so that time is looked at there. */
  readonly heads: ReadonlySet<FlowNode>;
}

/**
 * @param successors of each block, by number
 * @param entries blocks at which the function is entered
 */
export function reducible(
  successors: readonly (readonly FlowNode[])[],
  entries: readonly FlowNode[],
): FlowGraph {
  return new Reducer(successors, entries).result();
}

class Reducer {
  private readonly successors: FlowNode[][];
  private readonly routers = new Map<FlowNode, Router>();
  private readonly wants = new Map<string, FlowNode>();
  private readonly heads = new Set<FlowNode>();
  /** Heads whose ways in are settled: a loop through them is no loop any more. */
  private readonly cut = new Set<FlowNode>();
  private readonly root: Router;
  private readonly blocks: number;

  constructor(successors: readonly (readonly FlowNode[])[], entries: readonly FlowNode[]) {
    this.blocks = successors.length;
    this.successors = successors.map((to) => [...to]);
    this.root = this.addRouter(undefined);
    for (const entry of entries) this.root.routes.set(entry, entry);
    this.nest(successors.map((_, k) => k));
  }

  result(): FlowGraph {
    const { root, routers, wants, heads } = this;
    return { root, routers, wants, heads, successors: this.successors };
  }

  private addRouter(head: FlowNode | undefined): Router {
    const router = { node: this.blocks + this.routers.size, routes: new Map<FlowNode, FlowNode>(), head };
    this.routers.set(router.node, router);
    return router;
  }

  private waysOf(node: FlowNode): readonly FlowNode[] {
    const router = this.routers.get(node);
    if (router === undefined) return this.successors[node] as FlowNode[];
    return router.head === undefined ? [...router.routes.values()] : [router.head, ...router.routes.values()];
  }

  private allNodes(): FlowNode[] {
    return [...this.successors.keys(), ...this.routers.keys()];
  }

  private nest(region: readonly FlowNode[]): void {
    const inside = new Set(region);
    const waysIn = (node: FlowNode): FlowNode[] =>
      this.waysOf(node).filter((to) => inside.has(to) && !this.cut.has(to));
    for (const loop of stronglyConnected(region, waysIn)) {
      const [only] = loop;
      if (loop.length === 1 && only !== undefined && !waysIn(only).includes(only)) continue;
      const head = this.singleHead(loop);
      this.cut.add(head);
      this.nest(loop.filter((node) => node !== head));
    }
  }

  /** The one node by which a loop is entered; made where there are several. */
  private singleHead(loop: readonly FlowNode[]): FlowNode {
    const members = new Set(loop);
    const outside = this.allNodes().filter((node) => !members.has(node));
    const entered = new Set(outside.flatMap((node) => this.waysOf(node)).filter((to) => members.has(to)));
    const [first = loop[0] as FlowNode] = [...entered].sort((a, b) => a - b);
    this.markHead(first);
    if (entered.size <= 1) return first;
    const router = this.addRouter(first);
    for (const node of outside) this.redirectInto(router, node, entered);
    for (const node of loop) this.redirect(node, first, router.node);
    return router.node;
  }

  private markHead(node: FlowNode): void {
    const router = this.routers.get(node);
    if (router === undefined) this.heads.add(node);
    else for (const to of this.waysOf(node)) this.markHead(to);
  }

  /** Leads the ways from one node outside a loop to its router. */
  private redirectInto(router: Router, node: FlowNode, entered: ReadonlySet<FlowNode>): void {
    const from = this.routers.get(node);
    if (from !== undefined) {
      for (const [wanted, to] of from.routes) {
        if (!entered.has(to)) continue;
        from.routes.set(wanted, router.node);
        router.routes.set(wanted, to);
        this.markHead(to);
      }
      if (from.head !== undefined && from.head === router.head)
        throw new RangeError('a head with two routers');
      return;
    }
    const ways = this.successors[node] as FlowNode[];
    ways.forEach((to, k) => {
      if (!entered.has(to)) return;
      ways[k] = router.node;
      if (to === router.head) return;
      // The guest's own code enters the loop beside its head.
      const wanted = this.blockBehind(to);
      this.wants.set(`${node} ${k}`, wanted);
      router.routes.set(wanted, to);
      this.markHead(to);
    });
  }

  private blockBehind(node: FlowNode): FlowNode {
    const router = this.routers.get(node);
    return router?.head === undefined ? node : this.blockBehind(router.head);
  }

  private redirect(node: FlowNode, from: FlowNode, to: FlowNode): void {
    const router = this.routers.get(node);
    if (router !== undefined) {
      for (const [wanted, at] of router.routes) if (at === from) router.routes.set(wanted, to);
      return;
    }
    const ways = this.successors[node] as FlowNode[];
    ways.forEach((at, k) => {
      if (at === from) ways[k] = to;
    });
  }
}

/** Tarjan's algorithm, without recursion. */
function stronglyConnected(
  nodes: readonly FlowNode[],
  waysOf: (node: FlowNode) => readonly FlowNode[],
): FlowNode[][] {
  const index = new Map<FlowNode, number>();
  const low = new Map<FlowNode, number>();
  const stack: FlowNode[] = [];
  const onStack = new Set<FlowNode>();
  const components: FlowNode[][] = [];
  const visit = (start: FlowNode): void => {
    const path: { node: FlowNode; ways: readonly FlowNode[]; next: number }[] = [];
    const enter = (node: FlowNode): void => {
      index.set(node, index.size);
      low.set(node, index.get(node) as number);
      stack.push(node);
      onStack.add(node);
      path.push({ node, ways: waysOf(node), next: 0 });
    };
    const lower = (node: FlowNode, value: number): void => {
      low.set(node, Math.min(low.get(node) as number, value));
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const to = top.ways[top.next++];
      if (to !== undefined) {
        if (!index.has(to)) enter(to);
        else if (onStack.has(to)) lower(top.node, index.get(to) as number);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) lower(above.node, low.get(top.node) as number);
      if (low.get(top.node) !== index.get(top.node)) continue;
      const at = stack.lastIndexOf(top.node);
      const component = stack.splice(at);
      for (const node of component) onStack.delete(node);
      components.push(component);
    }
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return components;
}
