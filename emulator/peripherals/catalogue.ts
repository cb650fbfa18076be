/** Every type of peripheral that a profile can name. */
import type { PeripheralType } from '../ports.js';

export const peripheralTypes: readonly PeripheralType[] = [];
