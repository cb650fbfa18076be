/** How a line of the console summary looks. */
import { hex } from './hex.js';

export function line(label: string, text: string): string {
  return `  ${label.padEnd(13)} ${text}`;
}

/** An address, and where that is if it is known: `0x08000102, main+0x2`. */
export function place(pc: number, ...where: readonly (string | null)[]): string {
  return [hex(pc), ...where.filter((part) => part !== null)].join(', ');
}
