/**
 * Hot code that is looked at: by a debugger that steps and stops in it and goes back, by a trace of a part of
 * it, by measurements. What they say is the same, and what they look at goes on as if nobody had looked.
 */
import { describe, expect, it } from 'vitest';
import {
  Debugger,
  type Machine,
  type MeasureOptions,
  Tracer,
  traceLine,
} from '../../../../emulator/index.js';
import type { DebugStop } from '../../../../emulator/machine/debug/debug-stop.js';
import { below, makeRandom, pick } from '../../decode/random-words.js';
import { type Guest, guest } from '../guest-machine.js';
import { endlessProgram, sweepProgram } from './interrupt-sweep.js';
import { HOT, smallMcu, Twins } from './twins.js';
import { differences } from './visible-state.js';

const kernel = endlessProgram({ rounds: 2, stack: 'main', handler: 'float', stacking: 'lazy' });
const ticking = kernel.replace(
  'endless:',
  'poke 0xe000e014, 1237\n  poke 0xe000e018, 0\n  poke 0xe000e010, 7\nendless:',
);

/** An interpreted machine that nobody looked at, as far as another has come. */
function compareWithUnwatched(source: string, machine: Machine): void {
  const other = guest(source, { profile: smallMcu(), machine: { translate: false } }).machine;
  other.run({ maxInstructions: machine.instructions });
  if (other.cycles < machine.cycles) other.run({ maxCycles: machine.cycles });
  expect(differences(other, machine)).toEqual([]);
}

type Go = 'continue' | 'step' | 'stepBack' | 'continueBack';

describe('a debugger', () => {
  /** Both machines under debuggers, hot. */
  function debugged(source: string, interval: number) {
    const twins = new Twins(source);
    const debuggers = new Map<Machine, Debugger>();
    twins.runInstructions(HOT);
    twins.both((machine) => {
      debuggers.set(machine, new Debugger(machine, { snapshotInterval: interval }));
    });
    const each = <T>(act: (debug: Debugger, machine: Machine) => T): T =>
      twins.both((machine) => act(debuggers.get(machine) as Debugger, machine));
    const go = (kind: Go): DebugStop => {
      const stop = each((debug) => {
        debug.resume({ kind });
        for (let k = 0; k < 5; k++) {
          const found = debug.slice();
          if (found !== undefined) return found;
        }
        throw new Error('no stop');
      });
      twins.compare(`after ${kind}`);
      return stop;
    };
    return { twins, each, go };
  }

  it('steps through hot code, instruction by instruction, and lets it run on', () => {
    const { twins, go } = debugged(ticking, 100_000);
    for (let k = 0; k < 5; k++) {
      for (let n = 0; n < 150; n++) expect(go('step')).toEqual({ kind: 'step' });
      twins.runInstructions(HOT / 2 + k);
    }
    compareWithUnwatched(ticking, twins.translated);
  });

  it('stops at breakpoints set in hot code, and no more when they are gone', () => {
    const { twins, each, go } = debugged(ticking, 100_000);
    const labels = ['round', 'joined', 'leaf_code', 'deep_end', 'digest_code', 'irq_code'];
    const random = makeRandom(17);
    for (let k = 0; k < 12; k++) {
      const address = twins.address(pick(random, labels));
      each((debug) => debug.addBreakpoint(address));
      for (let n = 0; n < 4; n++) {
        expect(go('continue')).toEqual({ kind: 'breakpoint' });
        expect(twins.interpreted.register(15)).toBe(address);
        if (below(random, 2) === 0) go('step');
      }
      each((debug) => debug.removeBreakpoint(address));
      twins.runCycles(20_000);
    }
    compareWithUnwatched(ticking, twins.translated);
  });

  it('stops at watchpoints on what hot code stores and loads', () => {
    const { twins, each, go } = debugged(kernel, 100_000);
    const places = ['work', 'finals', 'tally'].map(
      (label) => twins.address(label) + 4 * Number(label === 'work'),
    );
    for (const kind of ['write', 'read', 'access'] as const) {
      for (const place of places) {
        if (kind === 'read' && place === twins.address('finals')) continue;
        each((debug) => debug.addWatchpoint(kind, place, 4));
        for (let n = 0; n < 3; n++) {
          expect(go('continue')).toMatchObject({ kind: 'watchpoint', watch: kind });
        }
        each((debug) => debug.removeWatchpoint(kind, place, 4));
        twins.runCycles(20_000);
      }
    }
    compareWithUnwatched(kernel, twins.translated);
  });

  it('goes back through hot code, a step at a time and to a breakpoint, and on again', () => {
    const { twins, each, go } = debugged(ticking, 3000);
    const address = twins.address('joined');
    each((debug) => debug.addBreakpoint(address));
    for (let n = 0; n < 6; n++) go('continue');
    each((debug) => debug.removeBreakpoint(address));
    go('step');
    const from = twins.instructions;
    for (let n = 1; n <= 12; n++) {
      expect(go('stepBack')).toEqual({ kind: 'step' });
      expect(twins.instructions).toBe(from - n);
    }
    each((debug) => debug.addBreakpoint(address));
    for (let n = 0; n < 3; n++) expect(go('continueBack')).toEqual({ kind: 'breakpoint' });
    each((debug) => debug.removeBreakpoint(address));
    twins.runInstructions(HOT);
    compareWithUnwatched(ticking, twins.translated);
  });

  it('changes a register and a word in the middle of a hot loop', () => {
    const source = `
main:
  ldr r4, =out
  movs r7, #1
again:
  ldr r0, [r4]
  add r7, r0, r7, ror #1
  adds r6, #1
  b again
`;
    const { twins, each, go } = debugged(source, 100_000);
    const random = makeRandom(19);
    for (let k = 0; k < 40; k++) {
      go('step');
      const [value, bytes] = [random(), new Uint8Array(Uint32Array.of(random()).buffer)];
      each((debug) => debug.writeRegister(7, [value]));
      each((debug) => debug.writeMemory(twins.address('out'), bytes));
      twins.runInstructions(3000);
    }
  });
});

describe('a trace', () => {
  it('of a part of a hot run has the same lines, and leaves no mark', () => {
    const twins = new Twins(ticking);
    for (let k = 0; k < 3; k++) {
      twins.runInstructions(HOT + 11 * k);
      const lines = twins.both((machine, { elf }) => {
        const told: string[] = [];
        const tracer = new Tracer(machine, elf, { take: (record) => told.push(traceLine(record)) });
        tracer.start();
        machine.run({ maxInstructions: machine.instructions + 700 });
        tracer.stop();
        return told;
      });
      expect(lines.length).toBeGreaterThanOrEqual(700);
      twins.compare('after a trace');
    }
    twins.runInstructions(HOT);
    compareWithUnwatched(ticking, twins.translated);
  });
});

describe('measurements', () => {
  const source = sweepProgram({
    ...{ rounds: 1, step: 7, stack: 'process', handler: 'float', stacking: 'lazy', timer: 'systick' },
  });

  it.each<[string, MeasureOptions]>([
    ['functions, heap and stacks', { functions: true, heap: true, stacks: true }],
    ['functions', { functions: true }],
    ['stacks', { stacks: true }],
  ])('%s: the same figures, and the run that was not measured', (_name, measure) => {
    const twins = new Twins(source, { measure });
    expect(twins.runToEnd({ keepsPeaks: true })).toEqual({ reason: 'exit', code: 0 });
    const figures = twins.both(({ measurements }) => ({
      functions: measure.functions === true ? measurements?.functions() : [],
      stacks: measurements?.stacks(),
      heap: measurements?.heap(),
    }));
    const { translated } = twins;
    expect(translated.translatedInstructions).toBeGreaterThan(translated.instructions / 4);
    if (measure.functions === true) {
      const cycles = figures.functions?.reduce((sum, use) => sum + use.exclusiveCycles, 0);
      expect(cycles).toBe(twins.cycles);
    }
    const plain: Guest = guest(source, { profile: smallMcu(), machine: { translate: true } });
    plain.machine.run();
    expect(differences(plain.machine, twins.interpreted)).toEqual([]);
  });
});
