/** D, k, vKill, R, !: the end of a session, and starting the program anew. */
import { type Command, OK } from '../command.js';
import type { Target } from '../target.js';

const resettable = (target: Target): boolean => target.reset !== undefined;

export const endingCommands: readonly Command[] = [
  {
    prefix: 'D',
    handle: (_args, { end }) => {
      end();
      return OK;
    },
  },
  {
    prefix: 'k',
    handle: (_args, { kill }) => {
      kill();
      return undefined;
    },
  },
  {
    prefix: 'vKill;',
    handle: (_args, { kill }) => {
      kill();
      return OK;
    },
  },
  {
    prefix: '!',
    offered: resettable,
    handle: (_args, { extend }) => {
      extend();
      return OK;
    },
  },
  {
    prefix: 'R',
    offered: resettable,
    handle: (_args, { restart }) => {
      restart();
      return undefined;
    },
  },
];
