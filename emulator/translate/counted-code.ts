/**
 * Code of a counted loop: one test of all that its turns need, and turns without any. Where the test fails,
 * the loop's own code goes on turn by turn.
 */
import type { BlockCode } from './block-code.js';
import type { Block } from './blocks.js';
import type { CountedLoop, LoopBase } from './counted-loop.js';
import type { Way } from './instruction-graph.js';
import type { FastWindow, MemoryCode } from './memory-code.js';
import { type Taken, UnitExits } from './unit-exits.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** Turns at most, so that no address leaves 32 bits. */
const MOST_TURNS = 1 << 18;

export interface CountedCodeOptions {
  readonly f: WasmFunction;
  readonly code: BlockCode;
  readonly memory: MemoryCode;
  readonly exits: UnitExits;
  readonly clock: Local;
  readonly ram: FastWindow;
  /** What a turn takes that another one follows. */
  readonly turn: Taken;
  /** Emits a turn; inside, `again` emits what follows the decision for another one. */
  emitTurn(again: () => void): void;
  /** Emits the way on behind the last turn. */
  emitEnd(): void;
}

/** At the head of the loop's own code, with registers in their locals. */
export function emitCounted(loop: CountedLoop, options: CountedCodeOptions): void {
  const { f, memory, exits, clock, turn } = options;
  /** Turns that follow the first one, and those that still do. */
  const more = f.local('i32');
  const amount = UnitExits.amount(turn);
  pushDistance(loop, options);
  f.tee(more);
  f.const(Math.abs(loop.step) - 1).op('i32.and', 'i32.eqz');
  f.get(more).const(shiftOf(loop)).op('i32.shr_u').tee(more).const(MOST_TURNS).op('i32.lt_u', 'i32.and');
  for (const base of loop.bases) pushInside(base, more, options);
  f.get(clock).get(more).op('i64.extend_i32_u').constLong(1).op('i64.add').constLong(amount);
  f.op('i64.mul', 'i64.sub').constLong(0).op('i64.lt_s', 'i32.eqz', 'i32.and').if('counted');
  const label = `turns ${more.index}`;
  f.loop(label);
  exits.chargeTurns = () => {
    f.get(clock).get(more);
    pushDistance(loop, options);
    f.const(shiftOf(loop)).op('i32.shr_u', 'i32.sub', 'i64.extend_i32_u').constLong(amount);
    f.op('i64.mul', 'i64.sub').set(clock);
  };
  memory.isChecked = true;
  options.emitTurn(() => f.branch(label));
  f.end();
  memory.isChecked = false;
  exits.chargeTurns = () => undefined;
  f.get(clock).get(more).op('i64.extend_i32_u').constLong(amount).op('i64.mul', 'i64.sub').set(clock);
  options.emitEnd();
  f.end();
}

const shiftOf = ({ step }: CountedLoop): number => 31 - Math.clz32(Math.abs(step));

/** How far the difference is from zero, in the direction in which it goes. */
function pushDistance({ difference, step }: CountedLoop, { f, code }: CountedCodeOptions): void {
  const { register, minus, value } = difference;
  if (step > 0) f.const(0);
  f.get(code.slots.local(register));
  if (minus !== undefined) f.get(code.slots.local(minus)).op('i32.sub');
  f.const(value).op('i32.add');
  if (step > 0) f.op('i32.sub');
}

/** Joins to the condition on the stack: a base's accesses are aligned and in RAM, first turn to last. */
function pushInside(base: LoopBase, more: Local, { f, code, ram }: CountedCodeOptions): void {
  const { register, low, high, step, alignment } = base;
  const room = ram.size - (high - low) + 1;
  const start = f.local('i32');
  f.get(code.slots.local(register))
    .const((low - ram.start) | 0)
    .op('i32.add')
    .tee(start);
  f.const(room).op('i32.lt_u', 'i32.and');
  if (alignment > 1)
    f.get(start)
      .const(alignment - 1)
      .op('i32.and', 'i32.eqz', 'i32.and');
  if (step === 0) return;
  f.get(start).get(more).const(step).op('i32.mul', 'i32.add').const(room).op('i32.lt_u', 'i32.and');
}

/** What blocks take that run one after the other, when their jumps are taken. */
export function turnOf(blocks: readonly Block[]): Taken {
  const ways = blocks.flatMap(({ nodes, last }) =>
    nodes.map((node) => (node === last ? (node.taken ?? node.next) : (node.next ?? node.taken)) as Way),
  );
  return { cycles: ways.reduce((sum, { cycles }) => sum + cycles, 0), instructions: ways.length };
}
