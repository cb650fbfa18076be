/** SysTick by its registers (DDI 0403, B3.3), on a clock moved by hand; then in a machine. */
import { describe, expect, it } from 'vitest';
import { SysTick } from '../../../emulator/core/systick.js';
import { RegisterBank } from '../../../emulator/ports.js';
import { guest, wordsOf } from '../machine/guest-machine.js';
import { HandClock } from './hand-clock.js';

const CSR = 0x10;
const RVR = 0x14;
const CVR = 0x18;
const CALIB = 0x1c;
const ENABLE = 1;
const TICKINT = 2;
const CLKSOURCE = 4;
const COUNTFLAG = 1 << 16;

function sysTick(referenceDivider?: number) {
  const clock = new HandClock();
  let pended = 0;
  const line = {
    setPending: () => {
      pended++;
    },
  };
  const timer = new SysTick({ clock, line, referenceDivider });
  const bank = new RegisterBank(timer.registers);
  const read = (offset: number) => bank.read(offset, 4);
  const write = (offset: number, value: number) => bank.write(offset, 4, value);
  return { clock, timer, read, write, pended: () => pended };
}

function running(reload: number, control = ENABLE | CLKSOURCE) {
  const parts = sysTick();
  parts.write(RVR, reload);
  parts.write(CVR, 1);
  parts.write(CSR, control);
  return parts;
}

describe('SysTick', () => {
  it('counts from the reload value to 0 and around, reload + 1 cycles a turn', () => {
    const { clock, read } = running(3);
    const seen = Array.from({ length: 10 }, () => {
      const value = read(CVR);
      clock.pass(1);
      return value;
    });
    expect(seen).toEqual([0, 3, 2, 1, 0, 3, 2, 1, 0, 3]);
  });

  it('sets COUNTFLAG when it comes from 1 to 0; reading clears it', () => {
    const { clock, read } = running(3);
    clock.pass(3);
    expect(read(CSR)).toBe(ENABLE | CLKSOURCE);
    clock.pass(1);
    expect(read(CSR)).toBe(COUNTFLAG | ENABLE | CLKSOURCE);
    expect(read(CSR)).toBe(ENABLE | CLKSOURCE);
    clock.pass(4);
    expect(read(CSR)).toBe(COUNTFLAG | ENABLE | CLKSOURCE);
  });

  it('pends its exception each time, if TICKINT says so', () => {
    const { clock, pended } = running(9, ENABLE | TICKINT | CLKSOURCE);
    clock.pass(9);
    expect(pended()).toBe(0);
    clock.pass(1);
    expect(pended()).toBe(1);
    clock.pass(99);
    expect(pended()).toBe(10);
    const silent = running(9);
    silent.clock.pass(100);
    expect(silent.pended()).toBe(0);
  });

  it('is cleared by any write to CVR, COUNTFLAG too, without an exception', () => {
    const { clock, read, write, pended } = running(9, ENABLE | TICKINT | CLKSOURCE);
    clock.pass(13);
    expect([read(CVR), pended()]).toEqual([7, 1]);
    write(CVR, 0x1234);
    expect([read(CVR), pended(), (read(CSR) ?? 0) & COUNTFLAG]).toEqual([0, 1, 0]);
    clock.pass(1);
    expect(read(CVR)).toBe(9);
    clock.pass(9);
    expect(pended()).toBe(2);
  });

  it('takes a new reload value at the next turn', () => {
    const { clock, read, write, pended } = running(9, ENABLE | TICKINT | CLKSOURCE);
    clock.pass(5);
    write(RVR, 99);
    expect(read(CVR)).toBe(5);
    clock.pass(5);
    expect([read(CVR), pended()]).toEqual([0, 1]);
    clock.pass(1);
    expect(read(CVR)).toBe(99);
    clock.pass(98);
    expect(pended()).toBe(1);
    clock.pass(1);
    expect(pended()).toBe(2);
  });

  it('stops at 0 when the reload value is 0, and keeps its value while off', () => {
    const { clock, read, write, pended } = running(9, ENABLE | TICKINT | CLKSOURCE);
    clock.pass(4);
    write(CSR, CLKSOURCE);
    clock.pass(50);
    expect(read(CVR)).toBe(6);
    write(CSR, ENABLE | TICKINT | CLKSOURCE);
    clock.pass(1);
    expect(read(CVR)).toBe(5);
    write(RVR, 0);
    clock.pass(5);
    expect([read(CVR), pended()]).toEqual([0, 1]);
    clock.pass(100);
    expect([read(CVR), pended()]).toEqual([0, 1]);
  });

  it('has 24 bits', () => {
    const { read, write } = sysTick();
    write(RVR, 0xffffffff);
    expect(read(RVR)).toBe(0xffffff);
  });

  it('counts the reference clock where there is one and CLKSOURCE is 0, as after reset', () => {
    const { clock, timer, read, write } = sysTick(8);
    expect([read(CSR), read(CALIB)]).toEqual([0, 0]);
    write(RVR, 99);
    write(CSR, ENABLE);
    clock.pass(8);
    expect(read(CVR)).toBe(99);
    clock.pass(15);
    expect(read(CVR)).toBe(98);
    timer.reset();
    clock.pass(100);
    expect([read(CSR), read(RVR), read(CVR)]).toEqual([0, 0, 0]);
  });

  it('has CLKSOURCE stuck at 1 without a reference clock, and CALIB.NOREF says so', () => {
    const { read, write } = sysTick();
    expect([read(CSR), (read(CALIB) ?? 0) >>> 0]).toEqual([CLKSOURCE, 0x80000000]);
    write(CSR, 0);
    expect(read(CSR)).toBe(CLKSOURCE);
  });
});

describe('SysTick in a machine', () => {
  it('interrupts every reload + 1 cycles, to the cycle when the core sleeps', () => {
    const { machine, address } = guest(`
main:
  poke 0xe000e014, 999
  poke 0xe000e018, 0
  poke 0xe000e010, 7
1: wfi
  b 1b
SysTick_Handler:
  nop
  bx lr
`);
    const entries = Array.from({ length: 5 }, () => {
      machine.run({ addresses: [address('SysTick_Handler')] });
      return machine.cycles;
    });
    expect(entries.slice(1).map((cycle, k) => cycle - (entries[k] ?? 0))).toEqual([1000, 1000, 1000, 1000]);
  });

  it('is seen by the program as it counts, cycle for cycle with CYCCNT', () => {
    const [ticks, cycles] = wordsOf(`
main:
  poke 0xe000edfc, 0x01000000
  poke 0xe0001000, 1
  poke 0xe000e014, 0xffffff
  poke 0xe000e018, 0
  poke 0xe000e010, 5
  ldr r2, =0xe000e018
  ldr r3, =0xe0001004
  nop
  ldr r4, [r2]
  ldr r5, [r3]
  mov r6, #50
1: subs r6, #1
  bne 1b
  ldr r7, [r2]
  ldr r8, [r3]
  sub r4, r4, r7
  sub r5, r8, r5
  put r4
  put r5
  b report
`);
    expect(ticks).toBe(cycles);
    // Two loads (3), MOV, 49 turns of 3 cycles, and one whose branch is not taken.
    expect(cycles).toBe(3 + 1 + 49 * 3 + 2);
  });
});
