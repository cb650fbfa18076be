import { describe, expect, it } from 'vitest';
import { decode } from '../../../emulator/decode/decoder.js';
import { type Facts, factsKey, factsOf } from '../../../emulator/timing/facts.js';

const LDR_R1_R2_R3 = 0x58d1;

function someFacts(): Facts {
  const decoded = decode(LDR_R1_R2_R3, 0);
  if (decoded === undefined) throw new Error('LDR (register) T1 is not decoded');
  return factsOf(decoded.insn, decoded.fields, decoded.size, 0, false);
}

/** Another value of the same kind. */
function changed(value: Facts[keyof Facts]): unknown {
  if (typeof value === 'boolean') return !value;
  return typeof value === 'number' ? value ^ 1 : 'store';
}

describe('the key of facts', () => {
  it('is the same for equal facts', () => {
    expect(factsKey(someFacts())).toBe(factsKey(someFacts()));
  });

  it.each(Object.keys(someFacts()) as (keyof Facts)[])('tells apart what differs in %s alone', (name) => {
    const facts = someFacts();
    expect(factsKey({ ...facts, [name]: changed(facts[name]) })).not.toBe(factsKey(facts));
  });
});
