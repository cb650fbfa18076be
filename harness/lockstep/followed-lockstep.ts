/**
 * A program on a machine, on an interpreter as the guide, and on a follower. The machine is held against the
 * guide as ever; the guide against the follower, unit by unit of what that can do.
 */
import {
  type ElfImage,
  MACHINE_STATE,
  machineState,
  type RunUntil,
  type Stop,
} from '../../emulator/index.js';
import type { Difference } from './difference.js';
import { CONTEXT, type Finding, findingOf, traceTo } from './finding.js';
import type { Follow, Followed } from './follow.js';
import type { LockstepEnd, LockstepOptions } from './lockstep.js';
import { narrow } from './narrow.js';
import { MEMORY_EVERY, type Moment, type Pair } from './pair.js';
import { stretchLengths } from './stretches.js';

const XPSR = MACHINE_STATE.indexOf('xpsr');
const ITSTATE = 0x0600_fc00;

export class FollowedLockstep {
  /** Sync points at which all three were the same. */
  syncs = 0;
  private readonly lengthOf: (turn: number) => number;
  private since: Moment | undefined;
  private readonly state = new Float64Array(MACHINE_STATE.length);

  constructor(
    readonly pair: Pair,
    private readonly elf: ElfImage,
    private readonly options: LockstepOptions,
    private readonly follow: Follow,
    private readonly onConsole: (text: string) => void = () => undefined,
  ) {
    this.lengthOf = stretchLengths(options.stretch);
  }

  /** Instructions that they have run alike. */
  get instructions(): number {
    return this.pair.subject.machine.instructions;
  }

  /** To the next sync point. @returns the end, when it is reached */
  async step(): Promise<LockstepEnd | undefined> {
    const { pair, follow, options } = this;
    const { until = Number.POSITIVE_INFINITY, maxCycles = Number.POSITIVE_INFINITY } = options;
    if (this.since === undefined) await follow.align();
    const since = pair.moment(this.since);
    this.since = since;
    const stretch = { maxInstructions: Math.min(until, this.instructions + this.lengthOf(this.syncs)) };
    const stop = this.runSubject(stretch);
    const memory = this.syncs % MEMORY_EVERY === 0 || stop.reason !== 'limit' || this.instructions >= until;
    const followed = await follow.to(this.instructions, memory);
    if (followed.differences.length > 0) return this.unlikeFollower(since, followed.differences);
    const guideStop = followed.stop ?? this.guideStop(stop);
    const { differences, console } = pair.compare(stop, guideStop, memory);
    this.onConsole(console);
    if (differences.length > 0) return this.unlikeGuide(since, differences);
    this.syncs++;
    if (stop.reason !== 'limit') return { kind: 'ended', stop };
    if (this.instructions >= until) return { kind: 'until' };
    return pair.subject.machine.cycles >= maxCycles ? { kind: 'limit' } : undefined;
  }

  /** To the end of a unit: not into an IT block. */
  private runSubject(until: RunUntil): Stop {
    const { machine } = this.pair.subject;
    let stop = machine.run(until);
    while (stop.reason === 'limit' && ((machineState(machine, this.state)[XPSR] as number) & ITSTATE) !== 0)
      stop = machine.run({ maxInstructions: machine.instructions + 1 });
    return stop;
  }

  /** How the guide stops where the subject did, having done as many instructions. */
  private guideStop(stop: Stop): Stop {
    const { machine } = this.pair.witness;
    return stop.reason === 'limit' ? stop : machine.run({ maxInstructions: machine.instructions + 1 });
  }

  private unlikeGuide(since: Moment, differences: readonly Difference[]): LockstepEnd {
    const end = Math.max(this.instructions, this.pair.witness.machine.instructions) + 1;
    const replay = { since, stretches: [{ maxInstructions: end }] };
    const finding = narrow(this.pair, this.elf, replay, differences);
    return { kind: 'different', finding, subject: 'translated code', witness: 'the interpreter' };
  }

  /** Goes back, and on again with more comparisons: of registers after each unit, of RAM by halves. */
  private async unlikeFollower(since: Moment, differences: readonly Difference[]): Promise<LockstepEnd> {
    const last = this.instructions;
    const witness = this.follow.follower.name;
    const registers = await this.again(since, last, false, true);
    const inRegisters = registers.differences.length > 0;
    const ends = [registers.from, this.pair.witness.machine.instructions] as const;
    const memory = await this.memoryEnd(since, inRegisters ? registers.from : last);
    const recurs = inRegisters || memory !== undefined;
    const [from, to] = memory ?? (inRegisters ? ends : [since.instructions, last]);
    const found = memory === undefined ? registers : await this.again(since, to, true);
    const facts = {
      from,
      to,
      recurs,
      translated: null,
      differences: recurs ? found.differences : differences,
    };
    const finding = this.findingFrom(since, facts);
    return { kind: 'different', finding, subject: 'the interpreter', witness };
  }

  private async again(since: Moment, to: number, memory: boolean, eachUnit = false): Promise<Followed> {
    this.pair.restore(since);
    await this.follow.align();
    return this.follow.to(to, memory, eachUnit);
  }

  /** The last instruction after which RAM is the same, and the first after which it is not; if it differs. */
  private async memoryEnd(since: Moment, last: number): Promise<readonly [number, number] | undefined> {
    const differs = async (at: number): Promise<boolean> =>
      (await this.again(since, at, true)).differences.length > 0;
    let [same, differ] = [since.instructions, last];
    if (differ <= same || !(await differs(differ))) return undefined;
    while (differ - same > 1) {
      const middle = same + Math.floor((differ - same) / 2);
      if (await differs(middle)) differ = middle;
      else same = middle;
    }
    return [same, differ];
  }

  private findingFrom(since: Moment, facts: Parameters<typeof findingOf>[0]): Finding {
    const { machine } = this.pair.witness;
    this.pair.restore(since);
    machine.run({ maxInstructions: Math.max(since.instructions, facts.from - CONTEXT) });
    const before = traceTo(machine, this.elf, facts.from);
    return findingOf(facts, before, traceTo(machine, this.elf, facts.to));
  }
}
