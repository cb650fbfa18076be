/**
 * What must be watched of one instruction, read off its meaning when it is decoded. An instruction without a
 * plan runs as if nothing were measured.
 */

import type { Site } from '../../interpret/instrument.js';
import { factsOf } from '../../timing/facts.js';
import { shapeOf } from '../../translate/shape.js';
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

const SP = 1 << 13;
const LR = 1 << 14;

export function planOf(site: Site, functions: FunctionTable): SitePlan | undefined {
  const { address, decoded } = site;
  const { reads, writes, writesPC } = factsOf(decoded.insn, decoded.fields, decoded.size, address, false);
  const { jump, target, writesSpecial } = shapeOf(decoded, address, false);
  const here = functions.at(address);
  const links = writesPC && (writes & LR) !== 0;
  const stays = jump === 'direct' && here !== functions.outside && functions.at(target) === here;
  const plan: SitePlan = {
    address,
    branches: writesPC && (links || !stays),
    links,
    indirect: jump !== 'none' && jump !== 'direct',
    writesSP: (writes & SP) !== 0,
    replacesSP: writesSpecial || ((writes & SP) !== 0 && (reads & SP) === 0),
    entry: functions.isStart(address),
    fn: here.number,
  };
  return plan.branches || plan.writesSP || plan.replacesSP || plan.entry ? plan : undefined;
}
