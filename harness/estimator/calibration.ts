/**
 * A calibration: how many cycles one operation of each type takes, and everything needed to judge that
 * figure: on which firmware, timing model and sizes it was fitted, how well, and by which command. Files in
 * profiles/calibration, schema `m4lab.calibration/1`. A figure without its calibration is no figure.
 */
import * as z from 'zod';
import { UserError } from '../../emulator/index.js';

export const CALIBRATION_SCHEMA = 'm4lab.calibration/1';

const positive = z.int().positive();
const cycles = z.number().nonnegative();

const fittedBatch = z
  .strictObject({
    mode: z.enum(['tl', 'full']),
    windowLength: positive,
    count: positive.describe('Windows in the batch'),
    measured: positive.describe('Cycles of train_batch'),
    predicted: positive.describe('Cycles that the coefficients give'),
  })
  .describe('One batch that was measured for the fit, and how well the fit gives it back');

export const calibrationSchema = z.strictObject({
  $schema: z.string().optional(),
  schema: z.literal(CALIBRATION_SCHEMA),
  command: z.string().min(1).describe('Makes this file again, byte for byte'),
  mcu: z.string().min(1),
  timingModel: z.string().min(1).describe('The model that counted the cycles; unverified on silicon'),
  network: z.string().min(1),
  elf: z.strictObject({
    name: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  }),
  windowLengths: z.array(positive).min(1).describe('Sizes used to fit: a prediction there proves nothing'),
  modes: z.array(z.enum(['tl', 'full'])).min(1),
  observations: positive.describe('Equations of the fit'),
  cyclesPerOperation: z.record(z.string(), cycles).describe('By operation type; 0 where none was needed'),
  batches: z.array(fittedBatch).min(1),
  greatestErrorPercent: cycles.describe('Over `batches`, by amount'),
});

export type Calibration = z.output<typeof calibrationSchema>;
export type FittedBatch = z.output<typeof fittedBatch>;

/**
 * @param json the parsed file
 * @param name the file's name, for messages
 * @throws UserError with the first field that breaks a rule
 */
export function parseCalibration(json: unknown, name: string): Calibration {
  const parsed = calibrationSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError({
    code: 'calibration-file',
    what: `${name}: ${issue?.path.join('.') || 'the file'}`,
    expected: `does not fit ${CALIBRATION_SCHEMA} (${issue?.message})`,
    fix: 'make it anew with `m4lab calibrate`',
  });
}

/** JSON Schema of a calibration, for editors. */
export function calibrationJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(calibrationSchema, { io: 'input' });
}
