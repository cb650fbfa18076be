/**
 * The interpreter's cycles are the model's, rule by rule: a program is stepped, each instruction's facts
 * are read off its record, what happened is worked out from the registers alone, and the terms of `explain`
 * are added up.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../emulator/decode/decoder.js';
import { loadElf, Machine } from '../../../emulator/index.js';
import { factsOf } from '../../../emulator/timing/facts.js';
import { trmModel } from '../../../emulator/timing/trm.js';
import { guest, profileOf } from '../machine/guest-machine.js';

const root = join(import.meta.dirname, '..', '..', '..');

/** The condition of an IT block, from xPSR: DDI 0403, A7.3.1, in words of this test. */
function passes(condition: number, xpsr: number): boolean {
  const [n, z, c, v] = [31, 30, 29, 28].map((bit) => ((xpsr >>> bit) & 1) === 1);
  const base = [z, c, n, v, c && !z, n === v, n === v && !z, true][condition >>> 1] as boolean;
  return condition % 2 === 1 && condition !== 15 ? !base : base;
}

interface Sum {
  readonly cycles: number;
  readonly rules: ReadonlyMap<string, number>;
  readonly firstDifference: string | undefined;
}

/** Steps to the program's end or for `instructions`. */
function explained(machine: Machine, instructions: number): Sum {
  const model = trmModel();
  const rules = new Map<string, number>();
  let state = model.initial;
  let cycles = 0;
  let firstDifference: string | undefined;
  for (let k = 0; k < instructions; k++) {
    const pc = machine.register(15);
    const { xpsr } = machine;
    const [first, second] = [0, 2].map((offset) => machine.readWord(pc + offset) & 0xffff) as [
      number,
      number,
    ];
    const decoded = decode(first, second);
    if (decoded === undefined) throw new Error(`no record at ${pc.toString(16)}`);
    const { insn, fields, size } = decoded;
    const itState = ((xpsr >>> 25) & 3) | ((xpsr >>> 8) & 0xfc);
    const skipped = itState !== 0 && insn.unconditional !== true && !passes(itState >>> 4, xpsr);
    const divide = insn.cycles === 'divide' && !skipped ? divideExtra(machine, model, insn.name, fields) : 0;
    const before = machine.cycles;
    const stop = machine.run({ maxInstructions: machine.instructions + 1 });
    const facts = factsOf(insn, fields, size, pc, itState !== 0);
    const taken = !skipped && facts.writesPC && machine.register(15) !== pc + size;
    const terms = model.explain(state, facts, { taken, skipped });
    for (const { rule, cycles: term } of terms) rules.set(rule, (rules.get(rule) ?? 0) + term);
    const sum = terms.reduce((total, term) => total + term.cycles, 0) + divide;
    state = model.retire(state, facts, { taken, skipped }).state;
    cycles += sum;
    const took = machine.cycles - before;
    if (took !== sum) firstDifference ??= `${insn.name} at 0x${pc.toString(16)}: ${took}, explained ${sum}`;
    if (stop.reason === 'exit') break;
  }
  return { cycles, rules, firstDifference };
}

function divideExtra(
  machine: Machine,
  model: ReturnType<typeof trmModel>,
  name: string,
  fields: Readonly<Record<string, number>>,
): number {
  const [dividend, divisor] = [fields.n, fields.m].map((register) => machine.register(register ?? 0)) as [
    number,
    number,
  ];
  const magnitude = (value: number) => (name === 'SDIV' ? Math.abs(value | 0) : value);
  return model.divideExtra(magnitude(dividend), magnitude(divisor));
}

describe('every cycle has a rule', () => {
  it('in the first 60,000 instructions of the shipped training program', () => {
    const machine = new Machine(profileOf('stm32l496zg'));
    machine.load(
      loadElf(readFileSync(join(root, 'firmware/prebuilt/stm32l496zg/train_once.elf')), 'train_once.elf'),
    );
    const { cycles, firstDifference, rules } = explained(machine, 60_000);
    expect(firstDifference).toBeUndefined();
    expect(cycles).toBe(machine.cycles);
    expect(machine.instructions).toBe(60_000);
    expect([...rules.keys()]).toContain('load-pipelined');
  });

  it('in a program that meets every rule', () => {
    const { machine } = guest(`
main:
  poke 0xe000ed88, 0x00f00000
  ldr r8, =0x20004000
  movs r7, #0
1:
  add r1, r8, r7, lsl #2
  ldr r2, [r1]
  ldr r3, [r8]
  str r2, [r8, r7]
  vmov s0, r7
  vcvt.f32.u32 s0, s0
  vmov.f32 s1, #2.0
  vdiv.f32 s2, s1, s0
  vmul.f32 s3, s2, s2
  vmla.f32 s3, s2, s1
  sdiv r4, r8, r7
  udiv r5, r8, r7
  movs r6, #4
  tst r7, r6
  ittee eq
  addeq r4, r4, #1
  ldreq r5, [r8]
  ldrne r4, [r8, #4]
  pushne {r4, r5}
  tst r7, r6
  it ne
  popne {r4, r5}
  bl 2f
  adds r7, #4
  cmp r7, #60
  bne 1b
  b report
2: push {r4, lr}
  tst r7, #4
  beq 3f
  isb
3: pop {r4, pc}
`);
    const { cycles, firstDifference, rules } = explained(machine, 100_000);
    expect(firstDifference).toBeUndefined();
    expect(cycles).toBe(machine.cycles);
    expect([...rules.keys()].sort()).toEqual([
      'address-from-execute',
      'float-busy',
      'float-result-used',
      'it-folded',
      'load-pipelined',
      'refill',
      'table',
    ]);
  });
});
