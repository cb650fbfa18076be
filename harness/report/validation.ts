/**
 * What `m4lab validate` found, as facts: both reports, for people and for programs, are made from this
 * alone.
 */
import type { CycleEstimate, MemoryEstimate } from '../estimator/estimate.js';
import type { Check, Verdict } from '../measure/checks.js';
import type { TrainingRun } from '../measure/training-run.js';
import type { EnergyFigure } from './energy.js';

export interface ValidatedRun {
  readonly run: TrainingRun;
  readonly windowLength: number;
  readonly channels: number;
  readonly memory: MemoryEstimate;
  /** Of a full batch; undefined without a calibration. */
  readonly cycles: CycleEstimate | undefined;
  readonly checks: readonly Check[];
  readonly verdict: Verdict;
}

export interface Validation {
  readonly verdict: Verdict;
  readonly timingModel: string;
  readonly mcu: {
    readonly name: string;
    readonly resetHz: number;
    readonly maxHz: number;
    /**
     * Flash wait states that maxHz needs and the timing model does not count; 0 where there is no flash
     * table.
     */
    readonly maxHzWaitStates: number;
    /** Null where the profile has none. */
    readonly energy: EnergyFigure | null;
  };
  readonly elf: { readonly path: string; readonly sha256: string };
  readonly model: { readonly name: string; readonly path: string; readonly sawUser: boolean };
  readonly data: {
    readonly name: string;
    readonly user: number;
    readonly sha256: string;
    readonly trainWindows: number;
    readonly testWindows: number;
    /** Training windows whose loss was taken before and after. */
    readonly lossWindows: number;
  };
  readonly training: {
    readonly epochs: number;
    readonly batch: number;
    readonly learningRate: number;
    readonly seed: number;
  };
  /** Undefined where there is none for the MCU. */
  readonly calibration:
    | {
        readonly name: string;
        readonly windowLengths: readonly number[];
        /** Whether it was fitted on this very ELF. */
        readonly sameElf: boolean;
      }
    | undefined;
  readonly runs: readonly ValidatedRun[];
}
