/**
 * The control block of firmware/include/m4lab_link.h as data: where each word lies, what commands and
 * statuses mean. Nothing is read or written here; link.ts does that.
 */

/** "M4LB" in memory order, read as a little-endian word. */
export const LINK_MAGIC = 0x424c344d;
export const LINK_VERSION = 1;
export const LINK_BYTES = 84;

/** Byte offset of every word. All are unsigned, but `status` (signed) and two IEEE singles. */
export const LINK_OFFSETS = {
  magic: 0,
  version: 4,
  command: 8,
  status: 12,
  windowLength: 16,
  mode: 20,
  batchCapacity: 24,
  learningRate: 28,
  count: 32,
  parameters: 36,
  parametersBytes: 40,
  gradients: 44,
  gradientsBytes: 48,
  windows: 52,
  windowsBytes: 56,
  labels: 60,
  labelsBytes: 64,
  probabilities: 68,
  probabilitiesBytes: 72,
  arenaBytes: 76,
  loss: 80,
} as const;

export type LinkField = keyof typeof LINK_OFFSETS;

export const LINK_COMMANDS = { configure: 1, trainBatch: 2, evaluate: 3, exit: 4 } as const;
export type LinkCommand = keyof typeof LINK_COMMANDS;

export const LINK_MODES = { tl: 0, full: 1 } as const;

/** A refusal of the firmware: its name in the header, what it wants, and what to do about it. */
export interface LinkRefusal {
  readonly name: string;
  /** The field of the block that it speaks of. */
  readonly field: LinkField;
  readonly rule: string;
  readonly fix: string;
}

/** By the negative value of `status`. */
export const LINK_REFUSALS: Readonly<Record<number, LinkRefusal>> = {
  [-1]: {
    name: 'BAD_LENGTH',
    field: 'windowLength',
    rule: 'is outside what the firmware accepts',
    fix: 'give another --input',
  },
  [-2]: {
    name: 'BAD_MODE',
    field: 'mode',
    rule: 'is no mode of the firmware',
    fix: 'use firmware that knows it',
  },
  [-3]: {
    name: 'BAD_CAPACITY',
    field: 'batchCapacity',
    rule: 'is outside what the firmware accepts',
    fix: 'give another --batch',
  },
  [-4]: {
    name: 'BAD_COUNT',
    field: 'count',
    rule: 'is outside 1 to the batch capacity',
    fix: 'use firmware whose link works',
  },
  [-5]: {
    name: 'BAD_LABEL',
    field: 'labels',
    rule: 'hold a class that the firmware lacks',
    fix: 'use firmware built for this network',
  },
  [-6]: {
    name: 'ARENA_TOO_SMALL',
    field: 'arenaBytes',
    rule: 'is what this configuration needs, and the arena is smaller',
    fix: 'give a shorter --input or a smaller --batch',
  },
  [-7]: {
    name: 'NOT_CONFIGURED',
    field: 'status',
    rule: 'says that the firmware forgot its configuration',
    fix: 'use firmware whose link works',
  },
  [-8]: {
    name: 'UNKNOWN_COMMAND',
    field: 'status',
    rule: 'says that the firmware lacks a command',
    fix: 'use firmware whose link works',
  },
};
