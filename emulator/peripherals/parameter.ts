/** Reading what a profile says for one peripheral. A value of the wrong kind is the profile's mistake. */
import { UserError } from '../errors.js';
import type { PeripheralSite } from '../ports.js';

function wrong(site: PeripheralSite, key: string, expected: string): UserError {
  return new UserError({
    code: 'peripheral-parameter',
    what: `peripherals.${site.name}.parameters.${key}`,
    got: JSON.stringify(site.parameters[key]),
    expected,
    fix: 'see the peripheral of that type in the profiles that ship',
  });
}

/** A number, or a string such as "0x64000000". */
export function numberOf(site: PeripheralSite, key: string, fallback: number): number {
  const value = site.parameters[key] ?? fallback;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw wrong(site, key, 'must be a number');
  return number;
}

export function numbersOf(site: PeripheralSite, key: string): readonly number[] {
  const value = site.parameters[key] ?? [];
  if (!Array.isArray(value)) throw wrong(site, key, 'must be a list of numbers');
  return value;
}

export function namesOf(site: PeripheralSite, key: string): Readonly<Record<string, string>> {
  const value = site.parameters[key] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(site, key, 'must be an object of names');
  return value as Readonly<Record<string, string>>;
}
