/** The cycle counter (DDI 0403, C1.8). */
import { describe, expect, it } from 'vitest';
import { DebugControl } from '../../../emulator/core/debug-control.js';
import { Dwt } from '../../../emulator/core/dwt.js';
import { RegisterBank } from '../../../emulator/ports.js';
import { guest } from '../machine/guest-machine.js';
import { HandClock } from './hand-clock.js';

const CTRL = 0;
const CYCCNT = 4;
const DEMCR = 0xdfc;
const TRCENA = 1 << 24;

function unit() {
  const clock = new HandClock();
  const exceptions = { pending: new Uint8Array(16), pend: () => undefined, takeDebugMonitor: () => false };
  const debug = new DebugControl(exceptions, () => undefined);
  const dwt = new Dwt(clock, debug);
  const bank = new RegisterBank([...dwt.registers, ...debug.registers]);
  return {
    clock,
    debug,
    dwt,
    read: (offset: number) => (bank.read(offset, 4) ?? 0) >>> 0,
    write: (offset: number, value: number) => bank.write(offset, 4, value),
  };
}

describe('CYCCNT', () => {
  it('stands still until both DEMCR.TRCENA and DWT_CTRL.CYCCNTENA are set', () => {
    const { clock, read, write } = unit();
    clock.pass(10);
    write(CTRL, 1);
    clock.pass(10);
    expect(read(CYCCNT)).toBe(0);
    write(DEMCR, TRCENA);
    clock.pass(10);
    expect(read(CYCCNT)).toBe(10);
    write(CTRL, 0);
    clock.pass(10);
    expect(read(CYCCNT)).toBe(10);
    write(CTRL, 1);
    clock.pass(1);
    expect(read(CYCCNT)).toBe(11);
  });

  it('can be written, and wraps at 32 bits', () => {
    const { clock, read, write } = unit();
    write(DEMCR, TRCENA);
    write(CTRL, 1);
    write(CYCCNT, 0xfffffffe);
    clock.pass(1);
    expect(read(CYCCNT)).toBe(0xffffffff);
    clock.pass(2);
    expect(read(CYCCNT)).toBe(1);
  });

  it('is 0 and off after reset', () => {
    const { clock, debug, dwt, read, write } = unit();
    write(DEMCR, TRCENA);
    write(CTRL, 1);
    clock.pass(5);
    dwt.reset();
    debug.reset();
    clock.pass(5);
    expect([read(CYCCNT), read(CTRL), read(DEMCR)]).toEqual([0, 0, 0]);
  });

  it('counts what the machine counts', () => {
    const { machine, address } = guest(`
main:
  poke 0xe000edfc, 0x01000000
  poke 0xe0001000, 1
  ldr r3, =0xe0001004
first: ldr r4, [r3]
  movs r5, #100
1: subs r5, #1
  bne 1b
  udiv r6, r3, r4
second: ldr r5, [r3]
  nop
here: b .
`);
    const cycleAt = (label: string) => {
      machine.run({ addresses: [address(label)] });
      return machine.cycles;
    };
    const [first, second] = [cycleAt('first'), cycleAt('second')];
    cycleAt('here');
    expect(machine.register(5) - machine.register(4)).toBe(second - first);
  });
});
