/** The FP context control register's bits (DDI 0403, B3.2.21). */
export const FPCCR = {
  USER: 1 << 1,
  THREAD: 1 << 3,
  HFRDY: 1 << 4,
  MMRDY: 1 << 5,
  BFRDY: 1 << 6,
  MONRDY: 1 << 8,
  LSPEN: 1 << 30,
  ASPEN: 1 << 31,
} as const;

/** What was so when the frame of the FP registers was reserved. */
export const FPCCR_NOTED = FPCCR.USER | FPCCR.THREAD | FPCCR.HFRDY | FPCCR.MMRDY | FPCCR.BFRDY | FPCCR.MONRDY;
export const FPCCR_RESET = FPCCR.ASPEN | FPCCR.LSPEN;
/** All but LSPACT. */
export const FPCCR_BITS = FPCCR_RESET | FPCCR_NOTED;
