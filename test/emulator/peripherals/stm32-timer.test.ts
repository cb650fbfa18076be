import { describe, expect, it } from 'vitest';
import { bench } from './bench-site.js';

const [CR1, DIER, SR, EGR, CNT, PSC, ARR] = [0x00, 0x0c, 0x10, 0x14, 0x24, 0x28, 0x2c];

function timer(psc: number, arr: number, kernel?: number) {
  const made = bench('stm32-timer', {
    parameters: { bits: 16 },
    ...(kernel === undefined ? {} : { kernel }),
  });
  made.write(PSC, psc);
  made.write(ARR, arr);
  made.write(EGR, 1);
  made.write(SR, 0);
  return made;
}

describe('a timer', () => {
  it('counts its clock by the prescaler and starts again after ARR, with UIF', () => {
    const { read, write, clock } = timer(9, 4);
    write(CR1, 1);
    clock.pass(39);
    expect([read(CNT), read(SR)]).toEqual([3, 0]);
    clock.pass(10);
    expect([read(CNT), read(SR)]).toEqual([4, 0]);
    clock.pass(1);
    expect([read(CNT), read(SR)]).toEqual([0, 1]);
    clock.pass(25);
    expect(read(CNT)).toBe(2);
  });

  it('runs at its own clock, and goes on where it was when that changes', () => {
    const { read, write, clock, clocks } = timer(0, 0xffff, 2_000_000);
    write(CR1, 1);
    clock.pass(10);
    expect(read(CNT)).toBe(20);
    clocks.set({ kernel: 500_000 });
    clock.pass(10);
    expect(read(CNT)).toBe(25);
  });

  it('interrupts while UIF and UIE are set; UIF is cleared by a 0', () => {
    const { write, clock, lines } = timer(0, 9);
    write(DIER, 1);
    write(CR1, 1);
    clock.pass(9);
    expect(lines[0]).toBe(false);
    clock.pass(1);
    expect(lines[0]).toBe(true);
    write(SR, 1);
    expect(lines[0]).toBe(true);
    write(SR, 0);
    expect(lines[0]).toBe(false);
  });

  it('stops after one period with OPM, and says nothing with UDIS', () => {
    const once = timer(0, 9);
    once.write(CR1, 9);
    once.clock.pass(30);
    expect([once.read(CR1) & 1, once.read(CNT), once.read(SR)]).toEqual([0, 0, 1]);
    const silent = timer(0, 9);
    silent.write(CR1, 3);
    silent.clock.pass(30);
    expect(silent.read(SR)).toBe(0);
  });

  it('takes a new PSC at the next update only, a new ARR at once unless ARPE is set', () => {
    const { read, write, clock } = timer(0, 9);
    write(CR1, 1);
    write(PSC, 1);
    clock.pass(5);
    expect(read(CNT)).toBe(5);
    clock.pass(5 + 6);
    expect(read(CNT)).toBe(3);
    const buffered = timer(0, 9);
    buffered.write(CR1, 0x81);
    buffered.write(ARR, 3);
    buffered.clock.pass(8);
    expect(buffered.read(CNT)).toBe(8);
    buffered.clock.pass(2 + 4);
    expect(buffered.read(CNT)).toBe(0);
  });

  it('stands still while its clock does, and is cleared by a reset', () => {
    const { read, write, clock, peripheral } = timer(0, 9, 0);
    write(CR1, 1);
    clock.pass(100);
    expect([read(CNT), read(SR)]).toEqual([0, 0]);
    peripheral.reset();
    expect([read(CR1), read(ARR)]).toEqual([0, 0xffff]);
  });
});
