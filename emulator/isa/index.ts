/**
 * The instruction table: every record, group by group. A new group is one more line here; a new record is
 * none.
 */
import { branch } from './branch.js';
import { dataProcessing16 } from './data-processing-16.js';
import { dataProcessing32 } from './data-processing-32.js';
import { dsp } from './dsp.js';
import { fpu } from './fpu.js';
import { fpuLoadStore } from './fpu-load-store.js';
import type { Insn } from './insn.js';
import { loadStore } from './load-store.js';
import { loadStoreMultiple } from './load-store-multiple.js';
import { memoryHint } from './memory-hint.js';
import { miscellaneous } from './miscellaneous.js';
import { multiply } from './multiply.js';
import { parallel } from './parallel.js';
import { system } from './system.js';

export const INSTRUCTIONS: readonly Insn[] = [
  ...dataProcessing16,
  ...dataProcessing32,
  ...multiply,
  ...miscellaneous,
  ...dsp,
  ...parallel,
  ...loadStore,
  ...loadStoreMultiple,
  ...memoryHint,
  ...branch,
  ...system,
  ...fpu,
  ...fpuLoadStore,
];
