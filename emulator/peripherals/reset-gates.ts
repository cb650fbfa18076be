/** RCC's peripheral enable and reset registers: switches of other devices' clocks, and their reset lines. */
import type { PeripheralSite } from '../ports.js';
import type { RegisterSpec } from './register-file.js';

/** @param names register name to offset; @param resets values after reset that are not 0 */
export function enableRegisters(
  site: PeripheralSite,
  names: Readonly<Record<string, number>>,
): RegisterSpec[] {
  return Object.entries(names).map(([name, offset]) => ({
    name,
    offset,
    written: (now) => site.clocks.setGates(name, now),
  }));
}

/** Each bit is a wire, `AHB1RSTR.12`, that resets a device as long as it is high. */
export function resetRegisters(
  site: PeripheralSite,
  names: Readonly<Record<string, number>>,
): RegisterSpec[] {
  return Object.entries(names).map(([name, offset]) => ({
    name,
    offset,
    written: (now) => {
      for (let bit = 0; bit < 32; bit++) site.wires.drive(`${name}.${bit}`, ((now >>> bit) & 1) === 1);
    },
  }));
}
