/** The exit codes of every command. On `run` the guest's own status takes their place. */
export const exitCodes = {
  good: 0,
  checkFailed: 1,
  badInput: 2,
  regression: 3,
  limitReached: 124,
  guestFault: 125,
} as const;

/** The same table for people, under every --help. */
export const exitCodesHelp = `
Exit codes:
  0    good
  1    a check failed (or a bug in m4lab, which then says so)
  2    wrong usage or bad input
  3    regression
  124  a limit was reached, or the guest sleeps and nothing can wake it
  125  the guest faulted, locked up, went below its stack's limit, or needs what m4lab does not model
  On "run" the guest's own exit status passes through, masked to 8 bits.`;
