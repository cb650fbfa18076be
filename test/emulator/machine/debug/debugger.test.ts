import { describe, expect, it } from 'vitest';
import type { DebugStop } from '../../../../emulator/machine/debug/debug-stop.js';
import { Debugger } from '../../../../emulator/machine/debug/debugger.js';
import { type Guest, guest } from '../guest-machine.js';

/** Twelve rounds of a loop that stores its count, with SysTick interrupts between. */
const LOOP = `
main:
  poke 0xe000e014, 49
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  ldr r4, =out
  movs r5, #0
loop:
  adds r5, #1
store:
  str r5, [r4]
stored:
  ldr r6, [r4, #4]
  cmp r5, #12
  bne loop
  bkpt 3
after:
  movs r0, #4
  ldr r1, =word
  bkpt 0xab
  movs r0, #0x18
  ldr r1, =0x20026
  bkpt 0xab
word: .asciz "done"
  .balign 4
SysTick_Handler:
  ldr r0, [r4, #8]
  adds r0, #1
  str r0, [r4, #8]
  bx lr
`;

interface Debugged extends Guest {
  readonly debug: Debugger;
  readonly go: (kind: 'continue' | 'step' | 'stepBack' | 'continueBack') => DebugStop;
  readonly seen: () => unknown;
  /** Goes on so many times, and gives what was seen at each stop. */
  readonly goSeeing: (times: number) => unknown[];
}

function debugged(source: string, snapshotInterval = 50): Debugged {
  const program = guest(source);
  const { machine } = program;
  const debug = new Debugger(machine, { snapshotInterval });
  const go: Debugged['go'] = (kind) => {
    debug.resume({ kind });
    for (let k = 0; k < 1000; k++) {
      const stop = debug.slice();
      if (stop !== undefined) return stop;
    }
    throw new Error('no stop');
  };
  const seen = (): unknown => ({
    registers: debug.registers.map((_, index) => debug.readRegister(index)),
    cycles: machine.cycles,
    instructions: machine.instructions,
    out: debug.readMemory(program.address('out'), 16),
  });
  const goSeeing = (times: number): unknown[] =>
    Array.from({ length: times }, () => {
      go('continue');
      return seen();
    });
  return { ...program, debug, go, seen, goSeeing };
}

describe('breakpoints', () => {
  it('stop before their instruction, each time, and no more when removed', () => {
    const { debug, go, machine, address } = debugged(LOOP);
    debug.addBreakpoint(address('store'));
    for (let round = 1; round <= 5; round++) {
      expect(go('continue')).toEqual({ kind: 'breakpoint' });
      expect([machine.register(15), machine.register(5)]).toEqual([address('store'), round]);
    }
    debug.removeBreakpoint(address('store'));
    expect(go('continue')).toEqual({ kind: 'breakpoint' });
    expect(machine.register(15)).toBe(address('after') - 2);
  });

  it('are not missed where a snapshot is due', () => {
    const { debug, go, machine, address } = debugged(LOOP, 1);
    debug.addBreakpoint(address('loop'));
    // With an interrupt between it and its instruction it may stop twice, but never not at all.
    const rounds = new Set<number>();
    for (let stops = 0; stops < 24 && rounds.size < 12; stops++) {
      expect(go('continue')).toEqual({ kind: 'breakpoint' });
      rounds.add(machine.register(5));
    }
    expect([...rounds]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('in the program (BKPT) stop once, and do nothing when gone on from', () => {
    const { go, machine, address, console } = debugged(LOOP);
    expect(go('continue')).toEqual({ kind: 'breakpoint' });
    expect(machine.register(15)).toBe(address('after') - 2);
    expect(go('step')).toEqual({ kind: 'step' });
    expect(machine.register(15)).toBe(address('after'));
    expect(go('continue')).toEqual({ kind: 'exited', status: 0 });
    expect(console()).toBe('done');
  });
});

describe('watchpoints', () => {
  it('stop after the access that they are for', () => {
    const { debug, go, machine, address } = debugged(LOOP);
    const out = address('out');
    debug.addWatchpoint('write', out, 4);
    expect(go('continue')).toEqual({ kind: 'watchpoint', watch: 'write', address: out });
    expect([machine.register(15), machine.readWord(out)]).toEqual([address('stored'), 1]);
    debug.removeWatchpoint('write', out, 4);
    debug.addWatchpoint('read', out, 8);
    expect(go('continue')).toEqual({ kind: 'watchpoint', watch: 'read', address: out + 4 });
    expect(machine.register(15)).toBe(address('stored') + 2);
    debug.removeWatchpoint('read', out, 8);
    debug.addWatchpoint('access', out + 3, 1);
    expect(go('continue')).toEqual({ kind: 'watchpoint', watch: 'access', address: out + 3 });
    debug.removeWatchpoint('access', out + 3, 1);
    expect(go('continue')).toEqual({ kind: 'breakpoint' });
  });

  it('change no cycle', () => {
    const plain = debugged(LOOP);
    plain.go('continue');
    const watched = debugged(LOOP);
    watched.debug.addWatchpoint('write', watched.address('out'), 4);
    for (let round = 1; round <= 12; round++) watched.go('continue');
    watched.go('continue');
    expect(watched.seen()).toEqual(plain.seen());
  });
});

describe('going back', () => {
  it('one instruction at a time undoes every step, interrupts included', () => {
    const { go, seen, machine } = debugged(LOOP);
    const moments: unknown[] = [seen()];
    for (let k = 0; k < 90; k++) {
      expect(go('step')).toEqual({ kind: 'step' });
      moments.push(seen());
    }
    expect(machine.readWord(machine.register(4) + 8)).toBeGreaterThan(0);
    for (let k = 89; k >= 0; k--) {
      expect(go('stepBack')).toEqual({ kind: 'step' });
      expect(seen()).toEqual(moments[k]);
    }
    expect(go('stepBack')).toEqual({ kind: 'historyStart' });
  });

  it('finds the last breakpoint, then the one before, then the start', () => {
    const { debug, go, seen, goSeeing, machine, address } = debugged(LOOP);
    debug.addBreakpoint(address('store'));
    const moments = goSeeing(12);
    go('continue');
    for (const moment of moments.toReversed()) {
      expect(go('continueBack')).toEqual({ kind: 'breakpoint' });
      expect(seen()).toEqual(moment);
    }
    expect(go('continueBack')).toEqual({ kind: 'historyStart' });
    expect(machine.instructions).toBe(0);
  });

  it('finds a handler at its first instruction', () => {
    const { debug, go, seen, goSeeing, address } = debugged(LOOP);
    debug.addBreakpoint(address('SysTick_Handler'));
    const moments = goSeeing(2);
    debug.removeBreakpoint(address('SysTick_Handler'));
    go('continue');
    debug.addBreakpoint(address('SysTick_Handler'));
    const found: unknown[] = [];
    while (go('continueBack').kind === 'breakpoint') found.unshift(seen());
    expect(found.slice(0, 2)).toEqual(moments);
  });

  it('stops before a watched instruction', () => {
    const { debug, go, machine, address } = debugged(LOOP);
    go('continue');
    debug.addWatchpoint('write', address('out'), 4);
    for (const value of [11, 10, 9]) {
      expect(go('continueBack')).toEqual({ kind: 'watchpoint', watch: 'write', address: address('out') });
      expect([machine.register(15), machine.readWord(address('out'))]).toEqual([address('store'), value]);
    }
  });

  it('and forward again is the same run, which prints nothing twice', () => {
    const { debug, go, seen } = debugged(LOOP);
    go('continue');
    const there = seen();
    go('stepBack');
    expect(debug.again).toBe(true);
    expect(go('continue')).toEqual({ kind: 'breakpoint' });
    expect(seen()).toEqual(there);
    expect(debug.again).toBe(false);
  });

  it('ends where something was changed from outside', () => {
    const { debug, go, machine } = debugged(LOOP);
    for (let k = 0; k < 20; k++) go('step');
    debug.writeRegister(5, [3]);
    go('step');
    expect(go('stepBack')).toEqual({ kind: 'step' });
    expect(machine.register(5)).toBe(3);
    expect(go('stepBack')).toEqual({ kind: 'historyStart' });
  });
});

describe('a program that has ended', () => {
  it('does so again when told to go on, and can be gone back in, or sent elsewhere', () => {
    const { debug, go, machine, address } = debugged(LOOP);
    const ended = { kind: 'exited', status: 0 };
    expect(go('continue')).toEqual({ kind: 'breakpoint' });
    expect(go('continue')).toEqual(ended);
    const instructions = machine.instructions;
    expect([go('continue'), go('step')]).toEqual([ended, ended]);
    expect(machine.instructions).toBe(instructions);
    expect(go('stepBack')).toEqual({ kind: 'step' });
    expect(machine.instructions).toBeLessThan(instructions);
    expect(go('continue')).toEqual(ended);
    debug.writeRegister(15, [address('after')]);
    expect(go('step')).toEqual({ kind: 'step' });
  });
});

describe('a debugger that leaves', () => {
  it('takes its breakpoints along, and leaves an ended program at its start', () => {
    const { debug, go, machine, address } = debugged(LOOP);
    debug.addBreakpoint(address('store'));
    debug.addWatchpoint('write', address('out'), 4);
    debug.release();
    expect(go('continue')).toEqual({ kind: 'breakpoint' });
    expect(machine.register(15)).toBe(address('after') - 2);
    debug.release();
    expect(machine.register(15)).toBe(address('after') - 2);
    expect(go('continue')).toEqual({ kind: 'exited', status: 0 });
    debug.release();
    expect(machine.instructions).toBe(0);
  });
});

describe('memory', () => {
  it('is RAM, flash and device registers; reading a device changes nothing', () => {
    const { debug, go, machine } = debugged(LOOP);
    go('continue');
    expect(debug.readMemory(0xe000ed00, 4)).toEqual(Uint8Array.of(0x41, 0xc2, 0x0f, 0x41));
    const flag = (): number | undefined => debug.readMemory(0xe000e012, 1)[0];
    // COUNTFLAG, which a read by the program clears.
    expect([flag(), flag()]).toEqual([1, 1]);
    expect(debug.readMemory(0x30000000, 4)).toHaveLength(0);
    expect(debug.readMemory(0x2004fffe, 4)).toHaveLength(2);
    expect(debug.writeMemory(0xe000e014, Uint8Array.of(7, 0, 0, 0))).toBe(true);
    expect(debug.readMemory(0xe000e014, 1)).toEqual(Uint8Array.of(7));
    expect(debug.writeMemory(0x30000000, Uint8Array.of(1, 2, 3, 4))).toBe(false);
    expect(machine.unmodelled()).toEqual([]);
  });
});

describe('trouble is told by its kind', () => {
  const cases: readonly [string, string, RegExp][] = [
    ['illegal', 'main:\n  udf #1\n', /^UsageFault: undefined instruction/],
    ['memory', 'main:\n  ldr r0, =0x30000000\n  ldr r0, [r0]\n', /^BusFault: read of 4 bytes at 0x30000000/],
    ['idle', 'main:\n  cpsid i\n  wfi\n', /nothing can wake it/],
    [
      'arithmetic',
      'main:\n  poke 0xe000ed14, 0x210\n  movs r1, #0\n  udiv r0, r0, r1\n',
      /^UsageFault: divide by zero/,
    ],
    ['alignment', 'main:\n  ldr r0, =0x20000001\n  ldrd r0, r1, [r0]\n', /^UsageFault: unaligned read/],
  ];

  it.each(cases)('%s', (trouble, source, text) => {
    const stop = debugged(source).go('continue');
    expect(stop).toEqual({ kind: 'trouble', trouble, text: expect.stringMatching(text) });
  });

  it('locked', () => {
    const stop = debugged('main:\n  udf #1\nHardFault_Handler:\n  udf #2\n').go('continue');
    expect(stop).toEqual({ kind: 'trouble', trouble: 'locked', text: expect.stringMatching(/^lockup: /) });
  });
});
