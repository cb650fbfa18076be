/** Stimulus ports (DDI 0403, C1.7), by registers and by a program that prints as CMSIS does. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Itm } from '../../../emulator/core/itm.js';
import { loadElf, Machine } from '../../../emulator/index.js';
import { RegisterBank } from '../../../emulator/ports.js';
import { buildElf } from '../../witness/compiler.js';
import { profileOf } from '../machine/guest-machine.js';

const TER = 0xe00;
const TPR = 0xe40;
const TCR = 0xe80;
const LAR = 0xfb0;
const LSR = 0xfb4;
const KEY = 0xc5acce55;

function unit() {
  const world = { printed: '', trace: true, privileged: true, refused: 0 };
  const itm = new Itm({
    console: (text) => {
      world.printed += text;
    },
    traceEnabled: () => world.trace,
    privileged: () => world.privileged,
    refused: () => {
      world.refused++;
    },
  });
  const bank = new RegisterBank(itm.registers);
  const write = (offset: number, value: number, size = 4) => bank.write(offset, size, value | 0);
  const read = (offset: number) => (bank.read(offset, 4) ?? -1) >>> 0;
  const start = () => {
    write(LAR, KEY);
    write(TCR, 1);
    write(TER, 0xffffffff);
  };
  return { world, itm, write, read, start };
}

describe('the stimulus ports', () => {
  it('print port 0 by bytes, the low one first, and drop the others', () => {
    const { world, write, read, start } = unit();
    start();
    write(0, 0x61, 1);
    write(0, 0x6362, 2);
    write(0, 0x67666564);
    write(4, 0x78, 1);
    write(31 * 4, 0x79);
    expect(world.printed).toBe('abcdefg');
    expect([read(0), read(4), read(31 * 4)]).toEqual([1, 1, 1]);
  });

  it('print nothing unless TRCENA, TCR.ITMENA and the bit of the port are set', () => {
    for (const off of ['TRCENA', 'TCR', 'TER']) {
      const { world, write, start } = unit();
      start();
      if (off === 'TRCENA') world.trace = false;
      if (off === 'TCR') write(TCR, 0x10);
      if (off === 'TER') write(TER, 0xfffffffe);
      write(0, 0x61, 1);
      expect(world.printed, off).toBe('');
    }
  });

  it('are locked against changes until LAR has the key, and say so', () => {
    const { world, write, read } = unit();
    expect(read(LSR)).toBe(3);
    write(TCR, 1);
    write(TER, 1);
    write(TPR, 1);
    expect([read(TCR), read(TER), read(TPR)]).toEqual([0, 0, 0]);
    write(LAR, KEY);
    expect(read(LSR)).toBe(1);
    write(TCR, 0xffffffff);
    write(TER, 5);
    write(TPR, 0xff);
    expect([read(TCR), read(TER), read(TPR)]).toEqual([0x007f0f1f, 5, 0xf]);
    write(LAR, 0);
    write(TER, 1);
    expect([read(TER), world.refused]).toEqual([5, 4]);
  });

  it('take nothing from unprivileged code where TPR keeps it out', () => {
    const { world, write, read, start } = unit();
    start();
    world.privileged = false;
    write(0, 0x61, 1);
    write(TPR, 0xf);
    write(TCR, 0);
    expect([read(TPR), read(TCR)]).toEqual([0, 1]);
    world.privileged = true;
    write(TPR, 1);
    world.privileged = false;
    write(0, 0x62, 1);
    write(TER, 0);
    expect(read(TER)).toBe(0xff);
    expect(world.printed).toBe('a');
  });

  it('are off and locked after power-on', () => {
    const { itm, read, start } = unit();
    start();
    itm.reset();
    expect([read(TCR), read(TER), read(TPR), read(LSR)]).toEqual([0, 0, 0, 3]);
  });
});

const PROGRAM = `
#include <stdint.h>
#define PORT8 (*(volatile uint8_t *)0xE0000000u)
#define PORT32 (*(volatile uint32_t *)0xE0000000u)
#define REGISTER(address) (*(volatile uint32_t *)(address))
static void print(const char *text)
{
    for (; *text; text++) {
        while (PORT32 == 0) { }
        PORT8 = (uint8_t)*text;
    }
}
int main(void)
{
    print("lost");
    REGISTER(0xE000EDFCu) |= 1u << 24;
    REGISTER(0xE0000FB0u) = 0xC5ACCE55u;
    REGISTER(0xE0000E80u) = 0x00010005u;
    REGISTER(0xE0000E40u) = 0;
    REGISTER(0xE0000E00u) = 3u;
    print("stimulus\\n");
    REGISTER(0xE0000004u) = 0x21212121u;
    return 0;
}
`;

describe('a program that prints by ITM', () => {
  it('writes to the console once it has set the trace unit up', () => {
    const path = buildElf(PROGRAM, { language: 'c', mcu: 'stm32l496zg' });
    let printed = '';
    const machine = new Machine(profileOf('stm32l496zg'), {
      console: (text) => {
        printed += text;
      },
    });
    machine.load(loadElf(readFileSync(path), 'program.elf'));
    expect(machine.run({ maxCycles: 1_000_000 })).toEqual({ reason: 'exit', code: 0 });
    expect(printed).toBe('stimulus\n');
    expect(machine.unmodelled()).toEqual([]);
  });
});
