/**
 * A timing model's steps, tabulated for each kind of instruction by automaton state and outcome as they
 * come up.
 */
import type { AnyFields, Insn } from '../isa/insn.js';
import type { TimingModel } from './automaton.js';
import { type Facts, factsKey, factsOf } from './facts.js';

/** As many as V8 keeps in its own heap: most tables need no more. */
const FIRST_STEPS = 16;
const TAKEN = 1;
const SKIPPED = 2;

/** The steps of all instructions with the same facts. */
export class StepTable {
  /** At `state * 4 + outcome`: 0 when not known yet, else `next state << 9 | cycles << 1 | 1`. */
  steps = new Int32Array(FIRST_STEPS);
  readonly takesExtra: boolean;
  readonly setsOutcome: boolean;
  private readonly model: TimingModel;
  private readonly facts: Facts;

  constructor(model: TimingModel, facts: Facts) {
    this.model = model;
    this.facts = facts;
    this.takesExtra = facts.loads + facts.stores > 0 || facts.cycles === 'divide';
    this.setsOutcome = facts.writesPC;
  }

  fill(index: number): number {
    if (index >= this.steps.length) {
      const larger = new Int32Array(Math.max(index + 1, this.steps.length * 2));
      larger.set(this.steps);
      this.steps = larger;
    }
    const happened = { taken: (index & TAKEN) !== 0, skipped: (index & SKIPPED) !== 0 };
    const { cycles, state } = this.model.retire(index >>> 2, this.facts, happened);
    const step = (state << 9) | (cycles << 1) | 1;
    this.steps[index] = step;
    return step;
  }
}

export class StepTables {
  private readonly tables = new Map<string, StepTable>();
  private readonly model: TimingModel;

  constructor(model: TimingModel) {
    this.model = model;
  }

  tableFor(
    decoded: { readonly insn: Insn; readonly fields: AnyFields; readonly size: 2 | 4 },
    address: number,
    inITBlock: boolean,
  ): StepTable {
    const facts = factsOf(decoded.insn, decoded.fields, decoded.size, address, inITBlock);
    const key = factsKey(facts);
    let table = this.tables.get(key);
    if (table === undefined) {
      table = new StepTable(this.model, facts);
      this.tables.set(key, table);
    }
    return table;
  }
}
