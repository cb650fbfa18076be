import { describe, expect, it } from 'vitest';
import type { RunUntil, Stop } from '../../../emulator/index.js';
import { FunctionTimer } from '../../../harness/measure/function-timer.js';
import { fakeElf } from '../link/fake-firmware.js';

const OUTER = 0x100;
const INNER = 0x200;
const WAIT = 0x300;

interface Arrival {
  readonly at: number;
  readonly cycles: number;
  readonly sp: number;
  readonly lr?: number;
}

/** A machine that visits the given places in order and stops at those that are asked for. */
function timerOver(arrivals: readonly Arrival[], end: Stop = { reason: 'limit', limit: 'cycles' }) {
  let next = 0;
  let here: Arrival = { at: 0, cycles: 0, sp: 0 };
  const machine = {
    get cycles() {
      return here.cycles;
    },
    register: (n: number) => (n === 13 ? here.sp : (here.lr ?? 0)),
    readBytes: () => new Uint8Array(0),
    writeBytes: () => undefined,
    run: ({ addresses = [] }: RunUntil = {}): Stop => {
      while (next < arrivals.length) {
        here = arrivals[next++] as Arrival;
        if (addresses.includes(here.at)) return { reason: 'address', address: here.at };
      }
      return end;
    },
  };
  return new FunctionTimer(machine, fakeElf({ outer: OUTER, inner: INNER }), ['outer', 'inner', 'absent']);
}

describe('the timer', () => {
  it('times calls from entry to return, nested ones with their depth', () => {
    const timer = timerOver([
      { at: OUTER, cycles: 10, sp: 80, lr: 0x51 },
      { at: INNER, cycles: 14, sp: 64, lr: 0x111 },
      { at: 0x110, cycles: 20, sp: 64 },
      { at: INNER, cycles: 24, sp: 64, lr: 0x121 },
      { at: 0x120, cycles: 31, sp: 64 },
      { at: 0x50, cycles: 40, sp: 80 },
      { at: WAIT, cycles: 50, sp: 80 },
    ]);
    expect(timer.run({ addresses: [WAIT | 1] })).toEqual({ reason: 'address', address: WAIT });
    expect(timer.take()).toEqual([
      { name: 'inner', cycles: 6, depth: 1 },
      { name: 'inner', cycles: 7, depth: 1 },
      { name: 'outer', cycles: 30, depth: 0 },
    ]);
    expect(timer.take()).toEqual([]);
  });

  it('takes a return only at the caller’s stack', () => {
    const timer = timerOver([
      { at: INNER, cycles: 0, sp: 64, lr: 0x51 },
      { at: 0x50, cycles: 5, sp: 32 },
      { at: INNER, cycles: 7, sp: 32, lr: 0x51 },
      { at: 0x50, cycles: 9, sp: 64 },
      { at: WAIT, cycles: 11, sp: 64 },
    ]);
    timer.run({ addresses: [WAIT] });
    expect(timer.take()).toEqual([{ name: 'inner', cycles: 9, depth: 0 }]);
  });

  it('hands on every other stop', () => {
    const timer = timerOver([{ at: OUTER, cycles: 0, sp: 8, lr: 0x51 }], { reason: 'exit', code: 3 });
    expect(timer.run({ addresses: [WAIT] })).toEqual({ reason: 'exit', code: 3 });
    expect(timer.take()).toEqual([]);
  });
});
