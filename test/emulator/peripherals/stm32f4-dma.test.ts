/** The STM32F4's DMA streams: on the bench, and in programs with the UARTs. */
import { describe, expect, it } from 'vitest';
import { bench } from './bench-site.js';
import { runProgram } from './program.js';

const [LISR, HISR, LIFCR, HIFCR] = [0x00, 0x04, 0x08, 0x0c];
const stream = (n: number) => {
  const base = 0x10 + 0x18 * n;
  return { CR: base, NDTR: base + 4, PAR: base + 8, M0AR: base + 12 };
};
const [EN, TCIE, CIRC, PINC, MINC] = [1, 1 << 4, 1 << 8, 1 << 9, 1 << 10];
const MEMORY = 2 << 6;
const TO_DEVICE = 1 << 6;

describe('an STM32F4 DMA controller', () => {
  const parameters = { cycles: 3, memoryToMemory: true, requests: { '5.4': 'DUT_RX', '5.3': 'OTHER' } };

  function dma(n: number, cr: number, items: number) {
    const made = bench('stm32f4-dma', { parameters });
    const at = stream(n);
    made.memory.set([1, 2, 3, 4], 16);
    made.write(at.PAR, 16);
    made.write(at.M0AR, 32);
    made.write(at.NDTR, items);
    made.write(at.CR, cr);
    return { ...made, ...at };
  }

  it('moves an item each three cycles, flags half and whole, and switches the stream off', () => {
    const { read, write, clock, memory, lines, CR, NDTR } = dma(1, EN | TCIE | MEMORY | PINC | MINC, 4);
    clock.pass(6);
    expect([read(NDTR), read(LISR), lines[1]]).toEqual([2, 1 << 10, false]);
    clock.pass(6);
    expect([read(NDTR), read(LISR), lines[1]]).toEqual([0, 3 << 10, true]);
    expect([read(CR) & EN, ...memory.slice(32, 37)]).toEqual([0, 1, 2, 3, 4, 0]);
    write(LIFCR, 1 << 11);
    expect([read(LISR), lines[1]]).toEqual([1 << 10, false]);
  });

  it('waits for the wire that CHSEL selects, and goes on when circular', () => {
    const { read, write, clock, memory, wires, CR, NDTR } = dma(5, EN | CIRC | MINC | (4 << 25), 2);
    wires.drive('OTHER', true);
    clock.pass(9);
    expect(read(NDTR)).toBe(2);
    wires.drive('DUT_RX', true);
    clock.pass(6);
    expect([read(NDTR), read(HISR), read(CR) & EN]).toEqual([2, 3 << 10, EN]);
    expect([...memory.slice(32, 35)]).toEqual([1, 1, 0]);
    write(HIFCR, 3 << 10);
    clock.pass(3);
    expect([read(NDTR), read(HISR)]).toEqual([1, 1 << 10]);
  });

  it('goes from memory to the device', () => {
    const { memory, clock, wires } = dma(5, EN | TO_DEVICE | MINC | (4 << 25), 1);
    memory[32] = 77;
    wires.drive('DUT_RX', true);
    clock.pass(3);
    expect(memory[16]).toBe(77);
  });

  it('keeps its set-up while a stream is on; switched off, it says complete', () => {
    const { read, write, CR, NDTR, PAR } = dma(5, EN | (4 << 25), 3);
    write(NDTR, 9);
    write(PAR, 0);
    write(CR, EN | TCIE | CIRC);
    expect([read(NDTR), read(PAR), read(CR)]).toEqual([3, 16, EN | TCIE | (4 << 25)]);
    write(CR, 4 << 25);
    expect([read(HISR), read(CR) & EN]).toEqual([1 << 11, 0]);
  });

  it('stops with an error where nothing answers', () => {
    const { read, clock, CR } = dma(7, EN | MEMORY | PINC | (2 << 11), 200);
    clock.pass(1000);
    expect([read(HISR) & (1 << 25), read(CR) & EN]).toEqual([1 << 25, 0]);
  });

  it('tells of memory to memory where the controller cannot', () => {
    const made = bench('stm32f4-dma');
    made.write(stream(0).NDTR, 1);
    made.write(stream(0).CR, EN | MEMORY);
    made.clock.pass(100);
    expect([made.notices, made.read(stream(0).NDTR)]).toEqual([['dma-memory'], 1]);
  });
});

describe("the STM32F407VG's DMA", () => {
  it('receives by USART2 into memory, copies it by DMA2, and sends the copy', () => {
    const { stop, console, machine } = runProgram(
      `static volatile int received, copied;
      static void rx(void) { REG(0x4002600C) = 0x3Du << 6; received = 1; }      /* DMA1 stream 5 */
      static void copy(void) { REG(0x40026408) = 0x3Du; copied = 1; }           /* DMA2 stream 0 */
      int main(void) {
        static uint8_t first[8], second[8];
        REG(0x40023830) |= 3u << 21; REG(0x40023840) |= 1u << 17;
        vector(16, rx); vector(56, copy);
        REG(0x40026090) = 0x40004404; REG(0x40026094) = (uint32_t)first; REG(0x4002608C) = 8;
        REG(0x40026088) = (4u << 25) | (1u << 10) | 0x11u;
        REG(0x40004408) = 139; REG(0x40004414) = 3u << 6; REG(0x4000440C) = (1u << 13) | 0xCu;
        while (!received) __asm volatile("wfi");
        REG(0x40026418) = (uint32_t)first; REG(0x4002641C) = (uint32_t)second; REG(0x40026414) = 2;
        REG(0x40026410) = (2u << 13) | (2u << 11) | (3u << 9) | (2u << 6) | 0x11u;
        while (!copied) __asm volatile("wfi");
        REG(0x400260A8) = 0x40004404; REG(0x400260AC) = (uint32_t)second; REG(0x400260A4) = 8;
        REG(0x400260A0) = (4u << 25) | (1u << 10) | (1u << 6) | 1u;               /* stream 6 */
        while (!(REG(0x40026004) & (1u << 21))) { }
        while (!(REG(0x40004400) & (1u << 6))) { }
        return 0; }`,
      'stm32f407vg',
      {},
      { uartInput: { USART2: new TextEncoder().encode('by dma 2') } },
    );
    expect([stop, console]).toEqual([{ reason: 'exit', code: 0 }, 'by dma 2']);
    expect([machine.unmodelled(), machine.notices()]).toEqual([[], []]);
  });
});
