/** The ways to memory with a question before each: in use once the MPU has been switched on. */
import type { Accessors } from './accessors.js';
import { wrapAccessors } from './wrap-accessors.js';

/** False: the access is forbidden, and that has been noted and signalled. */
export type Guard = (address: number, size: number, write: boolean, aligned: boolean) => boolean;

export function guardAccessors(below: Accessors, allows: Guard): Accessors {
  return wrapAccessors(
    below,
    (size, access, aligned) => (address) => (allows(address, size, false, aligned) ? access(address) : 0),
    (size, access, aligned) => (address, value) => {
      if (allows(address, size, true, aligned)) access(address, value);
    },
  );
}
