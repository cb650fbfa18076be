import { describe, expect, it } from 'vitest';
import { packagePath } from '../../../harness/data/package-root.js';
import { jsonText } from '../../../harness/report/json-text.js';
import {
  type LockstepReport,
  lockstepJsonSchema,
  lockstepReport,
  lockstepText,
} from '../../../harness/report/lockstep-report.js';

const facts: Omit<LockstepReport, 'schema'> = {
  elf: { path: 'fw.elf', sha256: 'ab' },
  mcu: 'stm32l496zg',
  against: 'interpreter',
  result: 'same',
  code: 0,
  text: 'the same to the end, which is: exit 0',
  instructions: 1234,
  cycles: 5678,
  syncPoints: 9,
  translatedInstructions: 0,
  compared: 'registers and RAM',
  notCompared: null,
  checkedByWitness: null,
  notChecked: [],
  difference: null,
  console: '',
};

const difference: LockstepReport['difference'] = {
  subject: 'translated code',
  witness: 'the interpreter',
  from: 1000,
  to: 1001,
  recurs: true,
  translated: null,
  instruction: { address: 0x08000102, text: 'adds r0, #1', place: 'main+0x2', line: 'app.c:7' },
  differences: [{ what: 'r0', subject: '0x00000002', witness: '0x00000001' }],
  before: ['line before'],
  stretch: ['line of it'],
};

describe('the report of lockstep', () => {
  it('lockstep.schema.json is what the code generates (npm run schema writes it)', async () => {
    const file = packagePath('harness', 'report', 'lockstep.schema.json');
    await expect(jsonText(lockstepJsonSchema())).toMatchFileSnapshot(file);
  });

  it('says in words what is the same', () => {
    expect(lockstepText(lockstepReport(facts))).toEqual([
      'm4lab: the same to the end, which is: exit 0',
      '  program       fw.elf on stm32l496zg',
      '  the same      1,234 instructions, compared at 9 sync points',
      '  translated    0 of the instructions',
      '  compared      registers and RAM',
    ]);
    const notChecked = [{ why: 'WFI', instructions: 1 }];
    const more = { translatedInstructions: 1000, checkedByWitness: 1200, notChecked, notCompared: 'cycles' };
    expect(lockstepText(lockstepReport({ ...facts, ...more })).slice(3)).toEqual([
      '  translated    1,000 of the instructions',
      '  checked       1,200 instructions by interpreter',
      '  compared      registers and RAM',
      '  not compared  cycles',
      '  not checked   1 instruction: WFI',
    ]);
  });

  it('says what differs, where, and what ran before', () => {
    const text = 'translated code and the interpreter differ';
    const report = lockstepReport({ ...facts, result: 'different', code: 1, text, difference });
    expect(lockstepText(report).slice(0, 8)).toEqual([
      'm4lab: translated code and the interpreter differ',
      '  at            0x08000102, main+0x2, app.c:7',
      '  instruction   adds r0, #1',
      '  r0            0x00000002 by translated code, 0x00000001 by the interpreter',
      '  before        1 line of a trace, by the interpreter',
      '  line before',
      '  then          the instruction after 1,000',
      '  line of it',
    ]);
  });

  it('shortens a long stretch, and says where it did not happen again', () => {
    const stretch = Array.from({ length: 50 }, (_, k) => `line ${k}`);
    const long = { ...difference, translated: 40, to: 1050, recurs: false, instruction: null, stretch };
    const lines = lockstepText(lockstepReport({ ...facts, difference: long }));
    expect(lines).toContain('                it did not happen again from the moment before');
    expect(lines).toContain('  then          these 50 instructions after 1,000, 40 of them translated');
    expect(lines).toContain('  ... 26 more');
    expect(lines).not.toContain('  line 20');
  });
});
