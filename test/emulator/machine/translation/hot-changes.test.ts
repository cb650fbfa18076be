/**
 * Code that changes after it has become hot: in RAM by the program, in flash by a debug probe, everything at
 * once by a snapshot that is put back. Both machines are compared all the while.
 */
import { describe, expect, it } from 'vitest';
import { below, makeRandom } from '../../decode/random-words.js';
import { endlessProgram } from './interrupt-sweep.js';
import { HOT, Twins, wordsOfTwins } from './twins.js';

/** Of RAM the translator takes code of SRAM2 alone: there stores are watched. */
const RAMS: readonly (readonly [string, number, number])[] = [
  ['SRAM1', 0x20010000, 0],
  ['SRAM2', 0x10000000, 0.1],
];

/** Where its bytes lie in the bit-band's megabyte, SRAM2 by its second address. */
const bitBandOf = (code: number) => (code >= 0x20000000 ? code - 0x20000000 : code - 0x10000000 + 0x40000);

describe.each(RAMS)('code in %s', (_name, code, leastShare) => {
  it('runs hot, is overwritten by other code, and that runs hot', () => {
    const source = `
main:
  movs r7, #0
  movs r8, #3
again:
  adr r0, adding
  bl install_code
  bl run_code
  put r7
  adr r0, mixing
  bl install_code
  bl run_code
  put r7
  subs r8, #1
  bne again
  b report
install_code:
  ldr r1, =${code}
  ldmia r0!, {r2-r5}
  stmia r1!, {r2-r5}
  ldmia r0!, {r2-r5}
  stmia r1!, {r2-r5}
  dsb
  isb
  bx lr
run_code:
  ldr r0, =12000
  ldr r1, =${code + 1}
  bx r1
  .balign 4
adding:
  adds r7, #3
  subs r0, #1
  bne adding
  bx lr
  .space 24
mixing:
  ldr r3, =0x01000193
mixed:
  eor r7, r0
  mul r7, r3, r7
  subs r0, #1
  bne mixed
  bx lr
  .balign 4
  .ltorg
  .space 16
`;
    const wanted: number[] = [];
    let r7 = 0;
    for (let k = 0; k < 3; k++) {
      r7 = (r7 + 36_000) | 0;
      wanted.push(r7 >>> 0);
      for (let r0 = 12_000; r0 > 0; r0--) r7 = Math.imul(r7 ^ r0, 0x01000193);
      wanted.push(r7 >>> 0);
    }
    expect(wordsOfTwins(source, { leastShare })).toEqual(wanted);
  });

  it('changes the instruction that comes next, in every round of a hot loop', () => {
    const source = `
main:
  ldr r1, =${code}
  adr r2, patched
  movs r3, #12
1: ldr r0, [r2], #4
  str r0, [r1], #4
  subs r3, #1
  bne 1b
  movs r7, #0
  ldr r8, =9000
  ldr r5, =${code}
  ldr r6, =0x3700
  ldr r1, =${code + 1}
  blx r1
  put r7
  b report
  .balign 4
patched:
  and r0, r8, #0x1f
  orr r0, r0, r6
  strh r0, [r5, #(place - patched)]
place:
  adds r7, #0
  strh r6, [r5, #(place - patched)]
  subs r8, #1
  bne patched
  bx lr
  .balign 4
  .space 48
  .ltorg
`;
    let sum = 0;
    for (let k = 9000; k > 0; k--) sum += k & 0x1f;
    // Nothing is made of what changes all the time.
    expect(wordsOfTwins(source, { leastShare: 0 })).toEqual([sum]);
  });

  it('is changed by an interrupt in the middle of its loop, and by a store through the bit-band', () => {
    const source = `
main:
  ldr r1, =${code}
  adr r2, looping
  movs r3, #6
1: ldr r0, [r2], #4
  str r0, [r1], #4
  subs r3, #1
  bne 1b
  ldr r0, =0xe000e014
  ldr r1, =24001
  str r1, [r0]
  movs r1, #0
  str r1, [r0, #4]
  movs r1, #7
  str r1, [r0, #-4]
  movs r7, #0
  ldr r8, =40000
  ldr r5, =${code + 1}
  blx r5
  put r7
  b report
  .balign 4
looping:
  adds r7, #1
  eor r7, r7, r7, lsl #1
  subs r8, #1
  bne looping
  bx lr
  .balign 4
  .space 16
SysTick_Handler:
  ldr r0, =(0x22000000 + ${bitBandOf(code)} * 32 + 3 * 4)
  ldr r1, [r0]
  eor r1, #1
  str r1, [r0]
  ldr r0, =${code}
  ldrb r1, [r0]
  eor r1, #2
  strb r1, [r0]
  ldr r0, =0xe000e014
  ldr r1, [r0]
  adds r1, #3
  str r1, [r0]
  bx lr
  .ltorg
`;
    expect(wordsOfTwins(source, { leastShare })).toHaveLength(1);
  });
});

const FLASH_LOOP = `
main:
  movs r6, #0
  movs r7, #0
outer:
  ldr r8, =200
inner:
  ldr r0, step
place:
  adds r7, #1
  add r7, r0
  subs r8, #1
  bne inner
  adds r6, #1
  b outer
  .balign 4
step: .word 16
  .ltorg
`;

describe('flash', () => {
  it('is programmed by a debug probe in the middle of a hot loop: code, and a literal that it loads', () => {
    const twins = new Twins(FLASH_LOOP);
    const random = makeRandom(3);
    const step = twins.address('step');
    const place = twins.address('place');
    let added = 1;
    let literal = 16;
    for (let k = 0; k < 40; k++) {
      twins.runInstructions(HOT / 10 + below(random, 500));
      const [before, rounds] = [twins.interpreted.register(7), twins.interpreted.register(6)];
      twins.runCycles(20_000);
      expect(twins.interpreted.register(6)).toBeGreaterThan(rounds);
      const grown = (twins.interpreted.register(7) - before) >>> 0;
      expect(grown).toBeGreaterThan(2000 * (added + literal));
      expect(grown).toBeLessThan(5000 * (added + literal));
      if (k % 2 === 0) added = below(random, 256);
      else literal = below(random, 0x10000);
      twins.both((machine) => {
        machine.writeBytes(place, Uint8Array.of(added));
        machine.writeWord(step, literal);
      });
    }
  });

  it('is programmed with a whole other program, by load', () => {
    const twins = new Twins(FLASH_LOOP);
    for (let k = 0; k < 4; k++) {
      twins.runInstructions(HOT);
      twins.both((machine, { elf }) => machine.load(elf));
      expect([twins.cycles, twins.instructions]).toEqual([0, 0]);
      twins.compare('after a load');
    }
  });
});

describe('a snapshot', () => {
  const kernel = endlessProgram({ rounds: 2, stack: 'process', handler: 'float', stacking: 'lazy' }).replace(
    'endless:',
    'poke 0xe000e014, 1237\n  poke 0xe000e018, 0\n  poke 0xe000e010, 7\nendless:',
  );

  it('put back in the middle of hot code is followed by the same run again', () => {
    const twins = new Twins(kernel);
    const random = makeRandom(13);
    const kept: { readonly snapshots: ReadonlyMap<unknown, unknown>; readonly seen: unknown }[] = [];
    const seen = (): unknown =>
      twins.both((machine) => [
        machine.cycles,
        machine.instructions,
        ...Array.from({ length: 16 }, (_, n) => machine.register(n)),
        ...machine.core.state.s,
        machine.readBytes(0x20000000, 0x1000).reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0),
      ]);
    for (let k = 0; k < 8; k++) {
      twins.runInstructions(4000 + below(random, 12_000));
      const snapshots = new Map([twins.translated, twins.interpreted].map((m) => [m, m.snapshot()]));
      kept.push({ snapshots, seen: seen() });
    }
    twins.runInstructions(HOT);
    const [end, last] = [twins.instructions, seen()];
    for (const { snapshots, seen: then } of kept.toReversed()) {
      twins.both((machine) => machine.restore(snapshots.get(machine) as ReturnType<typeof machine.snapshot>));
      twins.compare('after a restore');
      expect(seen()).toEqual(then);
      twins.run({ maxInstructions: end });
      expect(seen()).toEqual(last);
    }
  });

  it('puts back flash that was programmed since, and what was translated from it goes', () => {
    const twins = new Twins(FLASH_LOOP);
    twins.runInstructions(HOT);
    const snapshots = new Map([twins.translated, twins.interpreted].map((m) => [m, m.snapshot()] as const));
    twins.runInstructions(HOT);
    const last = twins.interpreted.register(7);
    for (let k = 0; k < 5; k++) {
      twins.both((machine) => machine.writeBytes(twins.address('place'), Uint8Array.of(40 + k)));
      twins.runInstructions(HOT);
      twins.both((machine) => machine.restore(snapshots.get(machine) as ReturnType<typeof machine.snapshot>));
      twins.runInstructions(HOT);
      expect(twins.interpreted.register(7)).toBe(last);
    }
  });

  it('a reset in the middle of hot code begins the same run', () => {
    const twins = new Twins(kernel);
    for (const instructions of [HOT, HOT + 777, 3]) {
      twins.runInstructions(instructions);
      twins.both((machine) => machine.reset());
      twins.compare('after a reset');
    }
    twins.runInstructions(HOT);
  });
});
