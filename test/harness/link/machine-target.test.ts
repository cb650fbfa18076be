import { describe, expect, it } from 'vitest';
import type { RunUntil, Stop } from '../../../emulator/index.js';
import { MachineTarget } from '../../../harness/link/machine-target.js';
import { TargetStopped } from '../../../harness/link/target.js';
import { fakeElf } from './fake-firmware.js';

const WAIT = 0x08000040;

/** A machine that stops as it is told, and the call that it got. */
function targetStoppingBy(stop: Stop): { target: MachineTarget; calls: RunUntil[] } {
  const calls: RunUntil[] = [];
  const machine = {
    cycles: 500,
    readBytes: () => new Uint8Array(0),
    writeBytes: () => undefined,
    run: (until: RunUntil = {}) => {
      calls.push(until);
      return stop;
    },
  };
  return { target: new MachineTarget(fakeElf({ m4lab_link_wait: WAIT }), machine, 1000), calls };
}

function endOf(stop: Stop): unknown {
  try {
    targetStoppingBy(stop).target.runUntilWaiting();
  } catch (error) {
    return error instanceof TargetStopped
      ? { kind: error.kind, text: error.message, code: error.code }
      : error;
  }
  return 'came back';
}

describe('the machine as a target', () => {
  it('runs to the wait, within the limit from now on', () => {
    const { target, calls } = targetStoppingBy({ reason: 'address', address: WAIT });
    target.runUntilWaiting();
    expect(calls).toEqual([{ addresses: [WAIT], maxCycles: 1500 }]);
  });

  it('gives every other stop its kind and text', () => {
    expect(endOf({ reason: 'exit', code: 70 })).toEqual({
      kind: 'exit',
      text: 'the firmware ended with status 70',
      code: 70,
    });
    expect(endOf({ reason: 'limit', limit: 'cycles' })).toMatchObject({
      kind: 'limit',
      text: expect.stringContaining('1,000 cycles'),
    });
    for (const reason of ['fault', 'lockup', 'unmodelled', 'idle'] as const) {
      expect(endOf({ reason, text: 'UsageFault at 0x08000100', pc: 0x08000100 })).toMatchObject({
        kind: 'fault',
        text: 'UsageFault at 0x08000100',
      });
    }
  });

  it('tells the last line that the firmware wrote before it ended', () => {
    const machine = { cycles: 0, readBytes: () => new Uint8Array(0), writeBytes: () => undefined };
    const run = (): Stop => ({ reason: 'exit', code: 70 });
    const elf = fakeElf({ m4lab_link_wait: WAIT });
    const target = new MachineTarget(elf, { ...machine, run }, 1, () => 'one\ntwo\n');
    expect(() => target.runUntilWaiting()).toThrow('the firmware ended with status 70; it wrote "two"');
  });

  it('needs the wait symbol', () => {
    const machine = { cycles: 0, readBytes: () => new Uint8Array(0), writeBytes: () => undefined };
    const run = (): Stop => ({ reason: 'limit', limit: 'cycles' });
    expect(() => new MachineTarget(fakeElf({}), { ...machine, run }, 1)).toThrow(
      /m4lab_link_wait is missing/,
    );
  });
});
