/** Pairs of machines for tests, one of which can be made to go wrong. */

import type { ElfImage, Machine } from '../../../emulator/index.js';
import type { Instrument, Site } from '../../../emulator/interpret/instrument.js';
import { Lockstep, type LockstepEnd, type LockstepOptions } from '../../../harness/lockstep/lockstep.js';
import { Pair, sideOf } from '../../../harness/lockstep/pair.js';
import { profileOf } from '../../emulator/machine/guest-machine.js';
import type { WitnessMcu } from '../../witness/compiler.js';

export function pairOf(elf: ElfImage, mcu: WitnessMcu = 'stm32l496zg'): Pair {
  return new Pair(sideOf(profileOf(mcu), elf), sideOf(profileOf(mcu), elf, { translate: false }));
}

/** Runs a pair to its end. */
export function runPair(
  pair: Pair,
  elf: ElfImage,
  options: LockstepOptions,
): { readonly end: LockstepEnd; readonly console: string; readonly lockstep: Lockstep } {
  let console = '';
  const lockstep = new Lockstep(pair, elf, options, (text) => {
    console += text;
  });
  for (;;) {
    const end = lockstep.step();
    if (end !== undefined) return { end, console, lockstep };
  }
}

/**
 * Makes the instruction at an address do something more, whenever `when` says so: it is asked after each time
 * that the instruction has run.
 */
export function plant(machine: Machine, address: number, act: (machine: Machine) => void): void {
  const instrument: Instrument = (site: Site, execute) => {
    if (site.address !== address) return execute;
    return (pc) => {
      const next = execute(pc);
      act(machine);
      return next;
    };
  };
  machine.core.interpreter.addInstrument(instrument);
}
