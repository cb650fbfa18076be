/** Unicorn and QEMU beside the interpreter: what they check, what they are given, what they find. */
import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { describe, expect, it } from 'vitest';
import { type ElfImage, loadElf } from '../../../emulator/index.js';
import { QemuFollower } from '../../../harness/cli/lockstep/qemu-follower.js';
import { startQemu } from '../../../harness/cli/lockstep/qemu-process.js';
import { Follow } from '../../../harness/lockstep/follow.js';
import { FollowedLockstep } from '../../../harness/lockstep/followed-lockstep.js';
import type { Follower } from '../../../harness/lockstep/follower.js';
import type { LockstepEnd } from '../../../harness/lockstep/lockstep.js';
import type { Pair } from '../../../harness/lockstep/pair.js';
import { UnicornFollower } from '../../../harness/lockstep/unicorn-follower.js';
import { loadUnicorn } from '../../../harness/lockstep/unicorn-library.js';
import { guest } from '../../emulator/machine/guest-machine.js';
import { pairOf, plant } from './planted.js';

const followers: Readonly<Record<string, (pair: Pair, path: string) => Promise<Follower>>> = {
  Unicorn: async ({ witness }) => new UnicornFollower(koffi, loadUnicorn(koffi), witness.machine),
  QEMU: async ({ witness }, path) => new QemuFollower(await startQemu(path), witness.machine),
};

interface Ran {
  readonly end: LockstepEnd;
  readonly follow: Follow;
  readonly instructions: number;
}

async function follow(pair: Pair, elf: ElfImage, path: string, name: string, stretch = 1000): Promise<Ran> {
  const make = followers[name];
  if (make === undefined) throw new Error(`no ${name}`);
  const following = new Follow(pair.witness.machine, await make(pair, path));
  const lockstep = new FollowedLockstep(pair, elf, { stretch }, following);
  for (;;) {
    const end = await lockstep.step();
    if (end === undefined) continue;
    await following.close();
    return { end, follow: following, instructions: lockstep.instructions };
  }
}

const program = (source: string) => {
  const { path, address } = guest(source, { mcu: 'mps2-an386' });
  const elf = loadElf(readFileSync(path), 'guest.elf');
  return { path, address, elf };
};

/** FP, IT blocks, stores of each size, a table, exceptions with FP, bit-banding, unprivileged code. */
const EVERYTHING = `
main:
  poke 0xe000ed88, 0x00f00000
  ldr r0, =0x20001000
  msr psp, r0
  poke 0xe000e014, 1999
  poke 0xe000e010, 7
  vmov.f32 s0, #1.0
  vmov.f32 s1, #0.125
  ldr r4, =200
  ldr r6, =0x20000800
1: vmla.f32 s0, s1, s1
  vsqrt.f32 s2, s0
  vcmp.f32 s2, s1
  vmrs apsr_nzcv, fpscr
  ittee gt
  addgt r5, r5, r4
  strgt r5, [r6]
  suble r5, r5, #1
  strhle r5, [r6, #6]
  and r1, r4, #3
  tbb [pc, r1]
2: .byte (3f - 2b) / 2, (4f - 2b) / 2, (3f - 2b) / 2, (5f - 2b) / 2
3: strb r4, [r6, r1]
  b 6f
4: ldrd r2, r3, [r6]
  smlal r2, r3, r4, r5
  strd r2, r3, [r6, #8]
  b 6f
5: ldr r0, =0x22010010
  str r4, [r0]
  ldr r2, [r6]
  add r5, r5, r2
  mrs r2, apsr
  svc 3
6: push {r4, r5}
  ldrex r0, [r6]
  strex r1, r0, [r6]
  pop {r0, r1}
  nop
  subs r4, #1
  bne 1b
  movs r0, #3
  msr control, r0
  isb
  add r5, r5, r4
  put r5
  b report
SVC_Handler:
  vadd.f32 s4, s0, s1
  push {r4, lr}
  add r0, r0, r4
  pop {r4, pc}
SysTick_Handler:
  vadd.f32 s5, s0, s1
  adds r7, #1
  bx lr
`;

describe.each(Object.keys(followers))('%s', (name) => {
  it('agrees on a program, and is given what it cannot do', { timeout: 100_000 }, async () => {
    const { path, elf } = program(EVERYTHING);
    const { end, follow: followed, instructions } = await follow(pairOf(elf, 'mps2-an386'), elf, path, name);
    expect(end).toEqual({ kind: 'ended', stop: { reason: 'exit', code: 0 } });
    const given = [...followed.notChecked.values()].reduce((sum, n) => sum + n, 0);
    expect(followed.checked + given).toBe(instructions);
    expect(followed.checked).toBeGreaterThan(0.8 * instructions);
    for (const kind of ['device', 'exception', 'semihosting', 'system', 'exclusive', 'event'] as const)
      expect([kind, followed.notChecked.get(kind) ?? 0]).toEqual([
        kind,
        expect.toSatisfy((n: number) => n > 0),
      ]);
  });

  it('names the instruction that both of ours do wrong', async () => {
    const { path, elf, address } = program(`
main:
  ldr r4, =1500
  ldr r6, =0x20001000
1: add r5, r5, r4
wrong_code:
  eor r0, r5, r4
  str r0, [r6]
  subs r4, #1
  bne 1b
  b report
`);
    const pair = pairOf(elf, 'mps2-an386');
    for (const { machine } of [pair.subject, pair.witness])
      plant(machine, address('wrong_code'), () => {
        if (machine.register(4) <= 1000) machine.core.state.r[0] = 77;
      });
    const { end } = await follow(pair, elf, path, name);
    if (end.kind !== 'different') throw new Error(JSON.stringify(end));
    expect([end.subject, end.witness]).toEqual(['the interpreter', name]);
    const { finding } = end;
    expect(finding.instruction).toMatchObject({ address: address('wrong_code'), text: 'eor.w r0, r5, r4' });
    expect([finding.to - finding.from, finding.recurs]).toEqual([1, true]);
    expect(finding.differences.map(({ what }) => what)).toEqual(['r0']);
    expect(finding.before.length).toBe(8);
  });

  it('names the store that both of ours do wrong', async () => {
    const { path, elf } = program(`
main:
  ldr r4, =300
  ldr r6, =0x20001000
1: add r5, r5, r4
wrong_code:
  str r5, [r6], #4
  subs r4, #1
  bne 1b
  b report
`);
    const pair = pairOf(elf, 'mps2-an386');
    for (const { machine } of [pair.subject, pair.witness])
      machine.core.interpreter.addAccessLayer((below) => ({
        ...below,
        store32: (at, value) => below.store32(at, at === 0x20001104 ? 99 : value),
      }));
    const { end } = await follow(pair, elf, path, name);
    if (end.kind !== 'different') throw new Error(JSON.stringify(end));
    expect(end.finding.differences).toEqual([
      { what: 'memory[0x20001104]', subject: '0x00000063', witness: expect.any(String) },
    ]);
    expect(end.finding.stretch).toEqual([expect.stringContaining('str.w r5, [r6], #4')]);
  });

  it('leaves it to the interpreter to judge translated code', async () => {
    const { path, elf, address } = program(
      'main:\n  ldr r4, =500\n1:\nadd_code:\n  add r5, r5, r4\n  subs r4, #1\n  bne 1b\n  b report\n',
    );
    const pair = pairOf(elf, 'mps2-an386');
    plant(pair.subject.machine, address('add_code'), (machine) => {
      if (machine.register(4) <= 100) machine.core.state.s[3] = 1;
    });
    const { end } = await follow(pair, elf, path, name);
    if (end.kind !== 'different') throw new Error(JSON.stringify(end));
    expect([end.subject, end.witness]).toEqual(['translated code', 'the interpreter']);
    expect(end.finding.differences).toEqual([{ what: 's3', subject: '0x00000001', witness: '0x00000000' }]);
  });
});
