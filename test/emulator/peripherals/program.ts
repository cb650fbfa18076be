/** C programs for the MCU's peripherals: built, run, and what they printed and returned. */
import { readFileSync } from 'node:fs';
import { loadElf, Machine, type MachineOptions, type RunUntil, type Stop } from '../../../emulator/index.js';
import { buildElf, type WitnessMcu } from '../../witness/compiler.js';
import { profileOf } from '../machine/guest-machine.js';

const prelude = `
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(address))
#define NVIC_ENABLE(n) (REG(0xE000E100u + 4u * ((n) / 32u)) = 1u << ((n) % 32u))
typedef void (*handler)(void);
static volatile handler ram_vectors[16 + 112] __attribute__((aligned(512)));
static void vector(unsigned interrupt, handler h)
{
    const volatile handler *old = (const handler *)REG(0xE000ED08u);
    if (old != ram_vectors) {
        for (int k = 0; k < 16; k++) ram_vectors[k] = old[k];
        REG(0xE000ED08u) = (uint32_t)ram_vectors;
    }
    ram_vectors[16 + interrupt] = h;
    NVIC_ENABLE(interrupt);
}
`;

export interface Ran {
  readonly machine: Machine;
  readonly stop: Stop;
  readonly console: string;
}

/** Runs `source`, which defines main; by default for at most 20 million cycles. */
export function runProgram(
  source: string,
  mcu: WitnessMcu = 'stm32l496zg',
  until: RunUntil = {},
  options: MachineOptions = {},
): Ran {
  const path = buildElf(`${prelude}${source}`, { language: 'c', mcu });
  let console = '';
  const machine = new Machine(profileOf(mcu), {
    ...options,
    console: (text) => {
      console += text;
    },
    seed: 42,
  });
  machine.load(loadElf(readFileSync(path), 'program.elf'));
  const stop = machine.run({ maxCycles: 20_000_000, ...until });
  return { machine, stop, console };
}
