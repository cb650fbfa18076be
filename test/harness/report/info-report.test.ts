import { describe, expect, it } from 'vitest';
import { packagePath } from '../../../harness/data/package-root.js';
import { mcuInfo } from '../../../harness/report/info-facts.js';
import { infoJsonSchema, infoReport } from '../../../harness/report/info-report.js';
import { infoText } from '../../../harness/report/info-text.js';
import { jsonText } from '../../../harness/report/json-text.js';
import { profileOf } from '../../emulator/machine/guest-machine.js';

describe('the report of info', () => {
  it('info.schema.json is what the code generates (npm run schema writes it)', async () => {
    const file = packagePath('harness', 'report', 'info.schema.json');
    await expect(jsonText(infoJsonSchema())).toMatchFileSnapshot(file);
  });

  it.each(['mps2-an386', 'stm32f407vg', 'stm32l496zg', 'stm32l4r5zi'] as const)('takes %s', (name) => {
    const profile = profileOf(name);
    const report = infoReport({ mcu: mcuInfo(profile), elf: null });
    expect(report.mcu.memory).toHaveLength(profile.memory.length);
    expect(report.mcu.peripherals).toHaveLength(profile.peripherals?.length ?? 0);
    const text = infoText(report).join('\n');
    for (const region of profile.memory) expect(text).toContain(`  ${region.name} (${region.kind})`);
    for (const { name: peripheral } of profile.peripherals ?? []) expect(text).toContain(`  ${peripheral} `);
    expect(text).toContain(
      profile.energy === undefined ? 'no figure with a source' : 'datasheet figure, unverified',
    );
  });
});
