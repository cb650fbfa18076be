/** All of a machine that its user or its program can see, and in what two machines differ. */
import { word, X } from '../../../../emulator/core/state.js';
import type { Machine } from '../../../../emulator/index.js';

/** Words beside R0-R15 and S0-S31 that a program can read, or that decide what it does next. */
const SEEN_WORDS = [
  ...(['ITSTATE', 'IPSR', 'PRIMASK', 'BASEPRI', 'FAULTMASK', 'CONTROL', 'OTHER_SP', 'SP_LOWEST'] as const),
  ...(['OTHER_SP_LOWEST', 'FPSCR', 'EXCLUSIVE', 'EVENT_REGISTER', 'LAZY_FP', 'NOT_THUMB'] as const),
];

/** Most differences told. */
const TOLD = 12;

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

function* registersOf(machine: Machine): Generator<readonly [string, number]> {
  const { state, exceptions } = machine.core;
  for (let n = 0; n < 16; n++) yield [`r${n}`, word(state.r, n)];
  for (let n = 0; n < 32; n++) yield [`s${n}`, word(state.s, n)];
  for (const name of SEEN_WORDS) yield [name, word(state.x, X[name])];
  yield ['xpsr', machine.xpsr];
  yield ['cycles', machine.cycles];
  yield ['instructions', machine.instructions];
  yield ['cfsr', exceptions.cfsr];
  yield ['hfsr', exceptions.hfsr];
}

/** What the instructions before have left behind in the pipeline: models number it as they meet it. */
function pipelineOf({ core }: Machine): string {
  return JSON.stringify(core.timing.describe(core.interpreter.timingState));
}

function memoryDifferences(a: Machine, b: Machine): string[] {
  return a.core.windows.flatMap(({ start, offset, size }) => {
    const [one, other] = [a, b].map(({ core }) => Buffer.from(core.hostMemory.buffer, offset, size));
    if (one === undefined || other === undefined || one.equals(other)) return [];
    const at = one.findIndex((byte, k) => byte !== other[k]) & ~3;
    return [`[${hex(start + at)}]: ${hex(one.readUInt32LE(at))} and ${hex(other.readUInt32LE(at))}`];
  });
}

/** In words, what is not the same on both; empty when everything is. */
export function differences(a: Machine, b: Machine): string[] {
  const others = registersOf(b);
  const told: string[] = [];
  for (const [name, value] of registersOf(a)) {
    const other = others.next().value?.[1];
    if (value === other) continue;
    const show = name === 'cycles' || name === 'instructions' ? String : hex;
    told.push(`${name}: ${show(value)} and ${show(other ?? 0)}`);
  }
  const [stacks, otherStacks] = [a, b].map((machine) => JSON.stringify(machine.stacks()));
  if (stacks !== otherStacks) told.push(`stacks: ${stacks} and ${otherStacks}`);
  const [pipeline, otherPipeline] = [a, b].map(pipelineOf);
  if (pipeline !== otherPipeline) told.push(`pipeline: ${pipeline} and ${otherPipeline}`);
  return [...told, ...memoryDifferences(a, b)].slice(0, TOLD);
}
