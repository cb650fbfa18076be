/** C programs run on a machine that measures them. */
import { readFileSync } from 'node:fs';
import { type ElfImage, loadElf, Machine, type MeasureOptions } from '../../../../emulator/index.js';
import type { Measurements } from '../../../../emulator/machine/measure/measurements.js';
import type { Stop } from '../../../../emulator/machine/stop.js';
import { buildElf } from '../../../witness/compiler.js';
import { profileOf } from '../guest-machine.js';

/** For every program: what keeps the compiler from merging functions, and a vector table in RAM. */
const PRELUDE = `
#include <stdint.h>
#include <stdlib.h>
#define FUNCTION __attribute__((noinline, noclone, noipa))
#define REG(address) (*(volatile uint32_t *)(address))
extern uint32_t vectors[64];
static void use_vectors(void)
{
    for (int n = 0; n < 64; n++) vectors[n] = n < 16 ? ((uint32_t *)REG(0xe000ed08))[n] : 0;
    REG(0xe000ed08) = (uint32_t)vectors;
}
`;
const VECTORS = '\nuint32_t vectors[64] __attribute__((aligned(512)));\n';

export interface Program {
  readonly elf: ElfImage;
  readonly path: string;
}

export function program(source: string, flags: readonly string[] = []): Program {
  const text = `${PRELUDE}${source}${source.includes('use_vectors') ? VECTORS : ''}`;
  const path = buildElf(text, {
    language: 'c',
    mcu: 'stm32l496zg',
    flags: [...flags, '-Wno-unused-function'],
  });
  return { path, elf: loadElf(readFileSync(path), 'measured.elf') };
}

export interface Measured extends Program {
  readonly machine: Machine;
  readonly measurements: Measurements;
  readonly stop: Stop;
}

const ALL: MeasureOptions = { functions: true, heap: true, stacks: true };

/** Loads and runs to its end. */
export function measured(made: Program, options: MeasureOptions = {}): Measured {
  const machine = new Machine(profileOf('stm32l496zg'), { measure: { ...ALL, ...options } });
  machine.load(made.elf);
  const stop = machine.run({ maxCycles: 20_000_000 });
  const { measurements } = machine;
  if (measurements === undefined) throw new Error('the machine measures nothing');
  return { ...made, machine, measurements, stop };
}

/** The same program on a machine that measures nothing, not run yet. */
export function plain({ elf }: Program): Machine {
  const machine = new Machine(profileOf('stm32l496zg'));
  machine.load(elf);
  return machine;
}

export function addressOf(elf: ElfImage, name: string): number {
  const symbol = elf.symbol(name);
  if (symbol === undefined) throw new Error(`the program has no symbol ${name}`);
  return symbol.address;
}

export function functionNamed({ measurements }: Measured, name: string) {
  const found = measurements.functions().find((use) => use.name === name);
  if (found === undefined) throw new Error(`no function ${name} ran`);
  return found;
}

/** Cycles from each entry of a function to its return, as a debugger takes them; outermost calls only. */
export function cyclesByStopping(made: Program, name: string): { calls: number; cycles: number } {
  const machine = plain(made);
  const entry = addressOf(made.elf, name);
  let calls = 0;
  let cycles = 0;
  while (machine.run({ addresses: [entry] }).reason === 'address') {
    const [start, sp] = [machine.cycles, machine.register(13)];
    const back = machine.register(14);
    do machine.run({ addresses: [back] });
    while (machine.register(13) !== sp);
    calls++;
    cycles += machine.cycles - start;
  }
  return { calls, cycles };
}

/** The lowest byte that differs from paint put on [from, to) before the program runs, as bytes below `to`. */
export function paintedBytes(made: Program, from: number, to: number, paintAt?: string): number {
  const machine = plain(made);
  if (paintAt !== undefined) machine.run({ addresses: [addressOf(made.elf, paintAt)] });
  machine.writeBytes(from, new Uint8Array(to - from).fill(0xa5));
  machine.run({ maxCycles: 20_000_000 });
  const at = machine.readBytes(from, to - from).findIndex((byte) => byte !== 0xa5);
  return at < 0 ? 0 : to - from - at;
}
