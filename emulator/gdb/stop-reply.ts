/** Stop replies (gdb manual, E.3): why the target stopped, as T or W packets. */
import type { TargetStop, TargetTrouble, WatchKind } from './target.js';

/** gdb's own numbers of signals. */
const SIGINT = 2;
const SIGTRAP = 5;
const signals: Readonly<Record<TargetTrouble, number>> = {
  illegal: 4,
  arithmetic: 8,
  alignment: 10,
  memory: 11,
  locked: 6,
  unmodelled: 12,
  idle: 17,
};

const watchNames: Readonly<Record<WatchKind, string>> = { write: 'watch', read: 'rwatch', access: 'awatch' };

const hex2 = (value: number): string => (value & 0xff).toString(16).padStart(2, '0');

const stopped = (signal: number, why = ''): string => `T${hex2(signal)}${why}thread:1;`;

/** What a target that has not run yet says. */
export const standing = stopped(SIGTRAP);
export const interrupted = stopped(SIGINT);

export function stopReply(stop: TargetStop): string {
  switch (stop.kind) {
    case 'exited':
      return `W${hex2(stop.status)}`;
    case 'watchpoint':
      return stopped(SIGTRAP, `${watchNames[stop.watch]}:${stop.address.toString(16)};`);
    case 'historyStart':
      return stopped(SIGTRAP, 'replaylog:begin;');
    case 'trouble':
      return stopped(signals[stop.trouble]);
    default:
      return stopped(SIGTRAP);
  }
}
