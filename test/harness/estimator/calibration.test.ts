import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../../harness/data/package-root.js';
import { calibrationJsonSchema, parseCalibration } from '../../../harness/estimator/calibration.js';
import { jsonText } from '../../../harness/report/json-text.js';

const folder = (file: string) => packagePath('profiles', 'calibration', file);
const shipped = () => JSON.parse(readFileSync(folder('stm32l496zg.json'), 'utf8')) as Record<string, unknown>;

describe('a calibration', () => {
  it('has its published schema', async () => {
    await expect(jsonText(calibrationJsonSchema())).toMatchFileSnapshot(folder('calibration.schema.json'));
  });

  it('is read as written', () => {
    const calibration = parseCalibration(shipped(), 'c.json');
    expect(calibration.mcu).toBe('stm32l496zg');
    expect(calibration.windowLengths).toEqual([30, 50, 70, 90]);
    expect(jsonText(calibration)).toBe(readFileSync(folder('stm32l496zg.json'), 'utf8'));
  });

  it.each([
    ['mcu', undefined],
    ['schema', 'm4lab.calibration/0'],
    ['cyclesPerOperation', { 'conv1d.forward.mac': -1 }],
    ['surprise', 1],
  ])('with a broken %s is refused by name', (field, value) => {
    const named = field === 'surprise' ? /c\.json: the file does not fit/ : new RegExp(`c\\.json: ${field}`);
    expect(() => parseCalibration({ ...shipped(), [field]: value }, 'c.json')).toThrow(named);
  });
});
