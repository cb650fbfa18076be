/** How much of a run was translated code, where the machine says so. */
import type { Machine } from '../../emulator/index.js';

/** Instructions run as translated code since the machine was made; undefined: it does not count them. */
export function translatedInstructions(machine: Machine): number | undefined {
  return (machine as { readonly translatedInstructions?: number }).translatedInstructions;
}
