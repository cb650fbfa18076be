/** Writes a decoded instruction as GNU objdump does. */
import { condition } from '../isa/text.js';
import type { Decoded } from './decoder.js';

/**
 * @param address of the instruction
 * @param itCondition the condition 0..14 that the IT block around it gives it; undefined outside one
 */
export function disassemble(decoded: Decoded, address: number, itCondition?: number): string {
  const c = itCondition === undefined ? '' : condition(itCondition);
  return decoded.insn.asm(decoded.fields, { address, c, s: itCondition === undefined ? 's' : c });
}
