/** The ways on from the end of a block: to other blocks, to other functions, back to the caller. */
import type { BlockCode } from './block-code.js';
import type { Jump } from './block-ops.js';
import type { Block } from './blocks.js';
import type { FlowNode } from './flow-graph.js';
import type { FunctionPlan } from './function-plan.js';
import type { CodeSource, InstructionNode, Way } from './instruction-graph.js';
import type { MeasuredCode } from './measured-code.js';
import { emitChoice, UNWANTED } from './router-code.js';
import type { Shape } from './shape.js';
import type { Slots } from './slots.js';
import { EXIT, type UnitExits } from './unit-exits.js';
import type { Value } from './value.js';
import type { Local, WasmFunction } from './wasm-function.js';

/** Words that a call takes of the stack beside the function's locals. */
const LEAST_WEIGHT = 16;

/** Emits the way to a node of the control flow. */
type GoTo = (to: FlowNode) => void;

export interface JumpParts {
  readonly f: WasmFunction;
  readonly code: BlockCode;
  readonly slots: Slots;
  readonly exits: UnitExits;
  readonly measured: MeasuredCode;
  readonly plan: FunctionPlan;
  readonly pc: Local;
  readonly clock: Local;
  readonly depth: Local;
  readonly wanted: Local;
  readonly options: {
    readonly source: CodeSource;
    readonly functionType: number;
    tableIndex(address: number): number;
  };
}

export class UnitJumps {
  /** Functions that are called. */
  readonly callees = new Set<number>();
  private readonly parts: JumpParts;

  constructor(parts: JumpParts) {
    this.parts = parts;
  }

  /** After the last instruction of a block has run, which jumps. */
  emit(block: Block, { condition, target }: Jump, goTo: GoTo): void {
    const { jump } = block.last.shape as Shape;
    if (jump === 'direct') this.emitDirect(block, condition, goTo);
    else if (jump === 'computed') this.emitComputed(block, target, goTo);
    else this.emitExchange(block, target, goTo);
  }

  private emitDirect(block: Block, condition: Value | undefined, goTo: GoTo): void {
    const { code, f } = this.parts;
    const { last: node } = block;
    if (condition !== undefined) code.push(condition);
    code.writeBack();
    if (condition === undefined) {
      this.emitTaken(block, goTo);
      return;
    }
    const { taken } = this.parts.exits;
    f.if('taken');
    this.emitTaken(block, goTo);
    f.end();
    this.parts.exits.taken = taken;
    this.goOn(block, node.next as Way, goTo);
  }

  private emitTaken(block: Block, goTo: GoTo): void {
    const { last: node } = block;
    if (node.taken !== undefined) this.goOnTaken(block, node.taken, goTo);
    else if (node.returns !== undefined)
      this.emitCall(block, node.returns, (node.shape as Shape).target, goTo);
    else this.emitTailCall(node);
  }

  private goOnTaken(block: Block, way: Way, goTo: GoTo): void {
    this.parts.measured.jumping(block.last, way.to);
    this.goOn(block, way, goTo);
  }

  /** The way to another block of this function. */
  goOn(block: Block, way: Way, goTo: GoTo): void {
    this.parts.exits.account(way.cycles);
    this.parts.exits.charge();
    this.goToBlock(block, way.to, goTo);
  }

  goToBlock(block: Block, to: InstructionNode, goTo: GoTo): void {
    const { f, plan, wanted } = this.parts;
    const inside = plan.flow.wants.get(`${block.index} ${block.last.successors.indexOf(to)}`);
    if (inside !== undefined) f.const(inside).set(wanted);
    goTo(plan.wayTo(block, to));
  }

  /** A branch to a value with bit 0 set; what has it clear, or returns from an exception, leaves. */
  private emitExchange(block: Block, target: Value, goTo: GoTo): void {
    const { code, f, pc } = this.parts;
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
    this.parts.measured.movedLast(node);
    const { taken } = this.parts.exits;
    const { returns } = node;
    const known = returns === undefined ? [] : this.parts.options.source.calledFrom(node.address);
    if (returns !== undefined) {
      emitChoice(
        f,
        pc,
        [...known].sort((a, b) => a - b),
        (callee) => {
          this.parts.exits.taken = taken;
          this.emitCall(block, returns, callee, goTo);
        },
      );
    }
    this.parts.exits.taken = taken;
    this.parts.exits.leaveTaken(node);
  }

  private emitComputed(block: Block, target: Value, goTo: GoTo): void {
    const { code, f } = this.parts;
    const { last: node } = block;
    code.push(target).set(this.parts.pc);
    code.writeBack();
    const cases = new Map(node.cases.map((way) => [way.to.address, way]));
    const { taken } = this.parts.exits;
    emitChoice(
      f,
      this.parts.pc,
      [...cases.keys()].sort((a, b) => a - b),
      (address) => {
        this.parts.exits.taken = taken;
        this.goOnTaken(block, cases.get(address) as Way, goTo);
      },
    );
    this.parts.exits.taken = taken;
    this.parts.exits.leaveTaken(node);
  }

  /** To the start of another function, with everything in memory. */
  private pushArguments(target: number): void {
    const { f } = this.parts;
    this.callees.add(target);
    f.const(UNWANTED).get(this.parts.depth);
    f.gap(() => this.pushWeight())
      .op('i32.sub')
      .get(this.parts.clock);
    f.const(this.parts.options.tableIndex(target));
  }

  /** What of the depth a call from here takes: by how much WebAssembly's stack may grow. */
  private pushWeight(): void {
    const { f } = this.parts;
    f.const(LEAST_WEIGHT + f.localCount);
  }

  private emitTailCall(node: InstructionNode): void {
    const { f, slots } = this.parts;
    const { target } = node.shape as Shape;
    if (node.jump.state !== this.parts.options.source.timing.plain) {
      f.const(target).set(this.parts.pc);
      this.parts.exits.leaveTaken(node);
      return;
    }
    this.parts.exits.account(node.jump.cycles);
    this.parts.exits.charge();
    f.gap(() => slots.emitStores(f));
    this.parts.measured.branched(node, target);
    this.pushArguments(target);
    f.returnCallIndirect(this.parts.options.functionType);
  }

  private emitCall(block: Block, returns: InstructionNode, target: number, goTo: GoTo): void {
    const { f, slots, clock, pc, options } = this.parts;
    const { last: node } = block;
    f.const(target).set(pc);
    if (node.jump.state !== options.source.timing.plain) {
      this.parts.exits.leaveTaken(node);
      return;
    }
    this.parts.exits.account(node.jump.cycles);
    this.parts.exits.charge();
    f.get(this.parts.depth)
      .gap(() => this.pushWeight())
      .op('i32.le_s')
      .if('too deep');
    this.parts.measured.leaving(node);
    f.branch(EXIT).end();
    f.gap(() => slots.emitStores(f));
    this.parts.measured.branched(node, target);
    this.pushArguments(target);
    f.callIndirect(options.functionType).set(clock).tee(pc);
    f.const(returns.address).op('i32.ne').if('elsewhere').get(pc).get(clock).return().end();
    f.gap(() => slots.emitLoads(f));
    this.goToBlock(block, returns, goTo);
  }
}
