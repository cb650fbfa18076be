/** Runs a translated unit and the interpreter side by side, and compares everything between them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FPSCR } from '../../../emulator/core/floating-point.js';
import { word, X } from '../../../emulator/core/state.js';
import { type ElfImage, Machine, parseMcuProfile } from '../../../emulator/index.js';
import { translateUnit } from '../../../emulator/machine/translated-unit.js';
import type { Unit } from '../../../emulator/translate/translator.js';

const PROFILE = join(import.meta.dirname, '../../../profiles/mcu/stm32l496zg.json');

export function newMachine(elf: ElfImage): Machine {
  const machine = new Machine(parseMcuProfile(JSON.parse(readFileSync(PROFILE, 'utf8')), 'stm32l496zg'));
  machine.load(elf);
  return machine;
}

function symbolAddress(elf: ElfImage, name: string): number {
  const symbol = elf.symbol(name);
  if (symbol === undefined) throw new Error(`${elf.name} has no symbol ${name}`);
  return symbol.address;
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

export interface Lockstep {
  readonly unit: Unit;
  /** Times the unit was entered, and instructions it retired. */
  entries: number;
  unitInstructions: number;
  readonly translated: Machine;
  readonly interpreted: Machine;
}

/** Both machines run to `start`, as often as it takes for IXC to be set; the unit covers [start, end). */
export function startLockstep(elf: ElfImage, start: string | number, end: string | number): Lockstep {
  const from = typeof start === 'string' ? symbolAddress(elf, start) : start;
  const to = typeof end === 'string' ? symbolAddress(elf, end) : end;
  const [translated, interpreted] = [newMachine(elf), newMachine(elf)];
  for (const machine of [translated, interpreted]) {
    do {
      expect(machine.run({ addresses: [from], maxInstructions: 1e8 })).toEqual({
        reason: 'address',
        address: from,
      });
    } while ((word(machine.core.state.x, X.FPSCR) & FPSCR.IXC) === 0);
  }
  const unit = translateUnit(translated.core, { start: from, end: to });
  return { unit, entries: 0, unitInstructions: 0, translated, interpreted };
}

/** One stretch of at most `budget` cycles in the unit, or one instruction where it cannot be entered. */
function advance(lockstep: Lockstep, budget: number): void {
  const { translated, unit } = lockstep;
  const { clock, interpreter, state } = translated.core;
  clock.countToNext(translated.cycles + budget);
  const retired = unit.run(interpreter.timingState) ? word(state.x, X.RETIRED) : 0;
  if (retired === 0) {
    translated.run({ maxInstructions: translated.instructions + 1 });
    return;
  }
  interpreter.instructions += retired;
  interpreter.timingState = word(state.x, X.TIMING_STATE);
  lockstep.entries++;
  lockstep.unitInstructions += retired;
}

/**
 * Compares after every stretch until `instructions` are retired since the start, or the program cannot go on.
 */
export function runLockstep(
  lockstep: Lockstep,
  instructions: number,
  budgetOf: (turn: number) => number,
): void {
  const { translated, interpreted } = lockstep;
  const last = translated.instructions + instructions;
  for (let turn = 0; translated.instructions < last; turn++) {
    const before = translated.instructions;
    advance(lockstep, budgetOf(turn));
    // An instruction that faults is not retired: the other machine must attempt it too.
    interpreted.run({ maxInstructions: Math.max(translated.instructions, before + 1) });
    expect(visibleState(translated)).toEqual(visibleState(interpreted));
    if (turn % 64 === 0) expect(Buffer.compare(ramOf(translated), ramOf(interpreted))).toBe(0);
    if (translated.instructions === before) break;
  }
  expect(Buffer.compare(ramOf(translated), ramOf(interpreted))).toBe(0);
}
