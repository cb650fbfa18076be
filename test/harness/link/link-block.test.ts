/** The host's table of the control block against the header that the firmware is compiled with. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../../harness/data/package-root.js';
import {
  LINK_BYTES,
  LINK_COMMANDS,
  LINK_MAGIC,
  LINK_MODES,
  LINK_OFFSETS,
  LINK_REFUSALS,
  LINK_VERSION,
} from '../../../harness/link/link-block.js';

const header = readFileSync(packagePath('firmware', 'include', 'm4lab_link.h'), 'utf8');
const camel = (name: string) =>
  name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
const numbers = (pattern: RegExp) =>
  Object.fromEntries([...header.matchAll(pattern)].map(([, name = '', value]) => [name, Number(value)]));

describe('the control block is the header’s', () => {
  it('every field at its offset', () => {
    const fields = [...header.matchAll(/^ {4}(?:uint32_t|int32_t|float) (\w+);\s+\/\*\s*(\d+)/gm)];
    const offsets = Object.fromEntries(fields.map(([, name = '', at]) => [camel(name), Number(at)]));
    expect(fields).toHaveLength(21);
    expect(LINK_OFFSETS).toEqual(offsets);
    expect(header).toContain(`sizeof(m4lab_link_block) == ${LINK_BYTES}`);
  });

  it('magic, version, commands, modes', () => {
    expect(numbers(/define M4LAB_LINK_(MAGIC|VERSION) (0x\w+?|\d+)u/g)).toEqual({
      MAGIC: LINK_MAGIC,
      VERSION: LINK_VERSION,
    });
    const commands = numbers(/M4LAB_COMMAND_(\w+) = (\d+)/g);
    const ours = Object.entries(LINK_COMMANDS).map(([name, value]) => [name, value]);
    const theirs = Object.entries(commands).map(([name, value]) => [camel(name), value]);
    expect(ours).toEqual(theirs.filter(([name]) => name !== 'none'));
    expect(numbers(/define M4LAB_MODE_(\w+) (\d+)u/g)).toEqual({ TL: LINK_MODES.tl, FULL: LINK_MODES.full });
  });

  it('every status has its refusal', () => {
    const { OK: ok, ...statuses } = numbers(/M4LAB_STATUS_(\w+) = (-?\d+)/g);
    expect(ok).toBe(0);
    const refusals = Object.entries(LINK_REFUSALS).map(([status, { name }]) => [name, Number(status)]);
    expect(Object.fromEntries(refusals)).toEqual(statuses);
  });
});
