/**
 * One function of the guest as one WebAssembly function.
 *
 * It takes the block to begin with, how deep calls may still go, and the clock; it gives the guest's pc and
 * the clock. Its caller compares that pc with its own return address, and gives it back in turn when it is
 * another: so the WebAssembly stack is only a cache, and everything unwinds by itself. Registers are in
 * locals while it runs, and in the state's memory whenever it calls or ends.
 *
 * The clock is one number that counts down: cycles in its upper half, instructions in the lower. It is looked
 * at where functions start, calls return and loops turn, and the cycles between two looks are bounded.
 */
import { X, X_OFFSET } from '../core/state.js';
import { ConditionPassed } from '../isa/pseudocode.js';
import { BlockCode } from './block-code.js';
import { BlockOps, type Symbolic } from './block-ops.js';
import { type Block, upcomingAccesses } from './blocks.js';
import { emitCounted, turnOf } from './counted-code.js';
import { type CountedLoop, countedLoop } from './counted-loop.js';
import type { FloatCall } from './float-ops.js';
import type { FlowNode } from './flow-graph.js';
import { FunctionPlan } from './function-plan.js';
import { emitHostAccess } from './host-access.js';
import { type InstructionNode, passesIn, type Reach, type Way } from './instruction-graph.js';
import { MeasuredCode } from './measured-code.js';
import { MemoryCode, type MemoryCodeOptions } from './memory-code.js';
import { emitRouter, UNWANTED } from './router-code.js';
import { Slots } from './slots.js';
import { emitStructured } from './structure.js';
import type { UnitFunction, UnitOptions } from './unit.js';
import { EXIT, NOTHING_TAKEN, UnitExits } from './unit-exits.js';
import { UnitJumps } from './unit-jumps.js';
import type { Value } from './value.js';
import { type Local, WasmFunction } from './wasm-function.js';

/** @param seeds addresses at which the function is known to be entered, its start first */
export function translateFunction(seeds: readonly number[], options: UnitOptions): UnitFunction {
  return new FunctionBuilder(seeds, options).build();
}

class FunctionBuilder {
  private readonly f = new WasmFunction(['i32', 'i32', 'i64']);
  private readonly wanted = this.f.parameter(0);
  private readonly depth = this.f.parameter(1);
  private readonly clock = this.f.parameter(2);
  private readonly pc: Local;
  private readonly slots = new Slots(this.f);
  private readonly code: BlockCode;
  private readonly ops: BlockOps;
  private readonly plan: FunctionPlan;
  private readonly exits: UnitExits;
  private readonly memory: MemoryCode;
  private readonly jumps: UnitJumps;
  private readonly measured: MeasuredCode;
  private readonly counted = new Map<Block, CountedLoop>();
  /** The instruction being translated. */
  private node: InstructionNode;

  constructor(
    seeds: readonly number[],
    private readonly options: UnitOptions,
  ) {
    this.plan = new FunctionPlan(options.source, seeds);
    this.node = this.start.first;
    this.pc = this.f.local('i32');
    this.exits = new UnitExits(this.f, this.pc, this.clock, options.source.timing.plain, (node) =>
      this.measured.leaving(node),
    );
    const { f, slots, exits, pc, clock, depth, wanted } = this;
    this.code = new BlockCode({
      f,
      slots,
      leave: (setRegisters) => exits.leaveAt(this.node, setRegisters),
    });
    this.measured = new MeasuredCode({
      ...{ code: this.code, exits, pc, clock, source: options.source },
      call: (name) => void f.call(options.hostFunction(name)).set(this.code.temporary('i32')),
      leaveBefore: (node) => {
        this.node = node;
      },
    });
    const { code, plan, measured } = this;
    this.memory = new MemoryCode(code, this.memoryOptions());
    this.jumps = new UnitJumps({
      ...{ f, code, slots, exits, measured, plan },
      ...{ pc, clock, depth, wanted, options },
    });
    this.ops = new BlockOps(
      this.code,
      this.memory,
      {
        chargeDivide: (signed) => {
          this.f.call(options.hostFunction(signed ? 'chargeDivideSigned' : 'chargeDivideUnsigned'));
          this.chargePopped();
        },
      },
      this.floatOptions(),
    );
  }

  private memoryOptions(): MemoryCodeOptions {
    const { code, exits, options } = this;
    const { source, ram, rom } = options;
    const parts = { code, exits, call: options.hostFunction };
    return {
      ram,
      rom,
      slow: {
        load: (access) => emitHostAccess('load', access, parts),
        store: (access) => emitHostAccess('store', access, parts),
      },
      unaligned: options.trapsUnaligned
        ? undefined
        : { extra: source.timing.unalignedExtra, charge: () => this.chargePopped() },
      constantByte: source.constantByte,
      storing: source.measured?.watchesStores ? (...store) => this.measured.storing(...store) : undefined,
    };
  }

  /** Cycles on the stack, off the clock. */
  private chargePopped(): void {
    this.exits.chargeExtra(this.code.popped('i32').local as Local);
  }

  private get start(): Block {
    return this.plan.entries[0] as Block;
  }

  private floatOptions() {
    const { f, options } = this;
    const address = X_OFFSET + 4 * X.FPSCR;
    const value = f.local('i32');
    return {
      exact: options.floatMode === 'exact',
      call: (name: FloatCall) => void f.call(options.hostFunction(name)),
      storeFPSCR: () => void f.set(value).const(0).get(value).memory('i32.store', address),
      loadFPSCR: () => void f.const(0).memory('i32.load', address),
    };
  }

  build(): UnitFunction {
    const { f, slots } = this;
    f.gap(() => slots.emitLoads(f));
    f.block(EXIT);
    this.findCounted();
    emitStructured(f, {
      root: this.plan.flow.root.node,
      successorsOf: (node) => this.successorsOf(node),
      lastOf: (node) => this.plan.lastOf(node),
      emit: (node, goTo) => this.emitNode(node, goTo),
    });
    f.unreachable().end();
    f.gap(() => slots.emitStores(f));
    this.measured.left();
    f.get(this.pc).get(this.clock);
    return {
      body: f.body(),
      entries: this.plan.entries
        .filter(({ first }) => !first.leaves)
        .map(({ first, index }) => ({
          address: first.address,
          timingState: first.timingState,
          block: this.entryOf(index),
        })),
      longestStretch: this.plan.longestStretch,
      callees: this.jumps.callees,
      left: this.plan.left,
      covered: this.plan.covered,
      isCut: this.plan.isCut,
    };
  }

  private entryOf(block: number): number {
    return block === this.start.index ? UNWANTED : block;
  }

  private emitNode(node: FlowNode, goTo: (to: FlowNode) => void): void {
    const { f, wanted, plan } = this;
    const { flow, blocks } = plan;
    const router = flow.routers.get(node);
    if (router === undefined) this.emitBlock(blocks[node] as Block, goTo);
    else emitRouter({ f, wanted, flow, start: this.start.index }, router, goTo);
  }

  private emitBlock(block: Block, goTo: (to: FlowNode) => void): void {
    const { code, f } = this;
    this.beginBlock();
    this.exits.taken = NOTHING_TAKEN;
    this.node = block.first;
    if (this.plan.looks.has(block) && !block.first.leaves) {
      f.get(this.clock).constLong(0).op('i64.lt_s');
      code.beginInstruction();
      code.leaveIf();
      this.emitCounted(block, goTo);
    }
    this.emitUpToEnd(block);
    this.emitEnd(block, goTo);
  }

  private beginBlock(): void {
    this.code.beginBlock();
    this.memory.beginBlock();
  }

  private emitUpToEnd(block: Block): void {
    for (const node of block.nodes) {
      this.node = node;
      if (node !== block.last) this.emitInside(node, block);
    }
  }

  private findCounted(): void {
    if (this.options.floatMode === 'exact') return;
    const isPlain = (node: InstructionNode): boolean =>
      !node.leaves && this.reachOf(node) === 'ram' && !this.measured.follows(node);
    for (const block of this.plan.looks) {
      const loop = countedLoop(block, (node) => this.plan.blockAt(node), isPlain);
      if (loop !== undefined) this.counted.set(block, loop);
    }
  }

  /** The way on from a counted loop is emitted once more, behind its turns without tests. */
  private successorsOf(node: FlowNode): readonly FlowNode[] {
    const ways = this.plan.successorsOf(node);
    const block = this.plan.blocks[node];
    if (block === undefined || !this.counted.has(block)) return ways;
    return [...ways, this.plan.wayTo(block, (block.last.next as Way).to)];
  }

  /** A loop whose turns are known is run here; where they cannot be, its own code follows. */
  private emitCounted(block: Block, goTo: (to: FlowNode) => void): void {
    const loop = this.counted.get(block);
    if (loop === undefined) return;
    const { f, code, exits, clock, options } = this;
    const next = block.last.next as Way;
    emitCounted(loop, {
      f,
      code,
      memory: this.memory,
      exits,
      clock,
      ram: options.ram,
      turn: turnOf([block, ...loop.behind]),
      emitTurn: (again) => this.emitTurn(block, loop.behind, again),
      emitEnd: () => {
        exits.taken = {
          ...turnOf([block]),
          cycles: turnOf([block]).cycles - block.last.jump.cycles + next.cycles,
        };
        exits.charge();
        this.jumps.goToBlock(block, next.to, goTo);
      },
    });
    this.beginBlock();
    exits.taken = NOTHING_TAKEN;
    this.node = block.first;
  }

  private emitTurn(head: Block, behind: readonly Block[], again: () => void): void {
    const { code, f, exits } = this;
    this.beginBlock();
    this.emitUpToEnd(head);
    this.measured.begin(head.last);
    this.emitMeaning(head.last, head);
    code.push(this.ops.jump?.condition as Value);
    code.writeBack();
    f.if('another turn');
    exits.taken = NOTHING_TAKEN;
    for (const block of behind) {
      this.beginBlock();
      this.emitUpToEnd(block);
      this.node = block.last;
      this.measured.begin(block.last);
      this.emitMeaning(block.last, block);
      code.writeBack();
    }
    again();
    f.end();
  }

  /** An instruction after which the next one of its block comes. */
  private emitInside(node: InstructionNode, block: Block): void {
    const way = (node.next ?? node.taken ?? node.skipped) as Way;
    this.measured.begin(node);
    if (passesIn(node) !== false) this.emitMeaning(node, block);
    this.exits.account(way.cycles);
    this.lookAfter(node, way.to);
    this.measured.moved(node, way.to);
  }

  /** As one of several of an instruction, an access that a device sees is not made. */
  private reachOf({ shape, address }: InstructionNode): Reach {
    const reach = this.options.source.reachOf(address);
    const accesses = shape === undefined ? 0 : shape.loads + shape.stores;
    if (reach === 'ram' || accesses === 0) return reach === 'memory' ? 'ram' : reach;
    return accesses === 1 && shape?.jump === 'none' ? 'host' : 'memory';
  }

  /** After the slow way to memory: a device may have asked for attention. */
  private lookAfter(node: InstructionNode, next: InstructionNode): void {
    const accesses = (node.shape?.loads ?? 0) + (node.shape?.stores ?? 0);
    if (accesses === 0 || this.reachOf(node) !== 'host') return;
    const { code, exits } = this;
    exits.pushIsOver();
    code.beginInstruction();
    this.node = next;
    code.leaveIf();
  }

  private emitMeaning(node: InstructionNode, block: Block): void {
    const { decoded, shape, address, itState } = node;
    if (decoded === undefined || shape === undefined) return;
    if (shape.usesFloat && this.options.floatMode === 'none') throw new RangeError('floating point is off');
    this.memory.upcoming = (register) => upcomingAccesses(block, node, register);
    const words = Math.max(shape.loads, shape.stores);
    const reach = this.reachOf(node);
    this.ops.begin({ address, inITBlock: itState !== 0, usesFloat: shape.usesFloat, words, reach });
    decoded.insn.meaning<Symbolic>(this.ops, decoded.fields);
    this.measured.replaced(node);
  }

  private emitEnd(block: Block, goTo: (to: FlowNode) => void): void {
    const { last: node } = block;
    const { code, f } = this;
    if (node.leaves) {
      code.writeBack();
      this.exits.leaveAt(node);
      return;
    }
    const passes = passesIn(node);
    this.measured.begin(node);
    if (passes === undefined) {
      code.beginInstruction();
      code.push(ConditionPassed<Symbolic>(this.ops, node.itState >>> 4));
      code.writeBack();
      const { taken } = this.exits;
      f.if('passed');
      this.beginBlock();
      this.emitRun(block, goTo);
      f.end();
      this.exits.taken = taken;
      this.goOnSkipped(block, node.skipped as Way, goTo);
    } else if (passes) {
      this.emitRun(block, goTo);
    } else {
      code.writeBack();
      this.goOnSkipped(block, node.skipped as Way, goTo);
    }
  }

  private goOnSkipped(block: Block, way: Way, goTo: (to: FlowNode) => void): void {
    this.beginBlock();
    this.exits.account(way.cycles);
    this.measured.moved(block.last, way.to);
    this.exits.charge();
    this.jumps.goToBlock(block, way.to, goTo);
  }

  /** The last instruction of a block, when its condition holds. */
  private emitRun(block: Block, goTo: (to: FlowNode) => void): void {
    const { last: node } = block;
    this.emitMeaning(node, block);
    const { code, ops } = this;
    if (ops.jump === undefined) {
      const next = node.next as Way;
      this.exits.account(next.cycles);
      this.lookAfter(node, next.to);
      this.measured.moved(node, next.to);
      code.writeBack();
      this.exits.charge();
      this.jumps.goToBlock(block, next.to, goTo);
      return;
    }
    this.jumps.emit(block, ops.jump, goTo);
  }
}
