/**
 * One decoded instruction to one JavaScript function, by way of its source. Instructions that differ in
 * registers and constants alone share their source: those are its parameters.
 */

import { Outcome, X } from '../core/state.js';
import type { Decoded } from '../decode/decoder.js';
import { usesFloat } from '../isa/insn.js';
import { ConditionPassed, ITAdvance } from '../isa/pseudocode.js';
import type { Environment } from './environment.js';
import { SourceOps } from './source-ops.js';

/** Runs the instruction at `pc` and gives the next pc; an odd number says that X.SIGNAL is set. */
export type Execute = (pc: number) => number;
type Factory = (environment: Environment, ...parameters: readonly number[]) => Execute;

interface Source {
  readonly body: string;
  /** The numbers that it calls p0, p1 and so on. */
  readonly parameters: readonly number[];
}

/** Source to factory, for every machine of the process: as many as there are kinds of instructions. */
const factories = new Map<string, Factory>();

/** One for all: making one costs more than most meanings. */
const ops = new SourceOps();

/** @param itState the ITSTATE under which it runs, 0 outside an IT block */
export function compile(decoded: Decoded, itState: number, environment: Environment): Execute {
  const source = itState === 0 ? plainSource(decoded) : conditionalSource(decoded, itState);
  let factory = factories.get(source.body);
  if (factory === undefined) {
    factory = factoryOf(source, environment);
    factories.set(source.body, factory);
  }
  return factory(environment, ...source.parameters);
}

function factoryOf({ body, parameters }: Source, environment: Environment): Factory {
  const names = ['environment', ...parameters.map((_, k) => `p${k}`)];
  const members = new Set(body.match(/[A-Za-z]\w*/g));
  const used = [...members].filter((name) => Object.hasOwn(environment, name));
  const prologue = `'use strict';\nconst { ${used.join(', ')} } = environment;`;
  return new Function(...names, `${prologue}\nreturn function (pc) {\n${body}\n};`) as Factory;
}

/** FP instructions need the coprocessor, and what lazy stacking left behind to be stacked first. */
function floatCheck(decoded: Decoded): string {
  return usesFloat(decoded.insn) ? 'if (floatReady() !== 0) return 1;\n' : '';
}

function plainSource(decoded: Decoded): Source {
  ops.begin(undefined);
  decoded.insn.meaning(ops, decoded.fields);
  const notTaken = ops.jumps ? `X[${X.OUTCOME}] = 0;\n` : '';
  return {
    body: `${notTaken}${floatCheck(decoded)}${ops.body(decoded.size)}`,
    parameters: ops.parameters,
  };
}

function conditionalSource(decoded: Decoded, itState: number): Source {
  const nextIT = ITAdvance(itState);
  ops.begin(nextIT);
  decoded.insn.meaning(ops, decoded.fields);
  const run = `${floatCheck(decoded)}${ops.body(decoded.size)}`;
  const { parameters } = ops;
  if (decoded.insn.unconditional === true) return { body: `X[${X.OUTCOME}] = 0;\n${run}`, parameters };
  ops.begin(nextIT);
  const passed = ConditionPassed(ops, itState >>> 4);
  const skip = `X[${X.OUTCOME}] = ${Outcome.skipped}; X[${X.ITSTATE}] = ${nextIT};`;
  const body = `X[${X.OUTCOME}] = 0;
{
${ops.statements()}
if (!(${passed})) { ${skip} return pc + ${decoded.size} | 0; }
}
${run}`;
  return { body, parameters };
}
