import { describe, expect, it } from 'vitest';
import { bench } from './bench-site.js';

describe('IWDG', () => {
  const [KR, PR, RLR, WINR] = [0x00, 0x04, 0x08, 0x10];
  // A step is 4 of its clock's periods, which are 10 core cycles each.
  const watchdog = () => bench('stm32-iwdg', { kernel: 100_000 });

  it('resets after RLR + 1 steps unless it is reloaded', () => {
    const { write, clock, resets, notices } = watchdog();
    write(KR, 0x5555);
    write(RLR, 9);
    write(KR, 0xcccc);
    clock.pass(390);
    write(KR, 0xaaaa);
    clock.pass(399);
    expect(resets).toEqual([]);
    clock.pass(1);
    expect([resets, notices]).toEqual([['iwdg'], ['watchdog-reset']]);
  });

  it('keeps its registers without the key, and resets on a reload before the window', () => {
    const { read, write, clock, resets } = watchdog();
    write(PR, 3);
    write(RLR, 1);
    expect([read(PR), read(RLR)]).toEqual([0, 0xfff]);
    write(KR, 0x5555);
    write(WINR, 0xff0);
    write(KR, 0xcccc);
    clock.pass(40 * 14);
    expect(resets).toEqual([]);
    write(KR, 0xaaaa);
    expect(resets).toEqual(['iwdg']);
  });
});

describe('RNG', () => {
  it('gives numbers when on, fixed by the seed', () => {
    const numbers = (seed: number) => {
      const { read, write } = bench('stm32-rng', { seed });
      expect([read(4), read(8)]).toEqual([0, 0]);
      write(0, 4);
      expect(read(4)).toBe(1);
      return [read(8), read(8), read(8)];
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    expect(new Set(numbers(0)).size).toBe(3);
  });
});

describe('GPIO, SYSCFG and EXTI', () => {
  it('a pin set by BSRR is read back and drives its wire; an input reads its pull-up', () => {
    const { read, write, wires } = bench('stm32-gpio', { name: 'GPIOB' });
    write(0x00, 1 << 10);
    write(0x18, (1 << 5) | (1 << 21));
    expect([read(0x14), read(0x10), wires.level('PB5')]).toEqual([1 << 5, 1 << 5, true]);
    write(0x28, 1 << 5);
    expect([read(0x10), wires.level('PB5')]).toEqual([0, false]);
    write(0x0c, 1 << 2);
    expect(read(0x10)).toBe(2);
  });

  it('SYSCFG passes the chosen port on', () => {
    const { write, wires } = bench('stm32-syscfg');
    wires.drive('PC6', true);
    expect(wires.level('EXTI6')).toBe(false);
    write(0x0c, 2 << 8);
    expect(wires.level('EXTI6')).toBe(true);
    wires.drive('PC6', false);
    expect(wires.level('EXTI6')).toBe(false);
  });

  it('EXTI raises its group on the chosen edge, and by software, until PR is cleared', () => {
    const { read, write, wires, lines } = bench('stm32-exti');
    write(0x00, 0x3c1);
    write(0x0c, 1 << 7);
    wires.drive('EXTI7', true);
    expect(lines[5]).toBe(false);
    wires.drive('EXTI7', false);
    expect([lines[5], read(0x14)]).toEqual([true, 1 << 7]);
    write(0x14, 1 << 7);
    expect(lines[5]).toBe(false);
    write(0x10, 1);
    expect([lines[0], read(0x14)]).toEqual([true, 1]);
    write(0x14, 1);
    expect([lines[0], read(0x10)]).toEqual([false, 0]);
    write(0x10, 1 << 3);
    expect(read(0x14)).toBe(0);
  });
});

describe('DMA', () => {
  const [ISR, IFCR, CCR1, CNDTR1, CPAR1, CMAR1] = [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14];
  const parameters = { cycles: 3, requests: { '1.2': 'DUT_TX' } };

  it('moves an item each three cycles; half and whole are flags', () => {
    const { read, write, clock, memory, lines } = bench('stm32l4-dma', { parameters });
    memory.set([1, 2, 3, 4], 16);
    write(CPAR1, 16);
    write(CMAR1, 32);
    write(CNDTR1, 4);
    write(CCR1, 1 | 2 | (3 << 6) | (1 << 14));
    clock.pass(6);
    expect([read(CNDTR1), read(ISR), lines[0]]).toEqual([2, 5, false]);
    clock.pass(6);
    expect([read(CNDTR1), read(ISR), lines[0]]).toEqual([0, 7, true]);
    expect([...memory.slice(32, 37)]).toEqual([1, 2, 3, 4, 0]);
    write(IFCR, 2);
    expect([read(ISR), lines[0]]).toEqual([5, false]);
    write(IFCR, 1);
    expect(read(ISR)).toBe(0);
  });

  it('waits for the wire that CSELR selects, and begins anew when circular', () => {
    const { read, write, clock, memory, wires } = bench('stm32l4-dma', { parameters });
    memory.set([9, 8], 16);
    write(CPAR1, 40);
    write(CMAR1, 16);
    write(CNDTR1, 2);
    write(CCR1, 1 | (1 << 4) | (1 << 5) | (1 << 7));
    wires.drive('DUT_TX', true);
    clock.pass(9);
    expect(read(CNDTR1)).toBe(2);
    write(0xa8, 2);
    clock.pass(3);
    expect([memory[40], read(CNDTR1)]).toEqual([9, 1]);
    clock.pass(3);
    expect([memory[40], read(CNDTR1), read(ISR) & 2]).toEqual([8, 2, 2]);
    wires.drive('DUT_TX', false);
    clock.pass(3);
    expect(read(CNDTR1)).toBe(1);
    clock.pass(9);
    expect(read(CNDTR1)).toBe(1);
  });

  it('stops with an error where nothing answers', () => {
    const { read, write, clock } = bench('stm32l4-dma', { parameters });
    write(CPAR1, 16);
    write(CMAR1, 4096);
    write(CNDTR1, 2);
    write(CCR1, 1 | (1 << 14) | (1 << 7));
    clock.pass(3);
    expect([read(ISR), read(CCR1) & 1]).toEqual([9, 0]);
  });
});

describe('a CMSDK timer', () => {
  it('counts down, interrupts at zero and starts again at RELOAD', () => {
    const { read, write, clock, lines } = bench('cmsdk-timer');
    write(0x08, 9);
    write(0x00, 9);
    clock.pass(4);
    expect(read(0x04)).toBe(5);
    clock.pass(5);
    expect([lines[0], read(0x0c)]).toEqual([true, 1]);
    write(0x0c, 1);
    expect(lines[0]).toBe(false);
    clock.pass(9);
    expect(lines[0]).toBe(false);
    clock.pass(1);
    expect(lines[0]).toBe(true);
  });
});

describe('FLASH', () => {
  it('opens CR by the keys in their order, and after a wrong one only a reset lets it', () => {
    const { read, write, peripheral } = bench('stm32-flash', { parameters: { layout: 'l4' } });
    write(0x14, 2);
    expect(read(0x14) >>> 0).toBe(0xc0000000);
    write(0x08, 0xcdef89ab);
    write(0x08, 0x45670123);
    write(0x08, 0xcdef89ab);
    expect(read(0x14) >>> 31).toBe(1);
    peripheral.reset();
    write(0x08, 0x45670123);
    write(0x08, 0xcdef89ab);
    expect(read(0x14) >>> 31).toBe(0);
  });
});
