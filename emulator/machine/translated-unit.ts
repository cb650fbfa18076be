/** Joins the translator to a machine's core: its memory, its code, its timing model. */
import { factsOf } from '../timing/facts.js';
import { translate, type Unit, type UnitRange } from '../translate/translator.js';
import type { CoreComplex } from './core-complex.js';

const TAKEN = 1;
const SKIPPED = 2;

/**
 * Translates the code of `range` as it is reached from its start with the timing automaton in its present
 * state. Data accesses stay in the unit while they hit the RAM that comes first in the memory map.
 */
export function translateUnit(core: CoreComplex, range: UnitRange): Unit {
  const { hostMemory, state, memory, windows, timing, interpreter } = core;
  const ram = windows.find((window) => window.writable);
  if (ram === undefined) throw new RangeError('the MCU has no RAM');
  return translate(range, interpreter.timingState, {
    memory: hostMemory,
    ram,
    state,
    fetch: (address) => (memory.windowAt(address, 2)?.writable === false ? memory.fetch(address) : undefined),
    timing: {
      step: ({ insn, fields, size }, address, inITBlock, timingState, outcome) =>
        timing.retire(timingState, factsOf(insn, fields, size, address, inITBlock), {
          taken: (outcome & TAKEN) !== 0,
          skipped: (outcome & SKIPPED) !== 0,
        }),
    },
  });
}
