/** What a host reads or writes has to be memory. */
import { UserError } from '../errors.js';
import { hex } from './guest-fault.js';
import { isMapped, type McuProfile } from './profile.js';

/** @throws UserError when not all of it is memory of this MCU */
export function requireMemory(profile: McuProfile, address: number, length: number): void {
  if (isMapped(profile, address >>> 0, length)) return;
  throw new UserError({
    code: 'no-memory',
    what: `${length} bytes at ${hex(address)}`,
    expected: `do not lie in the memory of ${profile.name}`,
    fix: 'use an address of its RAM or flash',
  });
}
