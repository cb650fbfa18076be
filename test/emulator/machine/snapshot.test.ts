import { describe, expect, it } from 'vitest';
import { type Guest, guest } from './guest-machine.js';

/**
 * SysTick interrupts while words are summed, the cycle counter and a timer are read, and the core sleeps
 * now and then; the FPU is in use, so that frames are stacked lazily. It never ends.
 */
const BUSY = `
main:
  poke 0xe000ed88, 0x00f00000
  poke 0xe000edfc, 0x01000000
  poke 0xe0001000, 1
  poke 0x40021058, 0x10
  poke 0x4000102c, 0xffff
  poke 0x40001000, 1
  poke 0xe000e014, 997
  poke 0xe000e018, 0
  poke 0xe000e010, 7
  vmov.f32 s0, #1.0
  vmov.f32 s1, #1.0
  movs r7, #0
again:
  vadd.f32 s0, s0, s1
  ldr r0, =0xe0001004
  ldr r0, [r0]
  eor r7, r7, r0
  ldr r0, =0x40001024
  ldr r0, [r0]
  add r7, r7, r0, ror #7
  ldr r0, =out
  str r7, [r0, #8]
  tst r7, #0x3f
  bne again
  wfi
  b again
SysTick_Handler:
  vadd.f32 s2, s0, s1
  ldr r0, =out
  ldr r1, [r0, #4]
  adds r1, #1
  str r1, [r0, #4]
  bx lr
`;

/** All that can be seen of it: registers, time, RAM. */
function story({ machine }: Guest): unknown {
  const registers = Array.from({ length: 16 }, (_, n) => machine.register(n));
  const ram = machine.readBytes(0x20000000, 0x8000);
  const sum = ram.reduce((all, byte) => (Math.imul(all, 31) + byte) | 0, 0);
  const { cycles, instructions, xpsr } = machine;
  const { timingState } = machine.core.interpreter;
  return {
    registers,
    xpsr,
    cycles,
    instructions,
    timingState,
    sum,
    floats: [...machine.core.state.s],
    stacks: machine.stacks(),
  };
}

const at = (program: Guest, instructions: number): unknown => {
  program.machine.run({ maxInstructions: instructions });
  return story(program);
};

describe('a snapshot', () => {
  it('is followed by the same run again, whatever ran in between', () => {
    const program = guest(BUSY);
    const { machine } = program;
    const kept: { readonly snapshot: ReturnType<typeof machine.snapshot>; readonly seen: unknown }[] = [];
    // Far apart, and after each instruction of the loop: the timing model's state is another each time.
    for (let k = 1; k <= 20; k++) {
      at(program, k <= 6 ? 4777 * k : 30_000 + k);
      kept.push({ snapshot: machine.snapshot(kept.at(-1)?.snapshot), seen: story(program) });
    }
    const later = at(program, 50_000);
    for (const { snapshot, seen } of kept.toReversed()) {
      machine.restore(snapshot);
      expect(story(program)).toEqual(seen);
      expect(at(program, 50_000)).toEqual(later);
    }
    expect(later).toEqual(at(guest(BUSY), 50_000));
  });

  it('sees interrupts, sleep and the timer: the program does what it is for', () => {
    const program = guest(BUSY);
    at(program, 50_000);
    const [sysTicks = 0, last = 0] = [4, 8].map((k) => program.machine.readWord(program.address('out') + k));
    expect(sysTicks).toBeGreaterThan(50);
    expect(last).not.toBe(0);
    expect(program.machine.unmodelled()).toEqual([]);
  });

  it('shares the memory that has not changed', () => {
    const { machine } = guest(BUSY);
    const first = machine.snapshot();
    machine.run({ maxInstructions: 1000 });
    const second = machine.snapshot(first);
    const changed = second.pages.filter((page, index) => page !== first.pages[index]);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThan(5);
  });

  it('puts back the MPU', () => {
    const region = 'poke 0xe000ed9c, 0x20004010\n  poke 0xe000eda0, 0x13';
    const { machine } = guest(`main:\n  ${region}\n  poke 0xe000ed94, 5\n  peek 0x20004000\n  b report\n`);
    machine.run({ maxInstructions: 18 });
    const fenced = machine.snapshot();
    const stop = machine.run();
    expect(stop).toMatchObject({ reason: 'fault', text: expect.stringMatching(/the MPU forbids/) });
    machine.reset();
    machine.restore(fenced);
    expect(machine.run()).toEqual(stop);
  });

  it('puts back flash, and what was decoded from it', () => {
    const program = guest('main:\n  movs r0, #1\n  b .\n');
    const { machine } = program;
    const before = machine.snapshot();
    const stop = { maxInstructions: 4 };
    machine.run(stop);
    expect(machine.register(0)).toBe(1);
    machine.restore(before);
    machine.writeBytes(program.address('main'), Uint8Array.of(2));
    const changed = machine.snapshot();
    machine.run(stop);
    expect(machine.register(0)).toBe(2);
    machine.restore(before);
    machine.run(stop);
    expect(machine.register(0)).toBe(1);
    machine.restore(changed);
    machine.run(stop);
    expect(machine.register(0)).toBe(2);
  });
});
