/** One decoded instruction to one JavaScript function, by way of its source. */

import { Outcome, X } from '../core/state.js';
import type { Decoded } from '../decode/decoder.js';
import { usesFloat } from '../isa/insn.js';
import { ConditionPassed, ITAdvance } from '../isa/pseudocode.js';
import type { Environment } from './environment.js';
import { SourceOps } from './source-ops.js';

/** Runs the instruction at `pc` and gives the next pc; an odd number says that X.SIGNAL is set. */
export type Execute = (pc: number) => number;
type Factory = (environment: Environment) => Execute;

/** Source to factory, for every machine of the process: as many as there are different instructions. */
const factories = new Map<string, Factory>();

/** @param itState the ITSTATE under which it runs, 0 outside an IT block */
export function compile(decoded: Decoded, itState: number, environment: Environment): Execute {
  const body = itState === 0 ? plainBody(decoded) : conditionalBody(decoded, itState);
  let factory = factories.get(body);
  if (factory === undefined) {
    factory = new Function(
      'environment',
      `${prologue(environment, body)}\nreturn function (pc) {\n${body}\n};`,
    ) as Factory;
    factories.set(body, factory);
  }
  return factory(environment);
}

/** Makes every member of the environment that the body may name a name of its own inside the function. */
function prologue(environment: Environment, body: string): string {
  const names = Object.keys(environment).filter((name) => body.includes(name));
  return `'use strict';\nconst { ${names.join(', ')} } = environment;`;
}

/** FP instructions need the coprocessor, and what lazy stacking left behind to be stacked first. */
function floatCheck(decoded: Decoded): string {
  return usesFloat(decoded.insn) ? 'if (floatReady() !== 0) return 1;\n' : '';
}

function plainBody(decoded: Decoded): string {
  const ops = new SourceOps(undefined);
  decoded.insn.meaning(ops, decoded.fields);
  const notTaken = ops.jumps ? `X[${X.OUTCOME}] = 0;\n` : '';
  return `${notTaken}${floatCheck(decoded)}${ops.body(decoded.size)}`;
}

function conditionalBody(decoded: Decoded, itState: number): string {
  const nextIT = ITAdvance(itState);
  const ops = new SourceOps(nextIT);
  decoded.insn.meaning(ops, decoded.fields);
  const run = `${floatCheck(decoded)}${ops.body(decoded.size)}`;
  if (decoded.insn.unconditional === true) return `X[${X.OUTCOME}] = 0;\n${run}`;
  const condition = new SourceOps(nextIT);
  const passed = ConditionPassed(condition, itState >>> 4);
  const skip = `X[${X.OUTCOME}] = ${Outcome.skipped}; X[${X.ITSTATE}] = ${nextIT};`;
  return `X[${X.OUTCOME}] = 0;
{
${condition.statements()}
if (!(${passed})) { ${skip} return pc + ${decoded.size} | 0; }
}
${run}`;
}
