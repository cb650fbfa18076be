/** Random states of the core, rich in boundary values, and fit for one instruction to run in. */
import type { Decoded } from '../../../emulator/decode/decoder.js';
import { SourceOps } from '../../../emulator/interpret/source-ops.js';
import type { CycleClass } from '../../../emulator/isa/insn.js';
import { type ArmState, CONTROL_FPCA, STATE_WORD, XPSR_T } from '../../witness/arm-state.js';
import { below, pick, type Random } from '../decode/random-words.js';
import { CODE, DATA, HOME } from './single-step.js';

const WORDS = [0, 1, 2, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];
const MORE_WORDS = [
  0xff, 0x100, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff, 0x10000, 0x55555555, 0xaaaaaaaa, 0x00ff00ff,
];

/** Where single precision turns: zeros, denormals, one, limits, infinities, NaNs quiet and signalling. */
export const SINGLES = [
  0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00400000, 0x00800000, 0x80800000,
  0x00800001, 0x01000000, 0x3f7fffff, 0x3f800000, 0xbf800000, 0x3f800001, 0x3f000000, 0x3fc00000, 0x40200000,
  0x4b000000, 0x4b7fffff, 0x4b800000, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000,
  0x33800000, 0x38800000, 0x387fe000, 0x33000000, 0x477fe000, 0x477ff000, 0x47800000, 0x7f000000, 0x7f7fffff,
  0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7fffffff, 0x7f800001, 0xffbfffff, 0x7f812345,
  // Half a unit of the largest single, a little less, and a whole one: rounding there overflows or does not.
  0x73000000, 0x72ffffff, 0x73800000,
];

const FPSCR_BITS = 0xf7c0009f;
const FPSCR_FLAGS = 0xf000009f;
const FPSCR_IXC = 0x10;
const SPSEL = 2;

/** Cycle classes whose records address memory through a base register n and perhaps an index m. */
const MEMORY: ReadonlySet<CycleClass> = new Set<CycleClass>([
  'load',
  'storeImmediate',
  'storeRegister',
  'exclusive',
  'loadDual',
  'storeDual',
  'loadMultiple',
  'storeMultiple',
  'tableBranch',
  'fpLoad',
  'fpStore',
  'fpLoadMultiple',
  'fpStoreMultiple',
]);
/** Those that load or store one word or less, which may be unaligned. */
const MAY_BE_UNALIGNED: ReadonlySet<CycleClass> = new Set<CycleClass>([
  'load',
  'storeImmediate',
  'storeRegister',
  'tableBranch',
]);

export function addressesMemory({ insn }: Decoded): boolean {
  return MEMORY.has(insn.cycles);
}

function anyWord(random: Random): number {
  switch (below(random, 8)) {
    case 0:
    case 1:
    case 2:
      return pick(random, WORDS);
    case 3:
      return pick(random, MORE_WORDS);
    case 4:
      return below(random, 40);
    default:
      return random();
  }
}

/** A random word of any bits would be huge or tiny; most here have exponents near 127. */
export function anySingle(random: Random): number {
  switch (below(random, 4)) {
    case 0:
      return pick(random, SINGLES);
    case 1:
      return random();
    case 2:
      return ((random() & 0x807fffff) | ((115 + below(random, 45)) << 23)) >>> 0;
    default:
      return ((random() & 0x80ffff00) | ((126 + below(random, 4)) << 23)) >>> 0;
  }
}

/** Half of them in the mode the compiler's code runs in, with and without IXC; the rest in any mode. */
export function anyFPSCR(random: Random): number {
  const bits = random() & FPSCR_BITS;
  const kept = random() & 1 ? bits : bits & FPSCR_FLAGS;
  return (random() & 1 ? kept | FPSCR_IXC : kept) >>> 0;
}

/**
 * ITSTATE inside a block: any condition but 1111, with one to four instructions to come. What writes the PC
 * must be the last.
 */
export function anyITState(decoded: Decoded, random: Random): number {
  return (below(random, 15) << 4) | (writesPC(decoded) ? 8 : 1 + below(random, 15));
}

function writesPC({ insn, fields }: Decoded): boolean {
  const ops = new SourceOps();
  ops.begin(undefined);
  insn.meaning(ops, fields);
  return ops.jumps;
}

export function inITState(xpsr: number, itState: number): number {
  return ((xpsr & ~0x0600fc00) | ((itState & 3) << 25) | ((itState >>> 2) << 10)) >>> 0;
}

function steerAddresses(state: ArmState, decoded: Decoded, random: Random): void {
  const { n = 13, m } = decoded.fields;
  const aligned = below(random, MAY_BE_UNALIGNED.has(decoded.insn.cycles) ? 3 : 30) > 0;
  if (n < 15 && n !== 13) {
    const address = DATA + 0x1800 + below(random, 0x800);
    state.r[n] = below(random, 20) === 0 ? anyWord(random) : aligned ? address & ~3 : address;
  }
  if (m !== undefined && m < 13 && m !== n)
    state.r[m] = aligned ? 4 * below(random, 32) : below(random, 128) - 64;
}

/** Branches by register mostly go to code, with bit 0 set. */
function steerTarget(state: ArmState, { m = 15 }: Readonly<Record<string, number>>, random: Random): void {
  if (m < 13 && below(random, 4) > 0) state.r[m] = CODE + (below(random, 0x3000) | 1);
}

/** BASEPRI has four bits on the modelled chip; a witness with eight agrees on multiples of 16. */
function steerPriority(state: ArmState, fields: Readonly<Record<string, number>>, random: Random): void {
  const { n = 15, s: SYSm } = fields;
  if (n >= 13) return;
  const isPriority = SYSm === 17 || SYSm === 18;
  state.r[n] = isPriority ? anyWord(random) & ~0xf : below(random, 2) === 0 ? random() & 7 : anyWord(random);
}

export function randomize(state: ArmState, decoded: Decoded, itState: number, random: Random): void {
  const { words } = state;
  words.fill(0);
  for (let n = 0; n < 15; n++) state.r[n] = anyWord(random);
  for (let n = 0; n < 32; n++) state.s[n] = anySingle(random);
  words[STATE_WORD.msp] = DATA + 0x1800 + 4 * below(random, 0x200);
  words[STATE_WORD.psp] = DATA + 0x1000 + 4 * below(random, 0x200);
  words[STATE_WORD.pc] = HOME + 2 * below(random, 4);
  state.xpsr = inITState(((random() & 0xf80f0000) | XPSR_T) >>> 0, itState);
  state.fpscr = anyFPSCR(random);
  state.primask = random() & 1;
  state.basepri = random() & 0xf0;
  state.faultmask = random() & 1;
  state.control = CONTROL_FPCA | (below(random, 8) === 0 ? SPSEL : 0);
  if (addressesMemory(decoded)) steerAddresses(state, decoded, random);
  if (decoded.insn.cycles === 'branchRegister') steerTarget(state, decoded.fields, random);
  if (decoded.insn.cycles === 'system') steerPriority(state, decoded.fields, random);
}
