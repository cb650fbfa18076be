/** The other MCUs' own blocks: clock tree, console, memory. */
import { describe, expect, it } from 'vitest';
import { buildElf } from '../../witness/compiler.js';
import { runQemu } from '../../witness/qemu.js';
import { runProgram } from './program.js';

describe('the STM32F407VG', () => {
  it('starts at 16 MHz, goes to 168 MHz by HSE and PLL, and prints on USART2', () => {
    const { machine, stop, console } = runProgram(
      `int main(void) {
        REG(0x40023800) |= 1u << 16; while (!(REG(0x40023800) & (1u << 17))) { }
        REG(0x40023804) = 8u | (336u << 6) | (1u << 22) | (7u << 24);
        REG(0x40023800) |= 1u << 24; while (!(REG(0x40023800) & (1u << 25))) { }
        REG(0x40023C00) = 0x705u;
        REG(0x40023808) = (5u << 10) | (4u << 13) | 2u;
        while ((REG(0x40023808) & 0xCu) != 8u) { }
        REG(0x40023840) |= 1u << 17;
        REG(0x40004408) = 365; REG(0x4000440C) = (1u << 13) | (1u << 3);
        for (const char *c = "F4 says hello"; *c; c++) {
          while (!(REG(0x40004400) & (1u << 7))) { }
          REG(0x40004404) = (uint8_t)*c;
        }
        while (!(REG(0x40004400) & (1u << 6))) { }
        *(volatile uint32_t *)0x1000FFFC = 77;        /* CCM */
        return *(volatile uint32_t *)0x1000FFFC; }`,
      'stm32f407vg',
    );
    expect(stop).toEqual({ reason: 'exit', code: 77 });
    expect(console).toBe('F4 says hello');
    expect(machine.coreHertz).toBe(168_000_000);
    // 13 frames of 10 bits at 42 MHz / 365, seen from a core of 168 MHz.
    expect(machine.cycles).toBeGreaterThan(13 * 10 * 365 * 4);
    expect(machine.notices()).toEqual([]);
    expect(machine.unmodelled()).toEqual([]);
  });

  it('names the ADC, which is not there', () => {
    const { machine } = runProgram('int main(void) { return REG(0x40012000); }', 'stm32f407vg');
    expect(machine.unmodelled()).toMatchObject([{ name: '0x40012000', access: 'read', count: 1 }]);
  });
});

describe('the STM32L4R5ZI', () => {
  it('goes to 120 MHz and has 640 KB in a row, SRAM2 at two addresses', () => {
    const { machine, stop } = runProgram(
      `int main(void) {
        REG(0x40021058) |= 1u << 28; REG(0x40007080) = 0;  /* boost */
        REG(0x4002100C) = 1u | (60u << 8) | (1u << 24);    /* MSI 4 MHz * 60 / 2 */
        REG(0x40021000) |= 1u << 24;
        REG(0x40022000) = 0x605u; REG(0x40021008) = 3u;
        REG(0x2009FFF0) = 5; REG(0x20030000) = 6;
        return REG(0x2009FFF0) * 10 + REG(0x10000000); }`,
      'stm32l4r5zi',
    );
    expect(stop).toEqual({ reason: 'exit', code: 56 });
    expect(machine.coreHertz).toBe(120_000_000);
    expect(machine.notices()).toEqual([]);
  });
});

describe('the MPS2 with the AN386', () => {
  const source = `
    #include <stdint.h>
    #define REG(a) (*(volatile uint32_t *)(a))
    int main(void) {
      REG(0x40004010) = 16; REG(0x40004008) = 1;
      for (const char *c = "one ELF, two machines\\n"; *c; c++) {
        while (REG(0x40004004) & 1u) { }
        REG(0x40004000) = (uint8_t)*c;
      }
      REG(0x40000008) = 99; REG(0x40000004) = 99; REG(0x40000000) = 9;
      while (!(REG(0x4000000C) & 1u)) { }
      REG(0x4000000C) = 1;
      return (int)(REG(0x40000004) <= 99 ? 0 : 1); }`;

  it('prints by CMSDK UART0 and counts by a CMSDK timer as QEMU does', () => {
    const qemu = runQemu(buildElf(source, { language: 'c', mcu: 'mps2-an386' }));
    const { stop, console } = runProgram(source, 'mps2-an386');
    expect(stop).toEqual({ reason: 'exit', code: 0 });
    expect(console).toBe('one ELF, two machines\n');
    expect([qemu.exitCode, qemu.stdout]).toEqual([0, console]);
  });
});
