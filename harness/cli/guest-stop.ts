/** A firmware that does not come back to the link ends the command: its text, its fault, and 124 or 125. */
import { TargetStopped } from '../link/target.js';
import { faultText } from '../report/fault-text.js';
import { exitCodes } from './exit-codes.js';

/** Runs an action; what the guest did to end it is reported here, anything else goes on to main. */
export function reportingGuestStop(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof TargetStopped)) throw error;
    const { message, fault } = error;
    const lines = [`m4lab: ${message}`, ...(fault === null ? [] : faultText(fault, message))];
    process.stderr.write(`${lines.join('\n')}\n`);
    process.exitCode = error.kind === 'limit' ? exitCodes.limitReached : exitCodes.guestFault;
  }
}
