/** c, s, vCont, bc, bs, ?: going on, going back, and why the target stands. Answers come when it stops. */
import { type Command, type CommandContext, INVALID } from '../command.js';
import type { Target, TargetResume } from '../target.js';

const reversible = (target: Target): boolean => target.reversible === true;

/**
 * Going on at another address, or with a signal for the program, means nothing here: gdb writes the pc
 * itself.
 */
function go(prefix: string, kind: 'continue' | 'step', arguments_: RegExp): Command {
  return {
    prefix,
    handle: (args, context) => (arguments_.test(args) ? context.resume({ kind }) : INVALID),
  };
}

/** `c`, `s`, `C sig`, `S sig`, `r start,end`, each with `:thread` behind it. There is one thread. */
function actionOf(text: string): TargetResume | undefined {
  const [action = ''] = text.split(':');
  if (/^(c|C[0-9a-f]{2})$/i.test(action)) return action.startsWith('r') ? undefined : { kind: 'continue' };
  if (/^(s|S[0-9a-f]{2})$/i.test(action)) return { kind: 'step' };
  const range = /^r([0-9a-f]{1,8}),([0-9a-f]{1,8})$/i.exec(action);
  if (range === null) return undefined;
  const [start, end] = [Number.parseInt(range[1] as string, 16), Number.parseInt(range[2] as string, 16)];
  return { kind: 'stepRange', start, end };
}

function continueBy(args: string, context: CommandContext): string | undefined {
  const action = actionOf(args.split(';')[0] ?? '');
  return action === undefined ? INVALID : context.resume(action);
}

export const resumeCommands: readonly Command[] = [
  { prefix: '?', handle: (_args, { lastStop }) => lastStop },
  go('c', 'continue', /^$/),
  go('s', 'step', /^$/),
  go('C', 'continue', /^[0-9a-f]{2}$/i),
  go('S', 'step', /^[0-9a-f]{2}$/i),
  { prefix: 'vCont?', feature: 'vContSupported+', handle: () => 'vCont;c;C;s;S;r' },
  { prefix: 'vCont;', handle: continueBy },
  {
    prefix: 'bs',
    feature: 'ReverseStep+',
    offered: reversible,
    handle: (_args, { resume }) => resume({ kind: 'stepBack' }),
  },
  {
    prefix: 'bc',
    feature: 'ReverseContinue+',
    offered: reversible,
    handle: (_args, { resume }) => resume({ kind: 'continueBack' }),
  },
];
