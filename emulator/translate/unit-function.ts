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
import type { Access } from '../isa/ops.js';
import { ConditionPassed } from '../isa/pseudocode.js';
import { BlockCode, type FastWindow } from './block-code.js';
import { BlockOps, type Symbolic } from './block-ops.js';
import { type Block, successorsOf } from './blocks.js';
import type { FloatCall } from './float-ops.js';
import type { FlowNode } from './flow-graph.js';
import { FunctionPlan } from './function-plan.js';
import {
  type CodeSource,
  type InstructionNode,
  passesIn,
  type Reach,
  type Way,
} from './instruction-graph.js';
import { type MeasuredCall, MeasuredCode } from './measured-code.js';
import { emitChoice, emitRouter, UNWANTED } from './router-code.js';
import type { Shape } from './shape.js';
import { Slots } from './slots.js';
import { emitStructured } from './structure.js';
import { EXIT, NOTHING_TAKEN, UnitExits } from './unit-exits.js';
import type { Value } from './value.js';
import { type Local, WasmFunction } from './wasm-function.js';

/** How the floating point of a unit is done: not at all, as FPSCR's usual modes allow, or in any mode. */
export type FloatMode = 'none' | 'fast' | 'exact';

export interface UnitOptions {
  readonly source: CodeSource;
  readonly ram: FastWindow;
  readonly rom: FastWindow;
  readonly floatMode: FloatMode;
  /** Number of an imported function. */
  hostFunction(name: HostFunction): number;
  /** The place in the table of functions of the guest function at an address. */
  tableIndex(address: number): number;
  /** Number of the type of all guest functions. */
  readonly functionType: number;
}

export type HostFunction =
  | 'chargeDivideSigned'
  | 'chargeDivideUnsigned'
  | 'load'
  | 'store'
  | FloatCall
  | MeasuredCall;

/** A block at which a function can be entered, from the state that goes with it. */
export interface UnitEntry {
  readonly address: number;
  readonly timingState: number;
  /** What the function's first parameter must be. */
  readonly block: number;
}

export interface UnitFunction {
  readonly body: Uint8Array;
  readonly entries: readonly UnitEntry[];
  /** Instructions translated. */
  readonly instructions: number;
  /** Functions that it calls. */
  readonly callees: ReadonlySet<number>;
  /** Instructions that it leaves to the interpreter; true for those that had not run. */
  readonly left: ReadonlyMap<number, boolean>;
}

/** Cycles between two looks at the clock at most, the longest block included. */
export const LONGEST_STRETCH = 200;

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
  private readonly callees = new Set<number>();
  private readonly exits: UnitExits;
  private readonly measured: MeasuredCode;
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
    this.code = new BlockCode({
      f: this.f,
      slots: this.slots,
      ram: options.ram,
      rom: options.rom,
      slow: {
        load: (access) => this.emitHostAccess('load', access),
        store: (access) => this.emitHostAccess('store', access),
      },
      constantByte: options.source.constantByte,
      storing: options.source.measured?.watchesStores
        ? (...store) => this.measured.storing(...store)
        : undefined,
      leave: () => this.exits.leaveAt(this.node),
    });
    this.measured = this.makeMeasured();
    this.ops = new BlockOps(
      this.code,
      {
        chargeDivide: (signed) => {
          this.f.call(options.hostFunction(signed ? 'chargeDivideSigned' : 'chargeDivideUnsigned'));
          this.exits.chargeExtra(this.code.popped('i32').local as Local);
        },
      },
      this.floatOptions(),
    );
  }

  private makeMeasured(): MeasuredCode {
    const { f, code, exits, pc, clock, options } = this;
    const ignored = f.local('i32');
    return new MeasuredCode({
      ...{ code, exits, pc, clock, source: options.source },
      call: (name) => void f.call(options.hostFunction(name)).set(ignored),
      leaveBefore: (node) => {
        this.node = node;
      },
    });
  }

  /** An access by the host: one that fails leaves the unit, for the interpreter to find it failing again. */
  private emitHostAccess(name: 'load' | 'store', access: Access): void {
    const { f, options, exits } = this;
    const [address, value] = [this.code.temporary('i32'), this.code.temporary('i32')];
    if (name === 'store') f.set(value);
    f.set(address);
    exits.aroundHost(() => {
      f.get(address);
      if (name === 'store') f.get(value);
      f.const(accessCode(access)).call(options.hostFunction(name)).set(value);
    });
    f.const(0).memory('i32.load', X_OFFSET + 4 * X.UNIT_FAILED);
    this.code.leaveIf();
    if (name === 'load') f.get(value);
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
    emitStructured(f, {
      root: this.plan.flow.root.node,
      successorsOf: (node) => this.plan.successorsOf(node),
      emit: (node, goTo) => this.emitNode(node, goTo),
    });
    f.unreachable().end();
    f.gap(() => slots.emitStores(f));
    this.measured.left();
    f.get(this.pc).get(this.clock);
    const nodes = this.plan.blocks.flatMap((block) => block.nodes);
    const left = nodes.filter((node) => node.leaves);
    return {
      body: f.body(),
      entries: this.plan.entries
        .filter(({ first }) => !first.leaves)
        .map(({ first, index }) => ({
          address: first.address,
          timingState: first.timingState,
          block: this.entryOf(index),
        })),
      instructions: nodes.length - left.length,
      callees: this.callees,
      left: new Map(left.map((node) => [node.address, node.decoded === undefined])),
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
    code.beginBlock();
    this.exits.taken = NOTHING_TAKEN;
    this.node = block.first;
    if (this.plan.looks.has(block) && !block.first.leaves) {
      f.get(this.clock).constLong(0).op('i64.lt_s');
      code.beginInstruction();
      code.leaveIf();
    }
    for (const node of block.nodes) {
      this.node = node;
      if (node !== block.last) this.emitInside(node, block);
    }
    this.emitEnd(block, goTo);
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
    const several = shape === undefined || shape.loads + shape.stores > 1 || shape.jump !== 'none';
    return reach === 'host' && several ? 'memory' : reach;
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
    this.code.reach = this.reachOf(node);
    this.code.upcoming = (register) => upcomingAccesses(block, node, register);
    const words = Math.max(shape.loads, shape.stores);
    this.ops.begin({ address, inITBlock: itState !== 0, usesFloat: shape.usesFloat, words });
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
      code.beginBlock();
      this.emitRun(block, goTo);
      f.else();
      this.exits.taken = taken;
      this.goOnSkipped(block, node.skipped as Way, goTo);
      f.end().unreachable();
    } else if (passes) {
      this.emitRun(block, goTo);
    } else {
      code.writeBack();
      this.goOnSkipped(block, node.skipped as Way, goTo);
    }
  }

  private goOnSkipped(block: Block, way: Way, goTo: (to: FlowNode) => void): void {
    this.code.beginBlock();
    this.exits.account(way.cycles);
    this.measured.moved(block.last, way.to);
    this.exits.charge();
    this.goToBlock(block, way.to, goTo);
  }

  /** The last instruction of a block, when its condition holds. */
  private emitRun(block: Block, goTo: (to: FlowNode) => void): void {
    const { last: node } = block;
    this.emitMeaning(node, block);
    const { code, ops } = this;
    const shape = node.shape as Shape;
    if (ops.jump === undefined) {
      const next = node.next as Way;
      this.exits.account(next.cycles);
      this.lookAfter(node, next.to);
      this.measured.moved(node, next.to);
      code.writeBack();
      this.exits.charge();
      this.goToBlock(block, next.to, goTo);
      return;
    }
    const { condition, target } = ops.jump;
    if (shape.jump === 'direct') this.emitDirect(block, condition, goTo);
    else if (shape.jump === 'computed') this.emitComputed(block, target, goTo);
    else this.emitExchange(block, target, goTo);
  }

  private emitDirect(block: Block, condition: Value | undefined, goTo: (to: FlowNode) => void): void {
    const { code, f } = this;
    const { last: node } = block;
    if (condition !== undefined) code.push(condition);
    code.writeBack();
    if (condition === undefined) {
      this.emitTaken(block, goTo);
      return;
    }
    const { taken } = this.exits;
    f.if('taken');
    this.emitTaken(block, goTo);
    f.end();
    this.exits.taken = taken;
    this.goOn(block, node.next as Way, goTo);
  }

  private emitTaken(block: Block, goTo: (to: FlowNode) => void): void {
    const { last: node } = block;
    if (node.taken !== undefined) this.goOnTaken(block, node.taken, goTo);
    else if (node.returns !== undefined)
      this.emitCall(block, node.returns, (node.shape as Shape).target, goTo);
    else this.emitTailCall(node);
  }

  private goOnTaken(block: Block, way: Way, goTo: (to: FlowNode) => void): void {
    this.measured.jumping(block.last, way.to);
    this.goOn(block, way, goTo);
  }

  /** The way to another block of this function. */
  private goOn(block: Block, way: Way, goTo: (to: FlowNode) => void): void {
    this.exits.account(way.cycles);
    this.exits.charge();
    this.goToBlock(block, way.to, goTo);
  }

  private goToBlock(block: Block, to: InstructionNode, goTo: (to: FlowNode) => void): void {
    const place = successorsOf(block.last).indexOf(to);
    const wanted = this.plan.flow.wants.get(`${block.index} ${place}`);
    if (wanted !== undefined) this.f.const(wanted).set(this.wanted);
    goTo((this.plan.flow.successors[block.index] as readonly FlowNode[])[place] as FlowNode);
  }

  /** A branch to a value with bit 0 set; what has it clear, or returns from an exception, leaves. */
  private emitExchange(block: Block, target: Value, goTo: (to: FlowNode) => void): void {
    const { code, f, pc } = this;
    const { last: node } = block;
    code
      .push(target)
      .const(1)
      .op('i32.rotr')
      .const(0x80000000)
      .op('i32.sub')
      .const(0x78000000)
      .op('i32.ge_u');
    code.leaveIf();
    code.push(target).const(1).op('i32.sub').set(pc);
    code.writeBack();
    this.measured.movedLast(node);
    const { taken } = this.exits;
    const { returns } = node;
    const known = returns === undefined ? [] : this.options.source.calledFrom(node.address);
    if (returns !== undefined) {
      emitChoice(
        f,
        pc,
        [...known].sort((a, b) => a - b),
        (callee) => {
          this.exits.taken = taken;
          this.emitCall(block, returns, callee, goTo);
        },
      );
    }
    this.exits.taken = taken;
    this.exits.leaveTaken(node);
  }

  private emitComputed(block: Block, target: Value, goTo: (to: FlowNode) => void): void {
    const { code, f } = this;
    const { last: node } = block;
    code.push(target).set(this.pc);
    code.writeBack();
    const cases = new Map(node.cases.map((way) => [way.to.address, way]));
    const { taken } = this.exits;
    emitChoice(
      f,
      this.pc,
      [...cases.keys()].sort((a, b) => a - b),
      (address) => {
        this.exits.taken = taken;
        this.goOnTaken(block, cases.get(address) as Way, goTo);
      },
    );
    this.exits.taken = taken;
    this.exits.leaveTaken(node);
  }

  /** To the start of another function, with everything in memory. */
  private pushArguments(target: number): void {
    const { f } = this;
    this.callees.add(target);
    f.const(UNWANTED).get(this.depth).const(1).op('i32.sub').get(this.clock);
    f.const(this.options.tableIndex(target));
  }

  private emitTailCall(node: InstructionNode): void {
    const { f, slots } = this;
    const { target } = node.shape as Shape;
    if (node.jump.state !== this.options.source.timing.plain) {
      f.const(target).set(this.pc);
      this.exits.leaveTaken(node);
      return;
    }
    this.exits.account(node.jump.cycles);
    this.exits.charge();
    f.gap(() => slots.emitStores(f));
    this.measured.branched(node, target);
    this.pushArguments(target);
    f.returnCallIndirect(this.options.functionType);
  }

  private emitCall(
    block: Block,
    returns: InstructionNode,
    target: number,
    goTo: (to: FlowNode) => void,
  ): void {
    const { f, slots, clock, pc, options } = this;
    const { last: node } = block;
    f.const(target).set(pc);
    if (node.jump.state !== options.source.timing.plain) {
      this.exits.leaveTaken(node);
      return;
    }
    this.exits.account(node.jump.cycles);
    this.exits.charge();
    f.get(this.depth).op('i32.eqz').if('too deep');
    this.measured.leaving(node);
    f.branch(EXIT).end();
    f.gap(() => slots.emitStores(f));
    this.measured.branched(node, target);
    this.pushArguments(target);
    f.callIndirect(options.functionType).set(clock).tee(pc);
    f.const(returns.address).op('i32.ne').if('elsewhere').get(pc).get(clock).return().end();
    f.gap(() => slots.emitLoads(f));
    this.goToBlock(block, returns, goTo);
  }
}

/** As the host's functions take it: size, 8 when signed, 16 when it must be aligned. */
function accessCode({ size, signed, aligned }: Access): number {
  return size | (signed === true ? 8 : 0) | (aligned === true && size > 1 ? 16 : 0);
}

/** Accesses by a register from an instruction on, up to one that writes it. */
function upcomingAccesses(block: Block, from: InstructionNode, register: number) {
  const accesses = [];
  for (let k = block.nodes.indexOf(from); k < block.nodes.length; k++) {
    const { shape, leaves } = block.nodes[k] as InstructionNode;
    if (shape === undefined || leaves) break;
    accesses.push(...shape.accesses.filter((access) => access.register === register));
    if ((shape.writes >>> register) & 1) break;
  }
  return accesses;
}
