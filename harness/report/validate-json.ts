/**
 * The report of `m4lab validate` for programs: schema `m4lab.validate/1`. Fields are added later, never
 * changed or removed without a new number. validate.schema.json beside this file is the same schema for
 * others.
 */
import * as z from 'zod';
import { measuredCycles } from '../measure/checks.js';
import { energyOf, energySchema } from './energy.js';
import type { ValidatedRun, Validation } from './validation.js';

export const VALIDATE_SCHEMA = 'm4lab.validate/1';

const natural = z.int().nonnegative();
const verdict = z
  .enum(['pass', 'fail', 'incomplete'])
  .describe('incomplete: nothing failed, but something was not checked; not a success');
const value = z.number().nullable().describe('null: not a finite number');

const mismatch = z
  .object({
    tensor: z.string(),
    index: natural,
    firmware: value,
    reference: value,
    ulp: natural,
    where: z.string(),
  })
  .describe('The first value that differs');

const check = z.object({
  name: z.string(),
  state: z.enum(['pass', 'fail', 'not checked']),
  text: z.string(),
});

const parity = z.object({
  profile: z.literal('exact').describe('exact: to the bit, in the order of firmware/NUMERICS.md'),
  compared: natural.describe('Values compared: gradients, parameters, probabilities, losses'),
  maxUlp: natural,
  differing: natural,
  first: mismatch.nullable(),
});

const memory = z
  .object({
    predicted: natural,
    measured: natural.nullable().describe('High-water mark of the arena; null: not measured'),
    kinds: z.record(z.string(), natural).describe('The prediction by kind'),
    reported: natural.describe('What the firmware says of itself'),
    staticBytes: natural,
    flashBytes: natural,
    stackPeakBytes: natural,
    stackReserveBytes: natural.nullable(),
  })
  .describe('Bytes');

const cycles = z
  .object({
    predicted: natural.nullable().describe('null: there is no calibration'),
    measured: natural.nullable().describe('Mean of the full batches; null: not measured'),
    windows: natural.describe('Windows in such a batch'),
    layers: z
      .array(z.object({ phase: z.string(), layer: z.string(), cycles: z.number().nonnegative() }))
      .describe('The prediction by phase and layer'),
    batches: z.array(z.object({ windows: natural, measured: natural.nullable() })),
  })
  .describe('Core cycles of one training batch, by the timing model named above; unverified on silicon');

const beforeAfter = z.object({ before: value, after: value });

const run = z.object({
  mode: z.enum(['tl', 'full']),
  input: z.string().describe('Samples x channels: 20x3'),
  verdict,
  parity,
  memory,
  cycles,
  seconds: z
    .array(z.object({ hz: natural, perBatch: z.number().nullable() }))
    .describe('Of the measured cycles at each clock'),
  energy: energySchema
    .nullable()
    .describe('Of such a batch; null: not measured, or the profile has no figure'),
  loss: beforeAfter,
  f1: beforeAfter.describe('Macro F1 over the test windows, 0 to 1'),
  checks: z.array(check),
});

export const validateSchema = z.object({
  schema: z.literal(VALIDATE_SCHEMA),
  verdict,
  timingModel: z.string(),
  verifiedOnSilicon: z.literal(false),
  mcu: z.object({ name: z.string(), resetHz: natural, maxHz: natural }),
  elf: z.object({ path: z.string(), sha256: z.string() }),
  model: z.object({ name: z.string(), path: z.string(), sawUser: z.boolean() }),
  data: z.object({
    name: z.string(),
    user: natural,
    sha256: z.string(),
    trainWindows: natural,
    testWindows: natural,
    lossWindows: natural,
  }),
  training: z.object({
    epochs: natural,
    batch: natural,
    learningRate: z.number(),
    seed: natural,
  }),
  calibration: z
    .object({ name: z.string(), windowLengths: z.array(natural), sameElf: z.boolean() })
    .nullable(),
  runs: z.array(run),
});

export type ValidateJson = z.output<typeof validateSchema>;

export function validationJson(validation: Validation): ValidateJson {
  const { verdict, timingModel, mcu, elf, model, data, training, calibration, runs } = validation;
  return validateSchema.parse({
    schema: VALIDATE_SCHEMA,
    verdict,
    timingModel,
    verifiedOnSilicon: false,
    mcu,
    elf,
    model,
    data,
    training,
    calibration: calibration ?? null,
    runs: runs.map((entry) => runJson(entry, mcu)),
  });
}

function runJson(entry: ValidatedRun, mcu: Validation['mcu']): ValidateJson['runs'][number] {
  const { run, windowLength, channels, memory, cycles } = entry;
  const measured = measuredCycles(run.batches);
  return {
    mode: run.mode,
    input: `${windowLength}x${channels}`,
    verdict: entry.verdict,
    parity: parityJson(run.parity),
    memory: {
      predicted: memory.bytes,
      measured: run.memory.arenaBytes,
      kinds: Object.fromEntries(memory.kinds.map(({ kind, bytes }) => [kind, bytes])),
      reported: run.reportedArenaBytes,
      staticBytes: run.memory.static.staticBytes,
      flashBytes: run.memory.static.flashBytes,
      stackPeakBytes: run.memory.stackPeakBytes,
      stackReserveBytes: run.memory.stackReserveBytes,
    },
    cycles: {
      predicted: cycles?.cycles ?? null,
      measured,
      windows: Math.max(0, ...run.batches.map(({ count }) => count)),
      layers: (cycles?.steps ?? []).map((step) => ({ ...step, cycles: Math.round(step.cycles) })),
      batches: run.batches.map((batch) => ({ windows: batch.count, measured: batch.cycles })),
    },
    seconds: [mcu.resetHz, mcu.maxHz].map((hz) => ({
      hz,
      perBatch: measured === null ? null : measured / hz,
    })),
    energy: measured === null ? null : energyOf(mcu.energy, measured),
    loss: finiteBoth(run.loss),
    f1: finiteBoth(run.f1),
    checks: [...entry.checks],
  };
}

function parityJson({ compared, maxUlp, differing, first }: ValidatedRun['run']['parity']) {
  const shown =
    first === undefined
      ? null
      : { ...first, firmware: finite(first.firmware), reference: finite(first.reference) };
  return { profile: 'exact' as const, compared, maxUlp, differing, first: shown };
}

/** JSON has no NaN and no infinity. */
function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}

function finiteBoth({ before, after }: { before: number; after: number }) {
  return { before: finite(before), after: finite(after) };
}

/** JSON Schema (draft 2020-12) of the report. */
export function validateJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(validateSchema);
}
