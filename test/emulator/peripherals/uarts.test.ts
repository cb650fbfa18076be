import { describe, expect, it } from 'vitest';
import { bench } from './bench-site.js';

const [CR1, CR2, CR3, BRR, ISR, ICR, TDR] = [0x00, 0x04, 0x08, 0x0c, 0x1c, 0x20, 0x28];
const [TC, TXE] = [1 << 6, 1 << 7];

function usart(brr: number, cr1 = 9) {
  const made = bench('stm32-usart', { name: 'USART9' });
  made.write(BRR, brr);
  made.write(CR1, cr1);
  return made;
}

describe('an STM32L4 USART', () => {
  it('holds one character while it sends another: TXE, then TC', () => {
    const { read, write, clock, text } = usart(16);
    const flags = () => read(ISR) & (TC | TXE);
    expect(flags()).toBe(TC | TXE);
    write(TDR, 0x41);
    expect([flags(), text()]).toEqual([TXE, 'A']);
    write(TDR, 0x42);
    expect([flags(), text()]).toEqual([0, 'A']);
    clock.pass(159);
    expect(flags()).toBe(0);
    clock.pass(1);
    expect([flags(), text()]).toEqual([TXE, 'AB']);
    clock.pass(160);
    expect(flags()).toBe(TC | TXE);
  });

  it.each([
    ['8 bits, 1 stop bit', 9, 0, 16, 160],
    ['9 bits', 9 | (1 << 12), 0, 16, 176],
    ['7 bits', 9 | (1 << 28), 0, 16, 144],
    ['2 stop bits', 9, 2 << 12, 16, 176],
    ['oversampling by 8', 9 | (1 << 15), 0, 0x24, 200],
  ])('takes the time of its frame: %s', (_name, cr1, cr2, brr, cycles) => {
    const { read, write, clock } = usart(brr, cr1);
    write(CR2, cr2);
    write(TDR, 0x41);
    clock.pass(cycles - 1);
    expect(read(ISR) & TC).toBe(0);
    clock.pass(1);
    expect(read(ISR) & TC).toBe(TC);
  });

  it('asks for an interrupt by TXEIE and TCIE, for DMA by DMAT', () => {
    const { write, clock, lines, wires } = usart(16);
    write(CR3, 1 << 7);
    expect(wires.level('USART9_TX')).toBe(true);
    write(TDR, 1);
    write(TDR, 2);
    expect(wires.level('USART9_TX')).toBe(false);
    write(CR1, 9 | TXE);
    expect(lines[0]).toBe(false);
    clock.pass(160);
    expect([lines[0], wires.level('USART9_TX')]).toEqual([true, true]);
    write(CR1, 9 | TC);
    expect(lines[0]).toBe(false);
    clock.pass(160);
    expect(lines[0]).toBe(true);
    write(ICR, TC);
    expect(lines[0]).toBe(false);
  });

  it('sends nothing while UE or TE is off; tells of a character lost and of no baud rate', () => {
    const off = usart(16, 1);
    off.write(TDR, 0x41);
    expect(off.text()).toBe('');
    const hasty = usart(16);
    for (const c of [0x41, 0x42, 0x43]) hasty.write(TDR, c);
    hasty.clock.pass(400);
    expect([hasty.text(), hasty.notices]).toEqual(['AC', ['uart-overrun']]);
    const silent = usart(0);
    silent.write(TDR, 0x41);
    expect([silent.text(), silent.notices]).toEqual(['', ['usart-baud']]);
  });
});

describe('an STM32F4 USART', () => {
  it('sends by DR and clears TC by a 0', () => {
    const { read, write, clock, text } = bench('stm32f4-usart');
    write(0x08, 16);
    write(0x0c, (1 << 13) | 8);
    write(0x04, 0x5a);
    clock.pass(159);
    expect(read(0x00)).toBe(TXE);
    clock.pass(1);
    expect([read(0x00), text()]).toEqual([TXE | TC, 'Z']);
    write(0x00, 0);
    expect(read(0x00)).toBe(TXE);
  });
});

describe('a CMSDK UART', () => {
  it('is full while a character waits, and interrupts when it is so no more', () => {
    const { read, write, clock, lines, text } = bench('cmsdk-uart');
    write(0x10, 16);
    write(0x08, 1 | 4);
    write(0x00, 0x61);
    expect(read(0x04)).toBe(0);
    write(0x00, 0x62);
    expect([read(0x04), lines[0]]).toEqual([1, false]);
    clock.pass(160);
    expect([read(0x04), lines[0], text()]).toEqual([0, true, 'ab']);
    write(0x0c, 1);
    expect([read(0x0c), lines[0]]).toEqual([0, false]);
  });
});
