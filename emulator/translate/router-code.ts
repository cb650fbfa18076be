/** Code that chooses by a number: a router's way to the wanted block, the case of a computed jump. */
import type { FlowGraph, FlowNode, Router } from './flow-graph.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** Wanted: where the function starts, or, inside, where the code goes by itself. */
export const UNWANTED = -1;

export interface RouterOptions {
  readonly f: WasmFunction;
  /** Holds the number of the wanted block. */
  readonly wanted: Local;
  readonly flow: FlowGraph;
  /** The block with which the function starts. */
  readonly start: FlowNode;
}

type Route = readonly [wanted: FlowNode, to: FlowNode];

export function emitRouter(options: RouterOptions, router: Router, goTo: (to: FlowNode) => void): void {
  const { f, wanted, flow, start } = options;
  const { head, routes } = router;
  const first = head ?? (routes.get(start) as FlowNode);
  f.get(wanted).const(UNWANTED).op('i32.eq').if('unwanted');
  if (head === undefined && flow.routers.has(first)) f.const(start).set(wanted);
  goTo(first);
  f.end();
  const others = [...routes].filter(([block]) => head !== undefined || block !== start);
  const settle = (to: FlowNode): void => {
    if (!flow.routers.has(to)) f.const(UNWANTED).set(wanted);
    goTo(to);
  };
  if (others.length === 0) f.unreachable();
  else emitSearch(options, others.sort(byBlock), settle);
}

const byBlock = ([a]: Route, [b]: Route): number => a - b;

/** Goes where the wanted block's route leads: by halves. */
function emitSearch(options: RouterOptions, routes: readonly Route[], settle: (to: FlowNode) => void): void {
  const { f, wanted } = options;
  const [first] = routes as [Route];
  if (routes.every(([, to]) => to === first[1])) {
    settle(first[1]);
    return;
  }
  const middle = routes.length >>> 1;
  f.get(wanted)
    .const((routes[middle] as Route)[0])
    .op('i32.lt_s')
    .if('lower half');
  emitSearch(options, routes.slice(0, middle), settle);
  f.end();
  emitSearch(options, routes.slice(middle), settle);
}

/** For the one of sorted values that a local has, if any. `emit` does not come back. */
export function emitChoice(
  f: WasmFunction,
  local: Local,
  values: readonly number[],
  emit: (value: number) => void,
): void {
  const place = values.length >>> 1;
  const middle = values[place];
  if (middle === undefined) return;
  f.get(local).const(middle).op('i32.eq').if('chosen');
  emit(middle);
  f.end();
  if (place > 0) {
    f.get(local).const(middle).op('i32.lt_u').if('lower half');
    emitChoice(f, local, values.slice(0, place), emit);
    f.end();
  }
  emitChoice(f, local, values.slice(place + 1), emit);
}
