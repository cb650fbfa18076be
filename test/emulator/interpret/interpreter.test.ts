/** The loop around the instructions: stops, code that changes, ITSTATE from outside, what signals leave. */
import { beforeEach, describe, expect, it } from 'vitest';
import { word, X } from '../../../emulator/core/state.js';
import { ArmState } from '../../witness/arm-state.js';
import { inITState } from './random-state.js';
import { CODE, DATA, DATA_BYTES, type SignalName, SingleStep } from './single-step.js';

const NZCVQ_C = 0x20000000;
const NZCVQ_Z = 0x40000000;
const ITSTATE_BITS = 0x0600fc00;

let core = new SingleStep();
let before = new ArmState();
let after = new ArmState();

beforeEach(() => {
  core = new SingleStep();
  before = new ArmState();
  after = new ArmState();
  before.r[13] = DATA + 0x1000;
  before.r[15] = CODE;
});

function place(at: number, ...halfwords: number[]): void {
  new Uint16Array(core.code.buffer, core.code.byteOffset).set(halfwords, (at - CODE) / 2);
}

/** Runs up to `count` instructions from `before`. */
function run(count: number, passStop = false): number {
  core.setState(before);
  const signal = core.interpreter.run(count, passStop);
  core.getState(after);
  return signal;
}

function step(code: readonly number[], prepare: (state: ArmState) => void = () => undefined): SignalName {
  prepare(before);
  return core.step(code, before, after);
}

describe('stops', () => {
  const STOP_HERE = 10;
  const THREE_ADDS = [0x3001, 0x3001, 0x3001, 0xe7fe];

  it('stops before an address, and passes it when told to', () => {
    place(CODE, ...THREE_ADDS);
    core.interpreter.setStops([CODE + 4]);
    expect(run(100)).toBe(STOP_HERE);
    expect([after.r[0], after.r[15]]).toEqual([2, CODE + 4]);
    before.copyFrom(after);
    expect(run(100)).toBe(STOP_HERE);
    expect(after.r[0]).toBe(2);
    expect(run(1, true)).toBe(0);
    expect([after.r[0], after.r[15]]).toEqual([3, CODE + 6]);
  });

  it('notices a stop that is set where code has run already, and one that is taken away', () => {
    place(CODE, ...THREE_ADDS);
    expect(run(3)).toBe(0);
    core.interpreter.setStops([CODE + 2]);
    expect(run(3)).toBe(STOP_HERE);
    expect(after.r[0]).toBe(1);
    core.interpreter.setStops([]);
    expect(run(3)).toBe(0);
    expect(after.r[0]).toBe(3);
  });

  it('runs as many instructions as asked for, and counts them', () => {
    place(CODE, ...THREE_ADDS);
    run(2);
    expect([after.r[0], after.r[15], core.interpreter.instructions]).toEqual([2, CODE + 4, 2]);
  });

  it('stops when the countdown is used up', () => {
    place(CODE, 0xe7fe);
    core.setState(before);
    core.state.x[X.COUNTDOWN] = 5;
    expect(core.interpreter.run(100, false)).toBe(0);
    expect([core.interpreter.instructions, word(core.state.x, X.COUNTDOWN)]).toEqual([5, 0]);
  });
});

describe('code that a program changes', () => {
  beforeEach(() => {
    core = new SingleStep(true);
  });

  it('is run as it is now, not as it was decoded', () => {
    // movs r0, #1; strh r1, [r2]; b back: r2 = the movs, r1 = movs r0, #2.
    place(CODE, 0x2001, 0x8011, 0xe7fc);
    before.r[1] = 0x2002;
    before.r[2] = CODE;
    run(1);
    expect(after.r[0]).toBe(1);
    run(4);
    expect([after.r[0], after.r[15]]).toEqual([2, CODE + 2]);
  });

  it('is noticed in the second halfword of a 32-bit instruction', () => {
    // movw r0, #1; strh r1, [r2]; b back: r2 = movw's second halfword, r1 makes it #3.
    place(CODE, 0xf240, 0x0001, 0x8011, 0xe7fb);
    before.r[1] = 0x0003;
    before.r[2] = CODE + 2;
    run(1);
    expect(after.r[0]).toBe(1);
    run(4);
    expect([after.r[0], after.r[15]]).toEqual([3, CODE + 4]);
  });

  it('is noticed in the very next instruction', () => {
    // strh r1, [r2] over what follows it.
    place(CODE, 0x8011, 0x2001);
    before.r[1] = 0x2007;
    before.r[2] = CODE + 2;
    run(2);
    expect(after.r[0]).toBe(7);
  });
});

describe('an IT block entered in the middle', () => {
  /** adds r0, #1 in flag-setting form outside a block. */
  const ADD = 0x3001;
  const EQ_LAST = 0x08;
  const EQ_THEN_NE = 0x0c;

  it('runs, sets no flags and leaves the block when the condition passes', () => {
    const code = [ADD];
    step(code, (s) => {
      s.xpsr = inITState((s.xpsr | NZCVQ_Z | NZCVQ_C) >>> 0, EQ_LAST);
      s.r[0] = 0x7fffffff;
    });
    expect(after.r[0]).toBe(0x80000000);
    expect(after.xpsr >>> 28).toBe(6);
    expect(after.xpsr & ITSTATE_BITS).toBe(0);
  });

  it('skips when it fails, and goes on with the next condition', () => {
    place(CODE, ADD, ADD);
    before.xpsr = inITState(before.xpsr, EQ_THEN_NE);
    run(1);
    expect([after.r[0], after.r[15]]).toEqual([0, CODE + 2]);
    // EQ, then the inverse: ITSTATE<4> has become 1.
    expect(after.xpsr).toBe(inITState(before.xpsr, 0x18));
    run(2);
    expect(after.r[0]).toBe(1);
    expect(after.xpsr & ITSTATE_BITS).toBe(0);
  });

  it('does not use what was decoded for another ITSTATE at the same address', () => {
    place(CODE, ADD);
    before.r[0] = 0xffffffff;
    run(1);
    expect(after.xpsr >>> 28).toBe(6);
    before.xpsr = inITState((before.xpsr | NZCVQ_Z) >>> 0, EQ_LAST);
    run(1);
    expect([after.r[0], after.xpsr >>> 28]).toEqual([0, 4]);
    before.xpsr = inITState((before.xpsr & ~NZCVQ_Z) >>> 0, EQ_LAST);
    run(1);
    expect(after.r[0]).toBe(0xffffffff);
    before.xpsr = inITState(before.xpsr, 0);
    run(1);
    expect([after.r[0], after.xpsr >>> 28]).toEqual([0, 6]);
  });

  it('takes flags from the instruction before, within the block', () => {
    // itt eq; cmpeq r0, r1 (unequal, clears Z); addeq r2, #1: skipped.
    place(CODE, 0xbf04, 0x4288, 0x3201);
    before.xpsr = (before.xpsr | NZCVQ_Z) >>> 0;
    before.r[1] = 1;
    run(3);
    expect([after.r[2], after.r[15]]).toEqual([0, CODE + 6]);
  });
});

describe('signals', () => {
  /** Every word of the state but those named. */
  const others = (state: ArmState, ...except: number[]): number[] =>
    [...state.words].filter((_, k) => !except.includes(k));

  it('SVC and BKPT say where they are, and their immediate', () => {
    expect(step([0xdf2a])).toBe('supervisorCall');
    expect([after.r[15], core.signalArgument]).toEqual([CODE, 0x2a]);
    expect(step([0xbeab])).toBe('breakpoint');
    expect([after.r[15], core.signalArgument]).toEqual([CODE, 0xab]);
  });

  it('SVC is conditional, BKPT is not', () => {
    const inFailingBlock = (s: ArmState): void => {
      s.xpsr = inITState(s.xpsr, 0x08);
    };
    expect(step([0xdf2a], inFailingBlock)).toBe('none');
    expect(after.r[15]).toBe(CODE + 2);
    expect(step([0xbe01], inFailingBlock)).toBe('breakpoint');
    expect(after.r[15]).toBe(CODE);
  });

  it('an SVC in an IT block returns behind itself: ITSTATE has advanced', () => {
    step([0xdf00], (s) => {
      s.xpsr = inITState((s.xpsr | NZCVQ_Z) >>> 0, 0x04);
    });
    expect(after.xpsr & ITSTATE_BITS).toBe(inITState(0, 0x08));
  });

  it('permanently undefined and unknown encodings change nothing', () => {
    const state = (s: ArmState): void => {
      s.r.set([1, 2, 3, 4, 5]);
      s.xpsr = inITState((s.xpsr | NZCVQ_Z) >>> 0, 0x04);
    };
    // UDF twice, then SETPAN, HLT, and an FP64 addition.
    for (const code of [[0xde00], [0xf7f0, 0xa000], [0xb610], [0xba80], [0xee30, 0x0b00]]) {
      expect(step(code, state)).toBe('undefinedInstruction');
      expect(after.words).toEqual(before.words);
    }
    // MRC of coprocessor 15, which no Cortex-M has.
    expect(step([0xee11, 0x0f10], state)).toBe('noCoprocessor');
    expect(after.words).toEqual(before.words);
  });

  it('no memory to fetch from is a signal, in the second halfword too', () => {
    before.r[15] = 0x60000000;
    expect(run(1)).toBe(14);
    expect(after.r[15]).toBe(0x60000000);
    const last = CODE + core.code.length - 2;
    place(last, 0xf000);
    before.r[15] = last;
    expect(run(1)).toBe(14);
  });

  it('a branch to an even address retires and names its target', () => {
    const signal = step([0x4718], (s) => {
      s.r[3] = CODE + 0x100;
    });
    expect([signal, core.signalArgument]).toEqual(['invalidState', CODE + 0x100]);
    expect(others(after, 15)).toEqual(others(before, 15));
  });
});

describe('a fault leaves every register as it was', () => {
  const END = DATA + DATA_BYTES;
  const registers = (s: ArmState): void => {
    for (let n = 0; n < 13; n++) s.r[n] = 0x01010101 * n;
    for (let n = 0; n < 32; n++) s.s[n] = 0x3f800000 + n;
    s.r[1] = END - 4;
    s.xpsr = inITState((s.xpsr | NZCVQ_Z) >>> 0, 0x04);
  };

  const AT_THE_END: readonly (readonly [text: string, code: readonly number[]])[] = [
    ['ldr r2, [r1, #4]!', [0xf851, 0x2f04]],
    ['str r2, [r1, #4]!', [0xf841, 0x2f04]],
    ['ldrh r2, [r1, #4]!', [0xf831, 0x2f04]],
    ['strb r2, [r1, #4]!', [0xf801, 0x2f04]],
    ['ldm r1!, {r2, r3}', [0xc90c]],
    ['ldm r1, {r1, r2}', [0xc906]],
    ['ldm.w r1!, {r2, r8, pc}', [0xe8b1, 0x8104]],
    ['stm r1!, {r2, r3}', [0xc10c]],
    ['ldrd r2, r3, [r1], #8', [0xe8f1, 0x2302]],
    ['strd r2, r3, [r1], #8', [0xe8e1, 0x2302]],
    ['vldm r1!, {s0-s1}', [0xecb1, 0x0a02]],
    ['vstm r1!, {s0-s1}', [0xeca1, 0x0a02]],
    ['ldrex r2, [r1, #4]', [0xe851, 0x2f01]],
    ['tbb [r1, r4] past the end', [0xe8d1, 0xf004]],
  ];

  it.each(AT_THE_END)('%s', (_text, code) => {
    expect(step(code, registers)).toBe('memoryFault');
    expect(core.memory.fault.kind).toBe('bus');
    expect(after.words).toEqual(before.words);
  });

  it('ldr r2, [r1], #4 with an address outside', () => {
    const signal = step([0xf851, 0x2b04], (s) => {
      registers(s);
      s.r[1] = END;
    });
    expect([signal, after.r[1], after.r[2]]).toEqual(['memoryFault', END, 0x02020202]);
    expect(core.memory.fault).toEqual({ kind: 'bus', address: END, size: 4, write: false });
  });

  it('push and pop keep SP', () => {
    for (const [code, sp] of [
      [[0xb503], DATA + 8],
      [[0xe92d, 0x0103], DATA + 4],
      [[0xed2d, 0x0a04], DATA + 8],
      [[0xbd03], END - 8],
      [[0xe8bd, 0x8103], END - 8],
    ] as const) {
      const signal = step(code, (s) => {
        registers(s);
        s.r[13] = sp;
      });
      expect([signal, after.r[13]]).toEqual(['memoryFault', sp]);
      expect(after.words).toEqual(before.words);
    }
  });

  const UNALIGNED: readonly (readonly [text: string, code: readonly number[]])[] = [
    ['ldm r1!, {r2, r3}', [0xc90c]],
    ['stm r1!, {r2, r3}', [0xc10c]],
    ['ldrd r2, r3, [r1]', [0xe9d1, 0x2300]],
    ['strd r2, r3, [r1]', [0xe9c1, 0x2300]],
    ['vldr s0, [r1]', [0xed91, 0x0a00]],
    ['vstm r1!, {s0}', [0xeca1, 0x0a01]],
    ['ldrex r2, [r1]', [0xe851, 0x2f00]],
    ['ldrexh r2, [r1]', [0xe8d1, 0x2f5f]],
  ];

  it.each(UNALIGNED)('%s from an odd address', (_text, code) => {
    const signal = step(code, (s) => {
      registers(s);
      s.r[1] = DATA + 0x101;
    });
    expect([signal, core.memory.fault.kind]).toEqual(['memoryFault', 'unaligned']);
    expect(after.words).toEqual(before.words);
  });

  it('single words and halfwords may be unaligned, until UNALIGN_TRP is set', () => {
    core.data.set([1, 2, 3, 4, 5], 0x101);
    const odd = (s: ArmState): void => {
      s.r[1] = DATA + 0x101;
    };
    expect(step([0x680a], odd)).toBe('none');
    expect(after.r[2]).toBe(0x04030201);
    core.memory.trapUnaligned = true;
    expect(step([0x680a], odd)).toBe('memoryFault');
    expect(core.memory.fault).toEqual({ kind: 'unaligned', address: DATA + 0x101, size: 4, write: false });
  });
});
