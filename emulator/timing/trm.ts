/**
 * The Cortex-M4 TRM's cycle counts (Arm DDI 0439D, r0p1): tables 3-1 and 7-1, sections 3.3.2, 3.9.1, at
 * zero wait states. It knows nothing of fetch, flash or buses. Where the TRM gives a range (P, B, divides)
 * a parameter chooses.
 */
import { UserError } from '../errors.js';
import type { CycleClass } from '../isa/insn.js';
import { type Happened, type PipelineState, type Rule, StateNumbers, type TimingModel } from './automaton.js';
import type { Facts } from './facts.js';

/** Each is in cycles. P is the pipeline refill, 1 to 3. */
export const TRM_DEFAULTS = {
  /** P of B, BL, CBZ: the target is known early. Compiled code on silicon fits 1. */
  refillImmediate: 1,
  /** P of BX, BLX, MOV PC. Compiled code on silicon fits 2 (1.4 when left free). */
  refillRegister: 2,
  /** P of POP {PC} and LDM with PC. */
  refillLoad: 2,
  /** P of LDR PC, which "takes at least five cycles" (3.3.2). */
  refillLoadPC: 3,
  /** P of TBB and TBH, which take at least six. */
  refillTable: 4,
  /** MRS, MSR, CPS: 1 or 2. */
  system: 2,
  /** B of DMB and DSB. */
  barrier: 0,
  /** B of ISB, at least a refill. */
  refillBarrier: 3,
  /** VMOV between one core register and a single. Integer code on silicon fits 1. */
  moveCoreFloat: 2,
  /**
   * A divide: the least, then this plus a cycle for every `divideBits` bits of quotient. The TRM says 2 to
   * 12.
   */
  divideLeast: 2,
  divideOverhead: 4,
  divideBits: 4,
  exceptionEntry: 12,
  exceptionReturn: 10,
  tailChain: 6,
  /** S0-S15 and FPSCR, stored or loaded with a frame: 29 less 12, and 27 less 10. */
  floatFrame: 17,
};
export type TrmParameters = typeof TRM_DEFAULTS;

const FP_DIVIDE = 14;

const singleLoad: ReadonlySet<CycleClass> = new Set<CycleClass>(['load', 'loadLiteral', 'exclusive']);
const executeStage: ReadonlySet<CycleClass> = new Set<CycleClass>(['alu', 'multiply', 'divide']);
const floatArithmetic: ReadonlySet<CycleClass> = new Set<CycleClass>([
  'fpArithmetic',
  'fpMultiplyAccumulate',
  'fpDivide',
]);

/** Table 3-1 and 7-1 without P, which has a rule of its own. */
function tableCycles(facts: Facts, p: TrmParameters): number {
  const words = facts.loads + facts.stores;
  switch (facts.cycles) {
    case 'load':
    case 'loadLiteral':
    case 'exclusive':
    case 'storeRegister':
    case 'tableBranch':
    case 'fpMoveDual':
      return 2;
    case 'loadDual':
    case 'storeDual':
    case 'loadMultiple':
    case 'storeMultiple':
    case 'fpLoad':
    case 'fpStore':
    case 'fpLoadMultiple':
    case 'fpStoreMultiple':
      return 1 + words;
    case 'fpMultiplyAccumulate':
      return 3;
    case 'fpMoveCore':
      return p.moveCoreFloat;
    case 'system':
      return p.system;
    case 'barrier':
      return 1 + (facts.refetches ? p.refillBarrier : p.barrier);
    case 'divide':
      return p.divideLeast;
    default:
      return 1;
  }
}

function refill(facts: Facts, p: TrmParameters): number {
  if (facts.cycles === 'tableBranch') return p.refillTable;
  if (facts.loads > 0) return singleLoad.has(facts.cycles) ? p.refillLoadPC : p.refillLoad;
  return facts.cycles === 'branch' ? p.refillImmediate : p.refillRegister;
}

const isAccess = (facts: Facts): boolean => facts.loads + facts.stores > 0;

const RULES: readonly Rule<TrmParameters>[] = [
  {
    name: 'table',
    source: 'DDI 0439D tables 3-1 and 7-1; a skipped conditional instruction takes 1',
    cycles: (_s, facts, happened, p) => (happened.skipped ? 1 : tableCycles(facts, p)),
  },
  {
    name: 'refill',
    source: 'DDI 0439D table 3-1, P',
    cycles: (_s, facts, happened, p) => (happened.taken ? refill(facts, p) : 0),
  },
  {
    name: 'it-folded',
    source: 'DDI 0439D table 3-1: IT takes 0 when folded onto a preceding 16-bit instruction',
    cycles: (s, facts) => (facts.cycles === 'it' && s.narrow ? -1 : 0),
  },
  {
    name: 'load-pipelined',
    source: 'DDI 0439D 3.3.2: after an LDR whose destination is not its address, an LDR or STR saves a cycle',
    cycles: (s, facts, happened) => {
      // LDR PC blocks, and STR with an immediate offset takes one cycle already.
      const second = (singleLoad.has(facts.cycles) && !facts.writesPC) || facts.cycles === 'storeRegister';
      return second && !happened.skipped && s.loadPending !== 0 && (s.loadPending & facts.addressReads) === 0
        ? -1
        : 0;
    },
  },
  {
    name: 'address-from-execute',
    source: 'DDI 0439D 3.3.2: no forwarding from a data-processing result to an address',
    cycles: (s, facts, happened) =>
      isAccess(facts) && !happened.skipped && (s.computed & facts.addressReads) !== 0 ? 1 : 0,
  },
  {
    name: 'float-result-used',
    source:
      'DDI 0439D table 7-1: +1 when the next instruction consumes an FP result, but for a MAC its addend',
    cycles: (s, facts, happened) => {
      const addend = facts.cycles === 'fpMultiplyAccumulate' ? facts.floatWrites : 0;
      return !happened.skipped && (s.floatComputed & facts.floatReads & ~addend) !== 0 ? 1 : 0;
    },
  },
  {
    name: 'float-busy',
    source:
      'DDI 0439D table 7-1: VDIV and VSQRT run beside integer instructions; the next FP one waits for them',
    cycles: (s, facts, happened) => (facts.usesFloat && !happened.skipped ? s.floatBusy : 0),
  },
];

const START: PipelineState = { loadPending: 0, computed: 0, floatComputed: 0, floatBusy: 0, narrow: false };

function nextState(state: PipelineState, facts: Facts, happened: Happened, cycles: number): PipelineState {
  // A folded IT takes no place in the pipeline: what follows it meets the instruction before it.
  if (facts.cycles === 'it' && state.narrow) return { ...state, narrow: false };
  const ran = !happened.skipped;
  const busy =
    ran && facts.cycles === 'fpDivide'
      ? FP_DIVIDE - 1
      : facts.usesFloat && ran
        ? 0
        : state.floatBusy - cycles;
  const isLoad = singleLoad.has(facts.cycles) && !facts.writesPC;
  return {
    loadPending: ran && isLoad ? facts.writes : 0,
    computed: ran && executeStage.has(facts.cycles) ? facts.writes : 0,
    floatComputed: ran && floatArithmetic.has(facts.cycles) ? facts.floatWrites : 0,
    floatBusy: Math.max(busy, 0),
    narrow: !facts.wide && !happened.taken,
  };
}

/** Of any parameter: what an instruction costs fits a byte with it. */
const MOST_CYCLES = 64;

function checked(parameters: Readonly<Record<string, number>>): TrmParameters {
  for (const [name, value] of Object.entries(parameters)) {
    const known = Object.hasOwn(TRM_DEFAULTS, name);
    if (known && Number.isInteger(value) && value >= 0 && value <= MOST_CYCLES) continue;
    throw new UserError({
      code: 'timing-parameter',
      what: `timing.parameters.${name}`,
      got: String(value),
      expected: known
        ? `must be a whole number of cycles, 0 to ${MOST_CYCLES}`
        : 'is no parameter of the model trm',
      fix: `use one of ${Object.keys(TRM_DEFAULTS).join(', ')}`,
    });
  }
  return { ...TRM_DEFAULTS, ...parameters };
}

/**
 * @param overrides by name, in cycles @throws UserError for an unknown name or a value that is no count of
 * cycles
 */
export function trmModel(overrides: Readonly<Record<string, number>> = {}): TimingModel {
  const p = checked(overrides);
  const numbers = new StateNumbers();
  const explain: TimingModel['explain'] = (state, facts, happened) => {
    const before = numbers.state(state);
    return RULES.map((rule) => ({ rule: rule.name, cycles: rule.cycles(before, facts, happened, p) })).filter(
      (term) => term.cycles !== 0,
    );
  };
  return {
    name: 'trm/1',
    initial: numbers.numberOf(START),
    explain,
    describe: (state) => numbers.state(state),
    retire: (state, facts, happened) => {
      const before = numbers.state(state);
      let cycles = 0;
      for (const rule of RULES) cycles += rule.cycles(before, facts, happened, p);
      return { cycles, state: numbers.numberOf(nextState(before, facts, happened, cycles)) };
    },
    divideExtra: (dividend, divisor) => {
      if (divisor === 0 || dividend < divisor) return 0;
      const quotientBits = Math.clz32(divisor) - Math.clz32(dividend) + 1;
      return p.divideOverhead + Math.ceil(quotientBits / p.divideBits) - p.divideLeast;
    },
    unalignedExtra: (address, size, load) => (load ? (size === 4 && (address & 1) !== 0 ? 2 : 1) : 0),
    exceptionEntry: p.exceptionEntry,
    exceptionReturn: p.exceptionReturn,
    tailChain: p.tailChain,
    floatFrame: p.floatFrame,
  };
}
