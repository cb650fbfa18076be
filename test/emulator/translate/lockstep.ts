/** Runs a program on two machines, one translating and one interpreting, and compares them at every stop. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { word, X } from '../../../emulator/core/state.js';
import { type ElfImage, Machine, parseMcuProfile, type Stop } from '../../../emulator/index.js';

export function newMachine(elf: ElfImage, mcu: string, translate: boolean): Machine {
  const path = join(import.meta.dirname, '../../../profiles/mcu', `${mcu}.json`);
  const machine = new Machine(parseMcuProfile(JSON.parse(readFileSync(path, 'utf8')), mcu), { translate });
  machine.load(elf);
  return machine;
}

/** What must be the same at a sync point. */
function visibleState(machine: Machine): Record<string, unknown> {
  const { state, interpreter, exceptions, timing } = machine.core;
  return {
    r: [...state.r],
    s: [...state.s],
    xpsr: machine.xpsr,
    fpscr: word(state.x, X.FPSCR),
    lowestSP: word(state.x, X.SP_LOWEST),
    exclusive: word(state.x, X.EXCLUSIVE),
    cycles: machine.cycles,
    instructions: machine.instructions,
    timingState: timing.describe(interpreter.timingState),
    cfsr: exceptions.cfsr,
    bfar: exceptions.faultAddress,
  };
}

function ramOf(machine: Machine): Uint8Array {
  const { hostMemory, windows } = machine.core;
  const ram = windows.find((window) => window.writable);
  if (ram === undefined) throw new Error('no RAM');
  return new Uint8Array(hostMemory.buffer, ram.offset, ram.size);
}

/** @param stretch instructions up to the next comparison. @returns how the program ended, and the machine */
export function runLockstep(
  elf: ElfImage,
  mcu: string,
  most: number,
  stretch: (turn: number) => number,
): { readonly stop: Stop; readonly translated: Machine } {
  const [translated, interpreted] = [newMachine(elf, mcu, true), newMachine(elf, mcu, false)];
  for (let turn = 0; ; turn++) {
    const stop = translated.run({ maxInstructions: translated.instructions + stretch(turn) });
    const same = stop.reason === 'limit' ? { maxInstructions: translated.instructions } : {};
    expect(interpreted.run(same)).toEqual(stop);
    expect(visibleState(translated)).toEqual(visibleState(interpreted));
    const over = stop.reason !== 'limit' || translated.instructions >= most;
    if (over || turn % 16 === 0) expect(Buffer.compare(ramOf(translated), ramOf(interpreted))).toBe(0);
    if (over) return { stop, translated };
  }
}
