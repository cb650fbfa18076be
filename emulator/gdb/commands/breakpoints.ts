/**
 * Z and z: breakpoints (0 in software, 1 in hardware: the same here) and watchpoints (2 write, 3 read, 4
 * both).
 */
import { type Command, INVALID, OK } from '../command.js';
import type { Target, WatchKind } from '../target.js';

const watchKinds: Readonly<Record<string, WatchKind>> = { '2': 'write', '3': 'read', '4': 'access' };

const offersBreakpoints = (target: Target): boolean => target.addBreakpoint !== undefined;
const offersWatchpoints = (target: Target): boolean => target.addWatchpoint !== undefined;

/** `,address,kind`: the kind is the length of the instruction, or of what is watched. */
function placeOf(args: string): { readonly address: number; readonly length: number } | undefined {
  const match = /^,([0-9a-f]{1,8}),([0-9a-f]{1,8})(;|$)/i.exec(args);
  if (match === null) return undefined;
  const [address, length] = [
    Number.parseInt(match[1] as string, 16),
    Number.parseInt(match[2] as string, 16),
  ];
  return { address, length };
}

function breakpoint(prefix: string, act: (target: Target, address: number) => void): Command {
  return {
    prefix,
    offered: offersBreakpoints,
    handle: (args, { target }) => {
      const place = placeOf(args);
      if (place === undefined) return INVALID;
      act(target, place.address);
      return OK;
    },
  };
}

function watchpoint(insert: boolean, digit: string, kind: WatchKind): Command {
  return {
    prefix: `${insert ? 'Z' : 'z'}${digit}`,
    offered: offersWatchpoints,
    handle: (args, { target }) => {
      const place = placeOf(args);
      if (place === undefined || place.length === 0) return INVALID;
      if (insert) target.addWatchpoint?.(kind, place.address, place.length);
      else target.removeWatchpoint?.(kind, place.address, place.length);
      return OK;
    },
  };
}

export const breakpointCommands: readonly Command[] = [
  ...['Z0', 'Z1'].map((prefix) => breakpoint(prefix, (target, address) => target.addBreakpoint?.(address))),
  ...['z0', 'z1'].map((prefix) =>
    breakpoint(prefix, (target, address) => target.removeBreakpoint?.(address)),
  ),
  ...Object.entries(watchKinds).flatMap(([digit, kind]) => [
    watchpoint(true, digit, kind),
    watchpoint(false, digit, kind),
  ]),
];
