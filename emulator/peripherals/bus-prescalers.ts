/** Prescalers of AHB and APB, whose fields read alike in every STM32 of this core (RM0351, 6.4.3; RM0090). */

/** CFGR.HPRE: below 8 none, then 2 to 512 without 32. */
export function ahbDivider(hpre: number): number {
  return hpre < 8 ? 1 : ([2, 4, 8, 16, 64, 128, 256, 512][hpre - 8] as number);
}

/** CFGR.PPRE1 and PPRE2: below 4 none, then 2 to 16. */
export function apbDivider(ppre: number): number {
  return ppre < 4 ? 1 : 2 ** (ppre - 3);
}

/** The clocks that a system clock makes: buses, and timers, which run at twice a divided APB. */
export function busClocks(
  sysclk: number,
  hpre: number,
  ppre1: number,
  ppre2: number,
): Record<string, number> {
  const core = sysclk / ahbDivider(hpre);
  const [divider1, divider2] = [apbDivider(ppre1), apbDivider(ppre2)];
  return {
    sysclk,
    core,
    pclk1: core / divider1,
    pclk2: core / divider2,
    timclk1: divider1 === 1 ? core : (2 * core) / divider1,
    timclk2: divider2 === 1 ? core : (2 * core) / divider2,
  };
}
