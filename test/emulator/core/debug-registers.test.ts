import { describe, expect, it } from 'vitest';
import { debugRegisters } from '../../../emulator/core/debug-registers.js';
import { CoreState, STATE_BYTES, X } from '../../../emulator/core/state.js';

function freshState(): CoreState {
  const state = new CoreState(new ArrayBuffer(STATE_BYTES), 0);
  state.reset();
  return state;
}

const table = debugRegisters(true, 0xf0);
const named = (name: string) => {
  const register = table.find((entry) => entry.name === name);
  if (register === undefined) throw new Error(`no register ${name}`);
  return register;
};

describe('the registers of a debugger', () => {
  it('begin with r0 to pc and xpsr, as gdb numbers them', () => {
    const names = table.map(({ name }) => name);
    expect(names.slice(0, 17).join(' ')).toBe('r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc xpsr');
    expect(names.slice(-6)).toEqual(['msp', 'psp', 'primask', 'basepri', 'faultmask', 'control']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('have FP registers only with an FPU', () => {
    const features = new Set(debugRegisters(false, 0xf0).map(({ feature }) => feature));
    expect(features).toEqual(new Set(['org.gnu.gdb.arm.m-profile', 'org.gnu.gdb.arm.m-system']));
    expect(table.filter(({ bits }) => bits === 64)).toHaveLength(16);
  });

  it('read what was written, in the bits that they have', () => {
    const written: readonly [string, readonly number[], readonly number[]][] = [
      ['r7', [0xdeadbeef], [0xdeadbeef]],
      ['pc', [0x08000101], [0x08000100]],
      ['sp', [0x20001003], [0x20001000]],
      ['xpsr', [0xa90f0000], [0xa90f0000]],
      ['d3', [0x11111111, 0xffffffff], [0x11111111, 0xffffffff]],
      ['fpscr', [0xffffffff], [0xf7c0009f]],
      ['primask', [3], [1]],
      ['basepri', [0x4f], [0x40]],
      ['faultmask', [1], [1]],
      ['psp', [0x20002000], [0x20002000]],
    ];
    for (const [name, words, expected] of written) {
      const state = freshState();
      named(name).write(state, words);
      expect([name, named(name).read(state)]).toEqual([name, expected]);
    }
  });

  it('are the machine: d1 is s2 and s3, sp is the stack that CONTROL chooses', () => {
    const state = freshState();
    state.s[2] = 5;
    state.s[3] = -1;
    expect(named('d1').read(state)).toEqual([5, 0xffffffff]);
    named('msp').write(state, [0x20001000]);
    named('psp').write(state, [0x20002000]);
    expect(named('sp').read(state)).toEqual([0x20001000]);
    named('control').write(state, [2]);
    expect(state.x[X.CONTROL]).toBe(2);
    expect(named('sp').read(state)).toEqual([0x20002000]);
    expect(named('msp').read(state)).toEqual([0x20001000]);
  });
});
