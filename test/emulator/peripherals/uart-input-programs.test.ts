/** Programs that receive by a UART: by interrupt, by DMA, by polling as on QEMU, and from the library. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadElf, Machine, UserError } from '../../../emulator/index.js';
import { buildElf } from '../../witness/compiler.js';
import { runQemu } from '../../witness/qemu.js';
import { profileOf } from '../machine/guest-machine.js';
import { runProgram } from './program.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** LPUART1 at 115,200 baud of 4 MHz; bytes go back in upper case; a full stop ends it. */
const echo = `
  static volatile int done;
  static void isr(void) {
    if (!(REG(0x4000801C) & (1u << 5))) return;
    uint32_t c = REG(0x40008024);
    if (c == '.') done = 1;
    REG(0x40008028) = c >= 'a' && c <= 'z' ? c - 32u : c;
  }
  int main(void) {
    REG(0x4002105C) |= 1u; REG(0x4000800C) = 8889;
    vector(70, isr);
    REG(0x40008000) = 0x2Du;                          /* UE, RE, TE, RXNEIE */
    while (!done) __asm volatile("wfi");
    while (!(REG(0x4000801C) & (1u << 6))) { }
    return 0; }`;

describe('reception by interrupt', () => {
  it('wakes the program a character at a time, at the baud rate', () => {
    const { machine, stop, console } = runProgram(
      echo,
      'stm32l496zg',
      {},
      { uartInput: { LPUART1: bytes('a line.') } },
    );
    expect([stop, console]).toEqual([{ reason: 'exit', code: 0 }, 'A LINE.']);
    const frame = 10 * (8889 / 256);
    expect(machine.cycles).toBeGreaterThan(8 * frame);
    expect(machine.cycles).toBeLessThan(8 * frame + 1500);
    expect([machine.notices(), machine.unmodelled()]).toEqual([[], []]);
  });

  it('takes the pauses that were asked for', () => {
    const options = { uartInput: { LPUART1: bytes('..') }, uartPause: 9 };
    const { machine } = runProgram(echo, 'stm32l496zg', {}, options);
    expect(machine.cycles).toBeGreaterThan(11 * 10 * (8889 / 256));
    expect(machine.uart('LPUART1').waiting).toBe(1);
  });

  it('sleeps for ever without input', () => {
    expect(runProgram(echo).stop).toMatchObject({ reason: 'idle' });
  });
});

describe('a reset by the program itself', () => {
  it('leaves the other end where it is; the byte that lay unread is gone', () => {
    const source = `int main(void) {
      REG(0x4002105C) |= 1u; REG(0x4000800C) = 8889; REG(0x40008000) = 0xDu;
      while (!(REG(0x4000801C) & (1u << 5))) { }
      REG(0x40008028) = REG(0x40008024);
      while (!(REG(0x4000801C) & (1u << 6))) { }
      if (!(REG(0x40021094) & (1u << 28))) REG(0xE000ED0C) = 0x05FA0004u;  /* CSR.SFTRSTF, AIRCR */
      return 0; }`;
    const { stop, console } = runProgram(source, 'stm32l496zg', {}, { uartInput: { LPUART1: bytes('abc') } });
    expect([stop, console]).toEqual([{ reason: 'exit', code: 0 }, 'ac']);
  });
});

describe('reception by DMA', () => {
  it('fills a circular buffer by USART2: half, whole, and IDLE after the last', () => {
    const { stop, machine } = runProgram(
      `static volatile uint8_t ring[4]; static volatile uint32_t story; static volatile int idle;
      static void dma(void) {
        uint32_t flags = (REG(0x40020000) >> 20) & 0xEu;  /* channel 6 */
        REG(0x40020004) = flags << 20;
        story = story * 16u + flags;
      }
      static void usart(void) { REG(0x40004420) = 1u << 4; idle = 1; }
      int main(void) {
        REG(0x40021048) |= 1u; REG(0x40021058) |= 1u << 17;
        vector(16, dma); vector(38, usart);
        REG(0x400200A8) = 2u << 20;                       /* CSELR: channel 6 is USART2_RX */
        REG(0x40020074) = 0x40004424; REG(0x40020078) = (uint32_t)ring; REG(0x40020070) = 4;
        REG(0x4002006C) = 0xA7u;                          /* MINC, CIRC, HTIE, TCIE, EN */
        REG(0x4000440C) = 35; REG(0x40004408) = 1u << 6; REG(0x40004400) = 0x15u;  /* IDLEIE, RE, UE */
        while (!idle) __asm volatile("wfi");
        if (REG(0x40020070) != 2u) return 1;              /* two of the second round are there */
        if (ring[0] != 'e' || ring[1] != 'f' || ring[2] != 'c' || ring[3] != 'd') return 2;
        return (int)story; }`,
      'stm32l496zg',
      {},
      { uartInput: { USART2: bytes('abcdef') } },
    );
    expect(stop).toEqual({ reason: 'exit', code: 0x424 });
    expect([machine.notices(), machine.unmodelled()]).toEqual([[], []]);
  });

  it('passes from one UART to another with no instruction: LPUART1 by DMA2, channels 7 and 6', () => {
    const { stop, console } = runProgram(
      `int main(void) {
        REG(0x40021048) |= 2u; REG(0x4002105C) |= 1u;
        static uint8_t held[6];
        REG(0x400204A8) = (4u << 24) | (4u << 20);
        REG(0x40020488) = 0x40008024; REG(0x4002048C) = (uint32_t)held; REG(0x40020484) = 6;
        REG(0x40020480) = 0x81u;
        REG(0x4000800C) = 8889; REG(0x40008008) = 3u << 6; REG(0x40008000) = 0xDu;
        while (REG(0x40020484) != 0) { }
        REG(0x40020474) = 0x40008028; REG(0x40020478) = (uint32_t)held; REG(0x40020470) = 6;
        REG(0x4002046C) = 0x91u;
        while (!(REG(0x40020400) & (1u << 21))) { }
        return 0; }`,
      'stm32l496zg',
      {},
      { uartInput: { LPUART1: bytes('by dma') } },
    );
    expect([stop, console]).toEqual([{ reason: 'exit', code: 0 }, 'by dma']);
  });
});

describe('reception on other MCUs', () => {
  it.each([
    ['USART2', 17, 0x40004400],
    ['UART4', 19, 0x40004c00],
    ['UART5', 20, 0x40005000],
  ])('polls %s of the STM32F407VG', (name, gate, base) => {
    const { stop, console } = runProgram(
      `int main(void) {
        REG(0x40023840) |= 1u << ${gate}; REG(${base}u + 8u) = 139; REG(${base}u + 12u) = (1u << 13) | 0xCu;
        for (int k = 0; k < 5; k++) {
          while (!(REG(${base}u) & (1u << 5))) { }
          REG(${base}u + 4u) = REG(${base}u + 4u) + 1u;
        }
        return 0; }`,
      'stm32f407vg',
      {},
      { uartInput: { [name]: bytes('HAL9!') } },
    );
    expect([stop, console]).toEqual([{ reason: 'exit', code: 0 }, 'IBM:"']);
  });

  it('passes by DMA2 and DMAMUX1 on the STM32L4R5ZI', () => {
    const { machine, stop, console } = runProgram(
      `int main(void) {
        REG(0x40021048) |= 6u; REG(0x4002105C) |= 1u;      /* DMA2, DMAMUX1, LPUART1 */
        static uint8_t held[3];
        REG(0x40020820) = 34u; REG(0x4002081C) = 35u;      /* C8CR: LPUART1_RX, C7CR: LPUART1_TX */
        REG(0x40020424) = 0x40008024; REG(0x40020428) = (uint32_t)held; REG(0x40020420) = 3;
        REG(0x4002041C) = 0x81u;
        REG(0x4000800C) = 8889; REG(0x40008008) = 3u << 6; REG(0x40008000) = 0xDu;
        while (REG(0x40020420) != 0) { }
        REG(0x40020410) = 0x40008028; REG(0x40020414) = (uint32_t)held; REG(0x4002040C) = 3;
        REG(0x40020408) = 0x91u;
        while (!(REG(0x40020400) & 2u)) { }
        REG(0x40020820) = 1u << 16;
        return 0; }`,
      'stm32l4r5zi',
      {},
      { uartInput: { LPUART1: bytes('mux') } },
    );
    expect([stop, console]).toEqual([{ reason: 'exit', code: 0 }, 'mux']);
    expect(machine.unmodelled()).toMatchObject([{ name: 'DMAMUX1.C8CR: SE', access: 'write' }]);
  });

  const backwards = `
    #include <stdint.h>
    #define REG(a) (*(volatile uint32_t *)(a))
    int main(void) {
      char line[64]; int length = 0;
      REG(0x40004010) = 16; REG(0x40004008) = 3;
      for (;;) {
        while (!(REG(0x40004004) & 2u)) { }
        char c = (char)REG(0x40004000);
        if (c == '\\n') break;
        line[length++] = c;
      }
      while (length > 0) {
        while (REG(0x40004004) & 1u) { }
        REG(0x40004000) = (uint8_t)line[--length];
      }
      return 0; }`;

  it('polls CMSDK UART0 as on QEMU', () => {
    const text = 'never odd or even?\n';
    const uartInput = { UART0: bytes(text) };
    const { stop, console } = runProgram(backwards, 'mps2-an386', {}, { uartInput });
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    const qemu = runQemu(buildElf(backwards, { language: 'c', mcu: 'mps2-an386' }), { uartInput: text });
    expect([qemu.exitCode, qemu.stdout]).toEqual([0, console]);
    expect(console).toBe('?neve ro ddo reven');
  });
});

describe('an interrupt that UARTs share', () => {
  it('stays high until both have been answered', () => {
    const source = `static volatile int entries;
      static void both(void) { entries++; if (entries == 1) REG(0x40004004) = 8u; else REG(0x40005004) = 8u; }
      int main(void) {
        for (uint32_t u = 0x40004000; u <= 0x40005000; u += 0x1000) {
          REG(u + 0x10) = 16; REG(u + 8) = 2u | (1u << 5);
        }
        while (!(REG(0x40004004) & 8u) || !(REG(0x40005004) & 8u)) { }
        vector(12, both);
        for (volatile int k = 0; k < 100; k++) { }
        return entries; }`;
    const uartInput = { UART0: bytes('ab'), UART1: bytes('ab') };
    const { stop } = runProgram(source, 'mps2-an386', {}, { uartInput });
    expect(stop).toEqual({ reason: 'exit', code: 2 });
  });
});

describe("Machine's UARTs", () => {
  const load = (options = {}) => {
    const machine = new Machine(profileOf('stm32l496zg'), options);
    machine.load(loadElf(readFileSync(elf), 'echo.elf'));
    return machine;
  };
  const prelude = `#include <stdint.h>
    #define REG(address) (*(volatile uint32_t *)(address))
    int main(void) {
      REG(0x4002105C) |= 1u; REG(0x4000800C) = 8889; REG(0x40008000) = 0xDu;
      for (;;) { while (!(REG(0x4000801C) & (1u << 5))) { } REG(0x40008028) = REG(0x40008024); } }`;
  const elf = buildElf(prelude, { language: 'c', mcu: 'stm32l496zg' });
  const SECOND = 4_000_000;

  it('take bytes while the program runs, and give those it sends to a listener', () => {
    let console = '';
    const machine = load({ console: (text: string) => (console += text) });
    const uart = machine.uart('LPUART1');
    const sent: number[] = [];
    uart.onSend((byte) => sent.push(byte));
    machine.run({ maxCycles: SECOND });
    expect(sent).toEqual([]);
    const some = Uint8Array.of(1, 2, 0xff);
    uart.receive(some);
    some.fill(9);
    uart.receive(Uint8Array.of());
    uart.receive(Uint8Array.of(4));
    expect(uart.waiting).toBe(4);
    machine.run({ maxCycles: 2 * SECOND });
    expect([sent, uart.waiting, console]).toEqual([[1, 2, 0xff, 4], 0, '']);
    uart.onSend(undefined);
    uart.receive(bytes('hi'));
    machine.run({ maxCycles: 3 * SECOND });
    expect([sent.length, console]).toEqual([4, 'hi']);
  });

  it('go back with the machine to a snapshot, and to the start by a reset', () => {
    let console = '';
    const options = { console: (text: string) => (console += text), uartInput: { LPUART1: bytes('abcdef') } };
    const machine = load(options);
    // Three frames of 347 cycles and a half.
    machine.run({ maxCycles: 1200 });
    expect(console).toBe('abc');
    const snapshot = machine.snapshot();
    machine.run({ maxCycles: SECOND });
    machine.restore(snapshot);
    expect(machine.uart('LPUART1').waiting).toBe(3);
    machine.run({ maxCycles: SECOND });
    machine.reset();
    machine.run({ maxCycles: SECOND });
    expect(console).toBe('abcdefdefabcdef');
    machine.reset();
    machine.run({ maxCycles: 1200 });
    machine.uart('LPUART1').receive(bytes('lost'));
    machine.reset();
    machine.run({ maxCycles: SECOND });
    expect(console).toBe('abcdefdefabcdefabcabcdef');
  });

  it('are known by their names alone', () => {
    expect(() => load().uart('USART9')).toThrow(UserError);
    expect(() => load({ uartInput: { USART9: bytes('') } })).toThrow(
      'a UART of stm32l496zg is USART9, but must be one of USART1, USART2, USART3, UART4, UART5, LPUART1;',
    );
  });
});
