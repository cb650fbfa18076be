/**
 * What must be watched of one instruction, read off its meaning when it is decoded. An instruction without a
 * plan runs as if nothing were measured.
 */

import type { Site } from '../../interpret/instrument.js';
import type { Ops, Values } from '../../isa/ops.js';
import { factsOf } from '../../timing/facts.js';
import type { FunctionTable } from './function-table.js';

export interface SitePlan {
  readonly address: number;
  /** Can leave the function it stands in. */
  readonly branches: boolean;
  /** Writes LR too: a call. */
  readonly links: boolean;
  /** Its target is not in the encoding: it may return. */
  readonly indirect: boolean;
  readonly writesSP: boolean;
  /** SP gets a value that was not made from SP, or another stack pointer is selected. */
  readonly replacesSP: boolean;
  /** First instruction of a function. */
  readonly entry: boolean;
  /** Number of the function it stands in. */
  readonly fn: number;
}

/** A constant of the program, or undefined. */
interface Constants extends Values {
  readonly i32: number | undefined;
}

interface Flow {
  /** Where it can branch to; undefined where registers or memory say. */
  readonly targets: readonly (number | undefined)[];
  readonly writesSpecial: boolean;
}

const SP = 1 << 13;
const LR = 1 << 14;

/** Carries constants through a meaning; of all operations only those matter that make a branch's target. */
function flowOf({ address, decoded: { insn, fields } }: Site): Flow {
  const targets: (number | undefined)[] = [];
  let writesSpecial = false;
  const branch = (target: number | undefined): void => {
    targets.push(target === undefined ? undefined : target >>> 0);
  };
  const known: Readonly<Record<string, unknown>> = {
    inITBlock: false,
    PC: () => (address + 4) | 0,
    imm: (value: number) => value,
    add: (a?: number, b?: number) => (a === undefined || b === undefined ? undefined : (a + b) | 0),
    if: (_condition: unknown, then: () => void, otherwise?: () => void) => {
      then();
      otherwise?.();
    },
    branch,
    branchExchange: branch,
    branchLinkExchange: branch,
    writeSpecial: () => {
      writesSpecial = true;
    },
  };
  const unknown = (): undefined => undefined;
  const ops = new Proxy(known, { get: (all, name) => all[String(name)] ?? unknown });
  insn.meaning(ops as unknown as Ops<Constants>, fields);
  return { targets, writesSpecial };
}

export function planOf(site: Site, functions: FunctionTable): SitePlan | undefined {
  const { address, decoded } = site;
  const { reads, writes, writesPC } = factsOf(decoded.insn, decoded.fields, decoded.size, address, false);
  const { targets, writesSpecial } = flowOf(site);
  const here = functions.at(address);
  const links = writesPC && (writes & LR) !== 0;
  const stays = (target: number | undefined): boolean =>
    target !== undefined && here !== functions.outside && functions.at(target) === here;
  const plan: SitePlan = {
    address,
    branches: writesPC && (links || !targets.every(stays)),
    links,
    indirect: targets.includes(undefined),
    writesSP: (writes & SP) !== 0,
    replacesSP: writesSpecial || ((writes & SP) !== 0 && (reads & SP) === 0),
    entry: functions.isStart(address),
    fn: here.number,
  };
  return plan.branches || plan.writesSP || plan.replacesSP || plan.entry ? plan : undefined;
}
