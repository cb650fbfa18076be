import { describe, expect, it } from 'vitest';
import { packagePath } from '../../../harness/data/package-root.js';
import { jsonText } from '../../../harness/report/json-text.js';
import { validateJsonSchema, validateSchema, validationJson } from '../../../harness/report/validate-json.js';
import { aValidation, validatedRun } from './a-validation.js';

const passed = { name: 'parity', state: 'pass', text: '0 ulp over 12 values compared' } as const;
const report = validationJson(aValidation([validatedRun([passed], 'pass')], 'pass'));

describe('the report for programs', () => {
  it('has its published schema', async () => {
    const file = packagePath('harness', 'report', 'validate.schema.json');
    await expect(jsonText(validateJsonSchema())).toMatchFileSnapshot(file);
  });

  it('holds the fields that programs rely on', () => {
    expect(report).toMatchObject({
      schema: 'm4lab.validate/1',
      verdict: 'pass',
      timingModel: 'trm/1',
      runs: [
        {
          mode: 'full',
          input: '20x3',
          parity: { profile: 'exact', compared: 1, maxUlp: 0xffffffff },
          memory: { predicted: 102_240, measured: 102_240 },
          cycles: { predicted: 66_231_453, measured: 66_262_288 },
          energy: { joules: expect.closeTo(0.0198786864, 12), source: 'a datasheet', verified: false },
          f1: { before: 0.627, after: 0.958 },
        },
      ],
    });
  });

  it('survives JSON: what is no number is null', () => {
    expect(validateSchema.parse(JSON.parse(jsonText(report)))).toEqual(report);
    expect(report.runs[0]?.loss).toEqual({ before: 0.75, after: null });
    expect(report.runs[0]?.parity.first).toMatchObject({ firmware: 1, reference: null });
    expect(report.runs[0]?.cycles.batches[1]).toEqual({ windows: 5, measured: null });
  });
});
