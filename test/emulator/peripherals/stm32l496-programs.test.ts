/** Programs as an STM32L496's firmware has them: what its author would see on the board. */
import { describe, expect, it } from 'vitest';
import { runProgram } from './program.js';

const clockTo80MHz = `
static void clock_to_80_mhz(void)
{
    REG(0x40021058) |= 1u << 28;                      /* APB1ENR1.PWREN */
    REG(0x40021000) |= 1u << 8;                       /* CR.HSION */
    while (!(REG(0x40021000) & (1u << 10))) { }
    REG(0x4002100C) = 2u | (10u << 8) | (1u << 24);   /* PLLCFGR: HSI16 / 1 * 10 / 2 */
    REG(0x40021000) |= 1u << 24;                      /* CR.PLLON */
    while (!(REG(0x40021000) & (1u << 25))) { }
    REG(0x40022000) = 0x604;                          /* ACR: 4 wait states */
    REG(0x40021008) = 3u;                             /* CFGR.SW = PLL */
    while ((REG(0x40021008) & 0xCu) != 0xCu) { }
}
`;

const lpuart = `
static void lpuart_open(uint32_t brr)
{
    REG(0x4002105C) |= 1u;                            /* APB1ENR2.LPUART1EN */
    REG(0x4000800C) = brr;
    REG(0x40008000) = 1u | (1u << 3);                 /* CR1: UE, TE */
}
static void lpuart_put(char c)
{
    while (!(REG(0x4000801C) & (1u << 7))) { }
    REG(0x40008028) = (uint8_t)c;
}
static void lpuart_write(const char *text) { while (*text) lpuart_put(*text++); }
`;

describe('starting up', () => {
  it('follows the clock tree to 80 MHz, and time with it', () => {
    const { machine, stop } = runProgram(`${clockTo80MHz}
      int main(void) { clock_to_80_mhz(); for (volatile int k = 0; k < 10000; k++) { } return 7; }`);
    expect(stop).toEqual({ reason: 'exit', code: 7 });
    expect(machine.coreHertz).toBe(80_000_000);
    expect(machine.seconds).toBeGreaterThan(machine.cycles / 80e6);
    expect(machine.seconds).toBeLessThan(machine.cycles / 4e6 / 4);
    expect(machine.unmodelled()).toEqual([]);
    expect(machine.notices()).toEqual([]);
  });

  it('reports a flash latency that is too low for the clock', () => {
    const { machine } = runProgram(`${clockTo80MHz.replace('0x604', '0x603')}
      int main(void) { clock_to_80_mhz(); return 0; }`);
    expect(machine.notices()).toEqual([
      {
        code: 'flash-latency',
        text: 'flash was set to 3 wait states at 80 MHz, which needs 4: silicon may read wrongly',
        count: 1,
      },
    ]);
  });

  it('reports a device whose clock is off: it reads as 0', () => {
    const { machine, stop } = runProgram('int main(void) { REG(0x48000014) = 5; return REG(0x48000014); }');
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    expect(machine.notices()).toHaveLength(2);
    expect(machine.notices()[0]).toMatchObject({ code: 'clock-off', count: 1 });
    expect(machine.notices()[0]?.text).toMatch(/^GPIOA was accessed at 0x080/);
  });
});

describe('what is not modelled', () => {
  it('is named with address, pc, count and direction, and reads 0', () => {
    const { machine, stop } = runProgram(`int main(void) {
      for (int k = 0; k < 3; k++) REG(0x40021010) = k;  /* RCC.PLLSAI1CFGR */
      REG(0x40021000) |= 1u << 26;                      /* RCC.CR: PLLSAI1ON */
      return REG(0x40015408) + REG(0x400210FC); }`);
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    const all = machine.unmodelled();
    expect(all.map(({ name, count, access }) => [name, count, access])).toEqual([
      ['RCC.PLLSAI1CFGR', 3, 'write'],
      ['RCC.CR: PLLSAI1ON', 1, 'write'],
      ['0x40015408', 1, 'read'],
      ['RCC+0xfc', 1, 'read'],
    ]);
    expect(all[0]?.address).toBe(0x40021010);
    for (const { pc } of all) expect(pc >>> 16).toBe(0x0800);
  });

  it('ends the run with its name when it is polled for ever', () => {
    const { stop } = runProgram('int main(void) { while (!(REG(0x40013008) & 2u)) { } return 0; }');
    expect(stop).toMatchObject({
      reason: 'unmodelled',
      text: expect.stringMatching(/^0x40013008 is polled for ever at 0x080/),
    });
  });

  it('ends the run with the bits when a register that lacks them is polled for ever', () => {
    const { stop } = runProgram(
      'int main(void) { REG(0x40021000) |= 1u << 26; while (!(REG(0x40021000) & (1u << 27))) { } return 0; }',
      'stm32l496zg',
      { maxCycles: 100_000_000 },
    );
    expect(stop).toMatchObject({
      reason: 'unmodelled',
      text: expect.stringMatching(/^RCC\.CR, whose bits .*PLLSAI1ON.* are not modelled, is polled for ever/),
    });
  });

  it('is a bus error in a range that the profile calls reserved', () => {
    const { stop } = runProgram('int main(void) { return REG(0x48003000); }');
    expect(stop).toMatchObject({ reason: 'fault', text: expect.stringMatching(/BusFault: read of 4 bytes/) });
  });
});

describe('LPUART1 as the console', () => {
  it('takes baud time: ten bits of 256/BRR clocks', () => {
    const { machine, stop, console } = runProgram(`${lpuart}
      int main(void) {
        lpuart_open(8889);                              /* 115200 baud of 4 MHz */
        lpuart_write("hello, board\\n");
        while (!(REG(0x4000801C) & (1u << 6))) { }
        return 0; }`);
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    expect(console).toBe('hello, board\n');
    const frames = 13 * 10 * (8889 / 256);
    expect(machine.cycles).toBeGreaterThan(frames);
    expect(machine.cycles).toBeLessThan(frames + 1000);
  });

  it('still sends what is in its buffer when the program ends', () => {
    const { console } = runProgram(`${lpuart}
      int main(void) { lpuart_open(8889); lpuart_write("abc"); return 0; }`);
    expect(console).toBe('abc');
  });

  it('interrupts while TXE is set, as a level: the handler runs until it has nothing more to send', () => {
    const { console, stop } = runProgram(`${lpuart}
      static const char *next = "by interrupt"; static volatile int done;
      static void isr(void) {
        if (*next) REG(0x40008028) = (uint8_t)*next++;
        else { REG(0x40008000) &= ~(1u << 7); done = 1; } }
      int main(void) {
        lpuart_open(8889); vector(70, isr); REG(0x40008000) |= 1u << 7;
        while (!done) __asm volatile("wfi"); return 0; }`);
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    expect(console).toBe('by interrupt');
  });
});

describe('DMA1', () => {
  it('copies memory to memory and interrupts at the end', () => {
    const { stop } = runProgram(`
      static volatile int done; static uint32_t from[16], to[16];
      static void isr(void) { REG(0x40020004) = 0xFu; done++; }
      int main(void) {
        for (int k = 0; k < 16; k++) from[k] = 0x1000u + k;
        REG(0x40021048) |= 1u;                          /* AHB1ENR.DMA1EN */
        vector(11, isr);
        REG(0x40020010) = (uint32_t)from; REG(0x40020014) = (uint32_t)to; REG(0x4002000C) = 16;
        REG(0x40020008) = 0x4AC3u;                      /* MEM2MEM, 32 bits, both increment, TCIE, EN */
        while (!done) __asm volatile("wfi");
        for (int k = 0; k < 16; k++) if (to[k] != 0x1000u + k) return 1;
        return done == 1 && REG(0x4002000C) == 0 ? 0 : 2; }`);
    expect(stop).toEqual({ reason: 'exit', code: 0 });
  });

  it('feeds USART2 at its baud rate', () => {
    const { machine, stop, console } = runProgram(`
      static const char text[] = "from memory";
      int main(void) {
        REG(0x40021048) |= 1u; REG(0x40021058) |= 1u << 17;
        REG(0x4000440C) = 35; REG(0x40004408) = 1u << 7; REG(0x40004400) = 1u | (1u << 3);
        REG(0x400200A8) = 2u << 24;                     /* CSELR: channel 7 is USART2_TX */
        REG(0x40020088) = 0x40004428; REG(0x4002008C) = (uint32_t)text; REG(0x40020084) = sizeof text - 1;
        REG(0x40020080) = 0x91u;                        /* MINC, to the device, EN */
        while (!(REG(0x40020000) & (1u << 25))) { }     /* TCIF7 */
        while (!(REG(0x4000441C) & (1u << 6))) { }
        return 0; }`);
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    expect(console).toBe('from memory');
    expect(machine.cycles).toBeGreaterThan(11 * 350);
  });
});

describe('timers, pins and the rest', () => {
  it('TIM2 interrupts at its rate', () => {
    const { machine, stop } = runProgram(`
      static volatile int ticks;
      static void isr(void) { REG(0x40000010) = 0; ticks++; }
      int main(void) {
        REG(0x40021058) |= 1u; vector(28, isr);
        REG(0x40000028) = 3; REG(0x4000002C) = 999; REG(0x40000014) = 1; REG(0x40000010) = 0;
        REG(0x4000000C) = 1; REG(0x40000000) = 1;
        while (ticks < 5) __asm volatile("wfi"); return 0; }`);
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    expect(machine.cycles).toBeGreaterThan(20_000);
    expect(machine.cycles).toBeLessThan(21_500);
  });

  it('a line that stays high interrupts again, and its pending bit cannot be cleared', () => {
    const { stop } = runProgram(`
      static volatile int entries;
      static void isr(void) { if (++entries == 3) REG(0x40001010) = 0; }
      int main(void) {
        REG(0x40021058) |= 1u << 4;
        REG(0x4000102C) = 99; REG(0x4000100C) = 1; REG(0x40001000) = 9;
        while (!(REG(0x40001010) & 1u)) { }
        REG(0xE000E284) = 1u << 22;                     /* ICPR1: IRQ54 */
        if (!(REG(0xE000E204) & (1u << 22))) return 9;
        vector(54, isr);
        for (volatile int k = 0; k < 100; k++) { }
        return entries; }`);
    expect(stop).toEqual({ reason: 'exit', code: 3 });
  });

  it('the reset bit in RCC resets a device', () => {
    const { stop } = runProgram(`
      int main(void) {
        REG(0x40021058) |= 1u << 4; REG(0x4000102C) = 99;
        REG(0x40021038) = 1u << 4; REG(0x40021038) = 0;
        return REG(0x4000102C) == 0xFFFF ? 0 : 1; }`);
    expect(stop).toEqual({ reason: 'exit', code: 0 });
  });

  it('a bit of a register has a word of its own in the bit-band region', () => {
    const { stop } = runProgram(`
      int main(void) {
        REG(0x42000000u + 0x21058u * 32u + 4u * 4u) = 1;  /* RCC.APB1ENR1.TIM6EN */
        return (int)(REG(0x40021058) & 0x11u) + (int)REG(0x42000000u + 0x21058u * 32u + 4u * 4u); }`);
    expect(stop).toEqual({ reason: 'exit', code: 17 });
  });

  it('a pin set by the program raises the EXTI line that SYSCFG connects to it', () => {
    const { stop } = runProgram(`
      static volatile int edges;
      static void isr(void) { REG(0x40010414) = 1u << 13; edges++; }
      int main(void) {
        REG(0x4002104C) |= 4u; REG(0x40021060) |= 1u;   /* GPIOC, SYSCFG */
        REG(0x40010014) = 2u << 4;                      /* EXTICR4: line 13 is port C */
        REG(0x40010400) |= 1u << 13; REG(0x40010408) = 1u << 13; vector(40, isr);
        REG(0x48000800) = 0xF7FFFFFFu;                  /* PC13 is an output */
        for (int k = 0; k < 3; k++) { REG(0x48000818) = 1u << 13; REG(0x48000828) = 1u << 13; }
        return edges; }`);
    expect(stop).toEqual({ reason: 'exit', code: 3 });
  });

  it('CRC and RNG answer; the same seed gives the same numbers', () => {
    const source = `
      int main(void) {
        REG(0x40021048) |= 1u << 12; REG(0x4002104C) |= 1u << 18;
        for (const char *c = "123456789"; *c; c++) *(volatile uint8_t *)0x40023000 = *c;
        if (REG(0x40023000) != 0x0376E6E7u) return 1;   /* CRC-32/MPEG-2 */
        REG(0x50060800) = 4; while (!(REG(0x50060804) & 1u)) { }
        uint32_t a = REG(0x50060808), b = REG(0x50060808);
        return a == b ? 2 : (int)(a & 0x7fffffff); }`;
    const [one, two] = [runProgram(source).stop, runProgram(source).stop];
    expect(one).toEqual(two);
    expect(one.reason === 'exit' && one.code > 2).toBe(true);
  });

  it('IWDG resets the MCU, says so, and RCC tells the next start why it was', () => {
    const { machine, stop } = runProgram(`
      int main(void) {
        if (REG(0x40021094) & (1u << 29)) return 9;     /* CSR.IWDGRSTF */
        REG(0x40003000) = 0xCCCC; REG(0x40003000) = 0x5555; REG(0x40003004) = 0; REG(0x40003008) = 31;
        for (;;) { } }`);
    expect(stop).toEqual({ reason: 'exit', code: 9 });
    expect(machine.notices()).toMatchObject([{ code: 'watchdog-reset', count: 1 }]);
    expect(machine.cycles).toBeGreaterThan(32 * 4 * 125);
  });
});
