/**
 * An interrupt at every boundary between two instructions of hot code: the machine that translates and the
 * one that interprets are the same in everything, and what is interrupted does not notice.
 * M4LAB_INTERRUPT_ROUNDS, at most 20, multiplies the rounds of the kernel and so the boundaries (1 when
 * absent).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElf, Machine } from '../../../../emulator/index.js';
import { noteFigure } from '../../../conformance/figures.js';
import { below, makeRandom } from '../../decode/random-words.js';
import { guest, profileOf } from '../guest-machine.js';
import { endlessProgram, LOG, LOG_WORDS, type SweepOptions, sweepProgram } from './interrupt-sweep.js';
import { type Scheduled, schedule, watchExceptions } from './scheduled.js';
import { HOT, smallMcu, Twins } from './twins.js';
import { differences } from './visible-state.js';

const ROUNDS = Number(process.env.M4LAB_INTERRUPT_ROUNDS ?? 1);
const timeout = 60_000 * ROUNDS;

/** Bits of a stacked xPSR that say: in an IT block. */
const IT_BITS = 0x0600fc00;
const SYSTICK = 15;
const TIM6 = 16 + 54;

interface Met {
  readonly pc: number;
  readonly xpsr: number;
  readonly excReturn: number;
}

/** What the interrupts of a sweep met, in order. */
function metBy(twins: Twins): Met[] {
  const words = (twins.interpreted.register(4) - LOG) / 4;
  const log = new Uint32Array(twins.interpreted.readBytes(LOG, 4 * words).buffer);
  return Array.from({ length: words / LOG_WORDS }, (_, k) => {
    const [pc = 0, xpsr = 0, excReturn = 0] = log.subarray(k * LOG_WORDS);
    return { pc, xpsr, excReturn };
  });
}

describe('a timer that interrupts at each cycle of a kernel', () => {
  const usual: SweepOptions = {
    ...{ rounds: 3 * ROUNDS, step: 1, stack: 'main', handler: 'float', stacking: 'lazy', timer: 'systick' },
  };
  const sweeps: readonly (readonly [string, SweepOptions])[] = [
    ['SysTick, FP registers stacked lazily', usual],
    ['TIM6, on the process stack', { ...usual, timer: 'tim6', stack: 'process', handler: 'integer' }],
    ['SysTick, FP registers stacked at once', { ...usual, step: 3, stacking: 'eager', stack: 'process' }],
    ['SysTick, no FP registers stacked', { ...usual, step: 3, stacking: 'none', handler: 'integer' }],
  ];

  it.each(sweeps)('%s: disturbs nothing, and comes where it did', { timeout }, (_name, options) => {
    // The log of a long sweep takes all the memory that the MCU has.
    const profile = ROUNDS > 1 ? profileOf('stm32l496zg') : smallMcu();
    const twins = new Twins(sweepProgram(options), { profile });
    expect(twins.runToEnd({ most: 2e9 })).toEqual({ reason: 'exit', code: 0 });
    expect(twins.wordAt('wrong')).toBe(0);
    expect(twins.translatedShare).toBeGreaterThan(0.6);
    const met = metBy(twins);
    expect(met.length).toBeGreaterThan((250 * options.rounds) / options.step);
    // Most instructions were met; the rest is masked, or part of one that takes a single cycle less often.
    expect(new Set(met.map(({ pc }) => pc)).size).toBeGreaterThan(options.step === 1 ? 120 : 90);
    expect(met.filter(({ xpsr }) => (xpsr & IT_BITS) !== 0).length).toBeGreaterThan(5);
    const returns = new Set(met.map(({ excReturn }) => (excReturn & 0x1f).toString(16)));
    const [float, integer] = options.stack === 'process' ? ['d', '1d'] : ['9', '19'];
    expect(returns).toContain(options.stacking === 'none' ? integer : float);
    noteFigure('interrupts by a timer', met.length);
  });
});

/** Two machines at the start of a run of a hot kernel, to go back to. */
function twinsAtKernel(source: string) {
  const scout = guest(source, { profile: smallMcu(), machine: { translate: false } });
  scout.machine.run({ maxInstructions: 2 * HOT });
  const toEntry = { addresses: [scout.address('kernel_code')] };
  scout.machine.run(toEntry);
  const { cycles, instructions } = scout.machine;
  scout.machine.run(toEntry);
  const twins = new Twins(source);
  // By count: a stop at an address might change what is translated.
  twins.run({ maxInstructions: instructions });
  expect([twins.interpreted.register(15), twins.cycles]).toEqual([scout.address('kernel_code'), cycles]);
  twins.forgetPeaks();
  const asked = [twins.translated, twins.interpreted].map(watchExceptions);
  const snapshots = new Map([twins.translated, twins.interpreted].map((m) => [m, m.snapshot()] as const));
  const begin = (events: readonly Scheduled[]): void => {
    twins.both((machine) => {
      machine.restore(snapshots.get(machine) as NonNullable<ReturnType<typeof snapshots.get>>);
      schedule(machine, events);
    });
  };
  const met = (): number[] => {
    const [one = [], other = []] = asked.map((ask) => ask());
    expect(one).toEqual(other);
    return other;
  };
  return { twins, begin, met, length: scout.machine.cycles - cycles };
}

describe('exceptions made pending at each cycle from outside', () => {
  const setting = { rounds: ROUNDS, stack: 'process', handler: 'float', stacking: 'lazy' } as const;

  it('one at a time: same place, same time, same stack, nothing disturbed', { timeout }, () => {
    const { twins, begin, met, length } = twinsAtKernel(endlessProgram(setting));
    const places = new Set<number>();
    for (let after = 0; after <= length; after++) {
      begin([{ after, exception: SYSTICK }]);
      twins.runCycles(length + 200);
      const [pc = 0] = met();
      places.add(pc);
      expect(twins.wordAt('wrong')).toBe(0);
    }
    expect(places.size).toBeGreaterThan(110);
    expect(twins.translatedShare).toBeGreaterThan(1);
    noteFigure('exceptions made pending from outside', length + 1);
  });

  it('two or three close together: nested, chained, late to arrive', { timeout }, () => {
    const { twins, begin, met, length } = twinsAtKernel(endlessProgram({ ...setting, stack: 'main' }));
    const random = makeRandom(5);
    let taken = 0;
    for (let first = 0; first <= length; first += 2) {
      const second = first + below(random, 50);
      const third = first + below(random, 90);
      begin([
        { after: first, exception: SYSTICK },
        { after: second, exception: TIM6 },
        { after: third, exception: below(random, 2) === 0 ? SYSTICK : TIM6 },
      ]);
      twins.runCycles(length + 400);
      taken += met().length / 2;
      expect(twins.wordAt('wrong')).toBe(0);
    }
    expect(taken).toBeGreaterThan(2 * length);
    expect(twins.translatedShare).toBeGreaterThan(1);
    noteFigure('exceptions made pending from outside', Math.ceil(length / 2) * 3);
  });
});

describe('an exception at each cycle of a call of the firmware', () => {
  const path = join(import.meta.dirname, '../../../../firmware/prebuilt/stm32l496zg/trainer.elf');
  const elf = loadElf(readFileSync(path), 'trainer.elf');
  const VECTORS = 0x10000000;
  /** push {r4, lr}; mvns r0, r0; mov r12, r0; vmov s0, r0; vadd.f32 s1, s0, s0; pop {r4, pc} */
  const HANDLER = [0xb510, 0x43c0, 0x4684, 0xee00, 0x0a10, 0xee70, 0x0a00, 0xbd10];

  /** The trainer, waiting for its host, with a handler for SysTick in SRAM2. */
  function trainer(translate: boolean): Machine {
    const machine = new Machine(profileOf('stm32l496zg'), { translate });
    machine.load(elf);
    machine.run({ addresses: [elf.symbol('m4lab_link_wait')?.address ?? 0] });
    machine.writeWord(VECTORS + 4 * SYSTICK, (VECTORS + 0x200) | 1);
    machine.writeBytes(VECTORS + 0x200, new Uint8Array(Uint16Array.from(HANDLER).buffer));
    machine.core.exceptions.vectorTable = VECTORS;
    return machine;
  }

  type Call = (machine: Machine) => unknown;
  const series = (length: number, seed: number) =>
    Float32Array.from({ length }, (_, k) => Math.sin(seed + k));
  const convolution: Call = (machine) => {
    const a = new Float32Array(8);
    const sizes = Uint32Array.of(2, 2, 3, 6);
    const {
      r0: _address,
      s0: _left,
      ...result
    } = machine.call(...(['conv1d_forward', a, series(12, 1), series(12, 2), series(2, 3), sizes] as const));
    return { ...result, a: [...new Uint32Array(a.buffer)] };
  };
  const exponential: Call = (machine) => machine.call('elementary_exp', { f32: -3.25 });
  const calls: [string, Call][] = [
    ['conv1d_forward', convolution],
    ['elementary_exp', exponential],
  ];

  it.each(calls)('%s gives the same', { timeout }, (_name, call) => {
    const machines = [trainer(true), trainer(false)];
    const asked = machines.map(watchExceptions);
    for (const machine of machines) for (let k = 0; k < 60; k++) call(machine);
    const [translated, interpreted] = machines as [Machine, Machine];
    const undisturbed = call(translated) as { readonly cycles: number };
    expect(call(interpreted)).toEqual(undisturbed);
    const plain = { ...undisturbed, cycles: 0, instructions: 0 };
    const places = new Set<number>();
    for (let after = 0; after < undisturbed.cycles; after++) {
      const results = machines.map((machine) => {
        const callOff = schedule(machine, [{ after, exception: SYSTICK }]);
        const result = call(machine) as typeof undisturbed;
        callOff();
        return result;
      });
      const [one, other] = results;
      const [met = [], metOther = []] = asked.map((ask) => ask());
      expect({ ...other, cycles: 0, instructions: 0 }).toEqual(plain);
      expect([one, met]).toEqual([other, metOther]);
      expect(differences(translated, interpreted)).toEqual([]);
      places.add(met[0] ?? 0);
    }
    expect(places.size).toBeGreaterThan(20);
    expect(translated.translatedInstructions).toBeGreaterThan(undisturbed.cycles);
    expect(interpreted.translatedInstructions).toBe(0);
    noteFigure('exceptions in calls of the firmware', undisturbed.cycles);
  });
});
