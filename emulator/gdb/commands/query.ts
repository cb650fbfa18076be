/** q and Q packets that say what there is: features, the target description, the one thread. */
import { type Command, OK, partOf } from '../command.js';
import { targetXml } from '../target-xml.js';

/** The program is the one thread. */
const THREAD = '1';

export const queryCommands: readonly Command[] = [
  {
    prefix: 'QStartNoAckMode',
    feature: 'QStartNoAckMode+',
    handle: (_args, { stopAcknowledging }) => {
      stopAcknowledging();
      return OK;
    },
  },
  {
    prefix: 'qXfer:features:read:target.xml:',
    feature: 'qXfer:features:read+',
    handle: (args, { target }) => partOf(targetXml(target.registers), args),
  },
  // Attached: gdb leaves the program alone when it quits.
  { prefix: 'qAttached', handle: () => '1' },
  { prefix: 'qC', handle: (args) => (args === '' ? `QC${THREAD}` : '') },
  { prefix: 'qfThreadInfo', handle: () => `m${THREAD}` },
  { prefix: 'qsThreadInfo', handle: () => 'l' },
  { prefix: 'qSymbol:', handle: () => OK },
  { prefix: 'H', handle: () => OK },
  { prefix: 'T', handle: () => OK },
];
