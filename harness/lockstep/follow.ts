/** Takes a follower along with its guide, and compares the two wherever the follower has caught up. */
import {
  MACHINE_STATE,
  type Machine,
  machineState,
  type Stop,
  type Unit,
  type UnitKind,
  UnitSteps,
} from '../../emulator/index.js';
import { type Difference, stateDifferences } from './difference.js';
import type { Follower, Part, Segment } from './follower.js';

/** What came of going on. */
export interface Followed {
  /** How the guide stopped; undefined: it did what it was asked for. */
  readonly stop: Stop | undefined;
  readonly differences: readonly Difference[];
  /** Instructions retired before the segment after which they differ. */
  readonly from: number;
}

/** A segment is compared after so many units at most. */
const MOST_UNITS = 5000;

/** Why instructions were not checked, for people. */
export const WHY_NOT_CHECKED: Readonly<Record<UnitKind, string>> = {
  plain: '',
  device: 'loads and stores of device registers and of the bit-band alias',
  exception: 'exceptions, their entries and returns, and the first use of the FPU in them',
  semihosting: 'BKPT and SVC',
  event: 'a device was due, which may write to RAM',
  system: 'MRS, MSR and CPS',
  exclusive: 'LDREX, STREX and CLREX',
  wait: 'WFI and WFE',
  hint: 'hints',
};

export class Follow {
  /** Instructions whose result the follower was given, by the reason. */
  readonly notChecked = new Map<UnitKind, number>();
  /** Those it did itself. */
  checked = 0;
  private readonly steps: UnitSteps;
  private readonly before = new Float64Array(MACHINE_STATE.length);
  private readonly now = new Float64Array(MACHINE_STATE.length);
  private readonly theirs = new Float64Array(MACHINE_STATE.length);
  private segment = { units: 0, instructions: 0, from: 0, parts: [] as Part[] };
  private arrivals = new Map<number, number>();

  constructor(
    private readonly guide: Machine,
    readonly follower: Follower,
  ) {
    this.steps = new UnitSteps(guide);
  }

  /** The follower becomes what the guide is. */
  async align(): Promise<void> {
    machineState(this.guide, this.now);
    await this.follower.takeAll(this.now);
    this.steps.restart();
    this.begin();
  }

  private begin(): void {
    this.segment = { units: 0, instructions: 0, from: this.guide.instructions, parts: [] };
    this.arrivals.clear();
  }

  /**
   * Both to so many instructions, which must be the end of a unit.
   * @param memory RAM too, at the end. @param eachUnit compares registers after each unit
   */
  async to(instructions: number, memory: boolean, eachUnit = false): Promise<Followed> {
    const { guide } = this;
    this.begin();
    while (guide.instructions < instructions) {
      machineState(guide, this.before);
      const unit = this.steps.step();
      const found = await this.after(unit, eachUnit);
      if (found.length > 0) return { stop: undefined, differences: found, from: this.segment.from };
      if (unit.stop === undefined) continue;
      const differences = memory ? await this.follower.memory() : [];
      return { stop: unit.stop, differences, from: this.segment.from };
    }
    machineState(guide, this.now);
    const { from } = this.segment;
    const differences = await this.catchUp(this.now, memory);
    return { stop: undefined, differences, from };
  }

  private async after(unit: Unit, eachUnit: boolean): Promise<readonly Difference[]> {
    const { guide, follower, segment } = this;
    if (unit.stop === undefined && (unit.kind === 'plain' || follower.does.has(unit.kind))) {
      this.add(unit);
      const pc = guide.register(15);
      this.arrivals.set(pc, (this.arrivals.get(pc) ?? 0) + 1);
      if (!eachUnit && segment.units < MOST_UNITS) return [];
      return this.catchUp(machineState(guide, this.now), false);
    }
    const found = await this.catchUp(this.before, false);
    if (found.length > 0) return found;
    this.notChecked.set(unit.kind, (this.notChecked.get(unit.kind) ?? 0) + unit.instructions);
    await follower.take(machineState(guide, this.now), unit.changes);
    this.begin();
    return [];
  }

  private add({ instructions }: Unit): void {
    const { segment, before } = this;
    segment.units++;
    segment.instructions += instructions;
    const isBlock = instructions > 1;
    const last = segment.parts.at(-1);
    if (last === undefined || isBlock || last.isBlock)
      segment.parts.push({ start: before[15] as number, units: 1, isBlock });
    else last.units++;
  }

  /** The follower does what the guide has done. @param state the guide's, there */
  private async catchUp(state: Float64Array, memory: boolean): Promise<Difference[]> {
    const { follower, segment, theirs } = this;
    if (segment.units === 0) return memory ? await follower.memory() : [];
    const end = state[15] as number;
    const whole: Segment = { ...segment, end, arrivals: this.arrivals.get(end) ?? 0 };
    const trouble = await follower.run(whole);
    theirs.set(state);
    await follower.read(theirs);
    const found = [
      ...stateDifferences(state, theirs, follower.compared, follower.masks),
      ...(memory ? await follower.memory() : []),
      ...(trouble === undefined ? [] : [{ what: 'how it stopped', subject: 'went on', witness: trouble }]),
    ];
    if (found.length > 0) return found;
    this.checked += segment.instructions;
    this.begin();
    return [];
  }

  async close(): Promise<void> {
    this.steps.close();
    await this.follower.close();
  }
}
