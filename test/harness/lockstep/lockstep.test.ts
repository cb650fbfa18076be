/** The engine of `m4lab lockstep`: what it calls the same, and that it finds what was planted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { X } from '../../../emulator/core/state.js';
import { loadElf } from '../../../emulator/index.js';
import { Pair } from '../../../harness/lockstep/pair.js';
import { stretchLengths } from '../../../harness/lockstep/stretches.js';
import { guest } from '../../emulator/machine/guest-machine.js';
import { pairOf, plant, runPair } from './planted.js';

describe('stretches', () => {
  it('visit every length about their mean once, then again', () => {
    for (const mean of [1, 2, 3, 10, 100, 1000, 4096]) {
      const lengthOf = stretchLengths(mean);
      const span = 2 * mean - 1;
      const lengths = Array.from({ length: span }, (_, turn) => lengthOf(turn));
      expect([...lengths].sort((a, b) => a - b)).toEqual(Array.from({ length: span }, (_, k) => k + 1));
      expect(lengthOf(span + 1)).toBe(lengthOf(1));
    }
  });
});

/** A table is filled and summed up, again and again; R7 counts the turns. */
const PROGRAM = `
main:
  movs r7, #0
  ldr r6, =0x20002000
turn:
  movs r0, #64
  mov r1, r6
fill:
  eor r2, r0, r7
  str r2, [r1], #4
  subs r0, #1
  bne fill
  bl sum_code
  str r3, [r6, #1024]
  adds r7, #1
  cmp r7, #400
  blo turn
  movs r0, #0x18
  ldr r1, =0x20026
  bkpt 0xab
sum_code:
  movs r0, #64
  mov r1, r6
  movs r3, #0
add:
  ldr r2, [r1], #4
  add r3, r3, r2
sum_next:
  subs r0, #1
  bne add
  bx lr
`;

const { elf, address } = guest(PROGRAM);

describe('a pair', () => {
  it('is the same to the end, whatever the stretch', () => {
    const ends = [3, 100, 10_000, 1_000_000].map((stretch) => {
      const { end, lockstep } = runPair(pairOf(elf), elf, { stretch });
      return { end, instructions: lockstep.instructions };
    });
    const same = { end: { kind: 'ended', stop: { reason: 'exit', code: 0 } } };
    expect(ends).toEqual(ends.map(({ instructions }) => ({ ...same, instructions })));
    expect(new Set(ends.map(({ instructions }) => instructions)).size).toBe(1);
  });

  it('ends where it was asked to', () => {
    const { end, lockstep } = runPair(pairOf(elf), elf, { stretch: 100, until: 5000 });
    expect([end.kind, lockstep.instructions]).toEqual(['until', 5000]);
    expect(runPair(pairOf(elf), elf, { stretch: 100, maxCycles: 5000 }).end.kind).toBe('limit');
  });

  it('that faults and locks up alike is the same', () => {
    const fault = guest(
      'main:\n  movs r0, #1\n  ldr r1, =0x70000000\n  str r0, [r1]\n  ldr r2, [r1]\n  b .\n',
    );
    const { end } = runPair(pairOf(fault.elf), fault.elf, { stretch: 1 });
    expect(end).toMatchObject({ kind: 'ended', stop: { reason: 'fault' } });
  });
});

describe('what goes wrong in one of the two', () => {
  const planted = (at: string, when: number, stretch: number, spoil: Parameters<typeof plant>[2]) => {
    const pair = pairOf(elf);
    plant(pair.subject.machine, address(at), (machine) => {
      if (machine.register(7) >= when) spoil(machine);
    });
    const { end } = runPair(pair, elf, { stretch });
    if (end.kind !== 'different') throw new Error(`ended as ${JSON.stringify(end)}`);
    return end.finding;
  };

  it.each([1, 50, 10_000, 10_000_000])(
    'in a register, is found at its instruction (stretch %i)',
    (stretch) => {
      const finding = planted('add', 300, stretch, ({ core }) => {
        core.state.r[2] = 0x55;
      });
      expect(finding.to - finding.from).toBe(1);
      expect(finding.recurs).toBe(true);
      expect(finding.instruction).toEqual({
        address: address('add'),
        text: 'ldr.w r2, [r1], #4',
        place: 'sum_code+0x6',
      });
      expect(finding.differences).toEqual([{ what: 'r2', subject: '0x00000055', witness: '0x0000016c' }]);
      expect(finding.stretch).toEqual([expect.stringContaining('ldr.w r2, [r1], #4')]);
      expect(finding.before.length).toBe(8);
    },
  );

  it('in memory that nobody reads, is found at the store', () => {
    const finding = planted('turn', 200, 1000, (machine) => {
      new DataView(machine.core.hostMemory.buffer).setUint8(
        (machine.core.windows[0]?.offset ?? 0) + 0x3001,
        7,
      );
    });
    expect(finding.instruction?.address).toBe(address('turn'));
    expect(finding.differences).toEqual([
      { what: 'memory[0x20003000]', subject: '0x00000700', witness: '0x00000000' },
    ]);
  });

  it('in flags, S registers, FPSCR, time and the lowest SP', () => {
    const wrong = (spoil: Parameters<typeof plant>[2]): string[] =>
      planted('sum_next', 100, 500, spoil).differences.map(({ what }) => what);
    const { Q, FPSCR, SP_LOWEST } = X;
    expect(wrong(({ core }) => core.state.x.fill(1, Q, Q + 1))).toEqual(['xpsr']);
    expect(wrong(({ core }) => core.state.s.fill(1, 9, 10))).toEqual(['s9']);
    expect(wrong(({ core }) => core.state.x.fill(1, FPSCR, FPSCR + 1))).toEqual(['fpscr']);
    expect(wrong(({ core }) => core.clock.spend(1))).toEqual(['cycles']);
    expect(wrong(({ core }) => core.state.x.fill(8, SP_LOWEST, SP_LOWEST + 1))).toEqual(['lowestSP']);
  });

  it('only where much is run at a time, is found in the shortest stretch that shows it', () => {
    const pair = pairOf(elf);
    const { machine } = pair.subject;
    // As a block of translated code may be wrong, which runs whole or not at all.
    const run = machine.run.bind(machine);
    let wrong = false;
    machine.run = (until = {}) => {
      wrong = (until.maxInstructions ?? Number.POSITIVE_INFINITY) - machine.instructions >= 6;
      return run(until);
    };
    plant(machine, address('add'), () => {
      if (wrong && machine.register(7) >= 100) machine.core.state.r[2] = 0x55;
    });
    const { end } = runPair(pair, elf, { stretch: 1000 });
    if (end.kind !== 'different') throw new Error('not found');
    const { from, to, recurs, instruction } = end.finding;
    expect([to - from, recurs]).toEqual([6, true]);
    expect(instruction?.address).toBe(address('add'));
  });

  it('in what is printed', () => {
    const hello = loadElf(
      readFileSync(join(import.meta.dirname, '../../../firmware/prebuilt/stm32l496zg/hello.elf')),
      'hello.elf',
    );
    const pair = pairOf(hello);
    const take = pair.witness.takeConsole;
    const wrong = { ...pair.witness, takeConsole: () => take().replace('m4lab', 'm5lab') };
    const { end } = runPair(new Pair(pair.subject, wrong), hello, { stretch: 10 });
    if (end.kind !== 'different') throw new Error('not found');
    expect(end.finding.differences[0]).toMatchObject({ what: 'console', subject: '"4lab\\n"' });
  });
});
