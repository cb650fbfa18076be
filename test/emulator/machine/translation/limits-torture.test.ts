/**
 * Runs that end in the middle of hot code: by cycles, by instructions, at addresses, because something
 * outside asked. Both machines stop at the same place for the same reason, each time; and the whole is the
 * run that was never stopped. M4LAB_LIMIT_ROUNDS multiplies the stops (1 when absent).
 */
import { describe, expect, it } from 'vitest';
import { noteFigure } from '../../../conformance/figures.js';
import { below, makeRandom, pick } from '../../decode/random-words.js';
import { guest } from '../guest-machine.js';
import { endlessProgram } from './interrupt-sweep.js';
import { HOT, smallMcu, Twins } from './twins.js';
import { differences } from './visible-state.js';

const ROUNDS = Number(process.env.M4LAB_LIMIT_ROUNDS ?? 1);
const timeout = 60_000 * ROUNDS;

const kernel = endlessProgram({ rounds: 2, stack: 'main', handler: 'float', stacking: 'lazy' });
/** The same, with SysTick interrupts all the while. */
const ticking = kernel.replace(
  'endless:',
  'poke 0xe000e014, 701\n  poke 0xe000e018, 0\n  poke 0xe000e010, 7\nendless:',
);
/** As tight as loops come, one in the other: the back edge is half of what runs. */
const tight = `
main:
  ldr r4, =out
outer:
  movs r5, #200
inner:
  ldr r0, [r4]
  adds r0, r0, r5
  str r0, [r4]
  subs r5, #1
  bne inner
  adds r6, #1
  b outer
`;
const programs: readonly (readonly [string, string])[] = [
  ['the kernel', kernel],
  ['the kernel with interrupts', ticking],
  ['a tight loop', tight],
];

function hotTwins(source: string): Twins {
  const twins = new Twins(source);
  expect(twins.runInstructions(2 * HOT)).toEqual({ reason: 'limit', limit: 'instructions' });
  expect(twins.translatedShare).toBeGreaterThan(0.4);
  return twins;
}

/** A machine that ran as far in one go is where these are. */
function comparedWithOneGo(source: string, twins: Twins): void {
  const { machine } = guest(source, { profile: smallMcu(), machine: { translate: false } });
  machine.run({ maxInstructions: twins.instructions });
  // The limit may lie before an exception that the others, stopped by cycles, have entered already.
  if (machine.cycles < twins.cycles) machine.run({ maxCycles: twins.cycles });
  expect(differences(machine, twins.translated)).toEqual([]);
}

describe.each(programs)('%s', (_name, source) => {
  it('stops by cycles, in steps of each kind', { timeout }, () => {
    const twins = hotTwins(source);
    for (const step of [1, 2, 3, 7, 13, 101]) {
      for (let k = 0; k < 300 * ROUNDS; k++) {
        const from = twins.cycles;
        expect(twins.runCycles(step)).toEqual({ reason: 'limit', limit: 'cycles' });
        // At the limit or just after it: an instruction or an exception is not cut in two.
        expect(twins.cycles - from).toBeGreaterThanOrEqual(step);
        expect(twins.cycles - from).toBeLessThan(step + 100);
      }
    }
    comparedWithOneGo(source, twins);
    noteFigure('stops by cycles', 1800 * ROUNDS);
  });

  it('stops by instructions, in steps of each kind', { timeout }, () => {
    const twins = hotTwins(source);
    for (const step of [1, 2, 3, 7, 13, 101]) {
      for (let k = 0; k < 300 * ROUNDS; k++) {
        const from = twins.instructions;
        expect(twins.runInstructions(step)).toEqual({ reason: 'limit', limit: 'instructions' });
        expect(twins.instructions - from).toBe(step);
      }
    }
    comparedWithOneGo(source, twins);
    noteFigure('stops by instructions', 1800 * ROUNDS);
  });

  it('stops by whichever comes first, at random distances near and far', { timeout }, () => {
    const twins = hotTwins(source);
    const random = makeRandom(23);
    const distance = (): number => 1 + below(random, pick(random, [3, 10, 100, 1000, 5000]));
    const seen = new Set<string>();
    for (let k = 0; k < 500 * ROUNDS; k++) {
      const [maxCycles, maxInstructions] = [twins.cycles + distance(), twins.instructions + distance()];
      seen.add(JSON.stringify(twins.run({ maxCycles, maxInstructions })));
    }
    expect(seen.size).toBe(2);
    comparedWithOneGo(source, twins);
    noteFigure('stops by either', 500 * ROUNDS);
  });

  it('stops when asked, at the instruction at which that happened', { timeout }, () => {
    const twins = hotTwins(source);
    const random = makeRandom(29);
    for (let k = 0; k < 200 * ROUNDS; k++) {
      const after = 1 + below(random, 900);
      const stop = twins.both((machine) => {
        let isAsked = false;
        machine.core.clock.at(machine.cycles + after, () => {
          isAsked = true;
        });
        return machine.run({ asked: () => isAsked, maxCycles: machine.cycles + 20_000 });
      });
      expect(stop).toEqual({ reason: 'limit', limit: 'asked' });
      twins.compare(`when asked after ${after} cycles`);
    }
    comparedWithOneGo(source, twins);
  });
});

describe('stops at addresses', () => {
  /** Of every halfword of the kernel: some lie in the middle of an instruction, which none stops at. */
  function halfwords(twins: Twins): number[] {
    const [start, end] = [twins.address('kernel_code'), twins.address('digest_code')];
    return Array.from({ length: (end - start) / 2 }, (_, k) => start + 2 * k);
  }

  it.each(programs.slice(0, 2))('%s: before each instruction', { timeout }, (_name, source) => {
    const twins = hotTwins(source);
    const met = new Set<number>();
    for (const address of halfwords(twins)) {
      // The first stop is in code that was hot; the second in the same code, run again and again since.
      for (let k = 0; k < 2; k++) {
        const stop = twins.run({ addresses: [address], maxCycles: twins.cycles + 6000 });
        if (stop.reason !== 'address') continue;
        expect(stop.address).toBe(address);
        expect(twins.interpreted.register(15)).toBe(address);
        met.add(address);
      }
    }
    expect(met.size).toBeGreaterThan(125);
    comparedWithOneGo(source, twins);
    noteFigure('addresses stopped at', met.size);
  });

  it('several at once, changed all the while, between long runs without any', { timeout }, () => {
    const twins = hotTwins(ticking);
    const random = makeRandom(31);
    const all = halfwords(twins);
    let stops = 0;
    for (let k = 0; k < 60 * ROUNDS; k++) {
      twins.runCycles(below(random, 60_000));
      const addresses = Array.from({ length: 1 + below(random, 5) }, () => pick(random, all));
      for (let again = 0; again < 6; again++) {
        const stop = twins.run({ addresses, maxCycles: twins.cycles + 3000 });
        if (stop.reason === 'address') stops++;
      }
    }
    expect(stops).toBeGreaterThan(150 * ROUNDS);
    comparedWithOneGo(ticking, twins);
  });

  it('one that is passed at the start stops the next time round, however hot the loop', { timeout }, () => {
    const twins = hotTwins(tight);
    const addresses = [twins.address('inner')];
    const toNext = () => twins.run({ addresses, maxCycles: twins.cycles + 20_000 });
    toNext();
    for (let k = 0; k < 500 * ROUNDS; k++) {
      const from = twins.instructions;
      expect(toNext()).toEqual({ reason: 'address', address: addresses[0] });
      expect([5, 8]).toContain(twins.instructions - from);
    }
    twins.runInstructions(HOT);
    expect(toNext()).toMatchObject({ reason: 'address' });
    comparedWithOneGo(tight, twins);
  });
});
