/**
 * Registers whose values a profile gives: identity codes, device signatures, and what is only kept.
 * Parameters: `<name>@<offset>` to the value at reset; `writable` lists the names that keep what is
 * written.
 */
import type { PeripheralSite, PeripheralType } from '../ports.js';
import { RegisterFile } from './register-file.js';

function create(site: PeripheralSite) {
  const kept = String(site.parameters.writable ?? '').split(' ');
  const specs = Object.entries(site.parameters)
    .filter(([key]) => key.includes('@'))
    .map(([key, value]) => {
      const [name = '', offset] = key.split('@');
      const reset = Number(value);
      return { name, offset: Number(offset), reset, ...(kept.includes(name) ? {} : { writable: 0 }) };
    });
  const file = new RegisterFile(specs);
  return { file, registers: file.registers, reset: () => file.reset() };
}

export const constantRegisters: PeripheralType = { type: 'constant-registers', create };
