/** A validation with made-up figures, for tests of the reports. */
import type { Check } from '../../../harness/measure/checks.js';
import { ParityTally } from '../../../harness/measure/parity.js';
import type { ValidatedRun, Validation } from '../../../harness/report/validation.js';

export function validatedRun(checks: readonly Check[], verdict: ValidatedRun['verdict']): ValidatedRun {
  const parity = new ParityTally();
  parity.compareValue(1, Number.NaN, 'loss', 'batch 1');
  const fixed = {
    flashBytes: 4868,
    dataBytes: 84,
    bssBytes: 307_480,
    staticBytes: 307_564,
    reservedBytes: 0,
  };
  return {
    run: {
      mode: 'full',
      parity,
      batches: [
        { count: 32, cycles: 66_262_288, loss: 1 },
        { count: 5, cycles: null, loss: Number.NaN },
      ],
      loss: { before: 0.75, after: Number.NaN },
      f1: { before: 0.627, after: 0.958 },
      unmoved: [],
      disturbed: [],
      tensors: { trained: 8, frozen: 0 },
      reportedArenaBytes: 102_240,
      memory: {
        arenaBytes: 102_240,
        arenaSize: 307_200,
        stackPeakBytes: 256,
        stackReserveBytes: 16_384,
        static: fixed,
      },
    },
    windowLength: 20,
    channels: 3,
    memory: {
      bytes: 102_240,
      kinds: [
        { kind: 'parameters', bytes: 40_336 },
        { kind: 'errors', bytes: 61_904 },
      ],
    },
    cycles: { cycles: 66_231_453, steps: [{ phase: 'forward', layer: 'conv1', cycles: 12.4 }] },
    checks,
    verdict,
  };
}

export function aValidation(runs: readonly ValidatedRun[], verdict: Validation['verdict']): Validation {
  return {
    verdict,
    timingModel: 'trm/1',
    mcu: {
      ...{ name: 'stm32l496zg', resetHz: 4_000_000, maxHz: 80_000_000, maxHzWaitStates: 4 },
      energy: {
        ...{ runMicroampsPerMHz: 100, supplyVolts: 3, celsius: null, atHz: null },
        ...{ source: 'a datasheet', verified: false },
      },
    },
    elf: { path: 'firmware/prebuilt/stm32l496zg/trainer.elf', sha256: 'ab'.repeat(32) },
    model: { name: 'general-synthetic', path: 'harness/models/general-synthetic.json', sawUser: false },
    data: {
      name: 'synthetic',
      user: 17,
      sha256: 'cd'.repeat(32),
      trainWindows: 1064,
      testWindows: 48,
      lossWindows: 256,
    },
    training: { epochs: 3, batch: 32, learningRate: 0.01, seed: 1 },
    calibration: {
      name: 'profiles/calibration/stm32l496zg.json',
      windowLengths: [30, 50, 70, 90],
      sameElf: false,
    },
    runs,
  };
}
