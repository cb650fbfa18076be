import { describe, expect, it } from 'vitest';
import { CFSR, DFSR, HFSR } from '../../../emulator/core/exception-numbers.js';
import { faultWords } from '../../../emulator/core/fault-words.js';

const clear = { cfsr: 0, hfsr: 0, dfsr: 0, faultAddress: 0 };
const namesOf = (status: Partial<typeof clear>) =>
  faultWords({ ...clear, ...status }).map(({ register, bits }) => [
    register,
    ...bits.map(({ name }) => name),
  ]);

describe('faultWords', () => {
  it('says nothing of registers that are zero', () => {
    expect(faultWords(clear)).toEqual([]);
  });

  it('has words for every bit that the architecture defines, and for no other', () => {
    // DDI 0403, B3.2.15 to B3.2.17: the bits that are not reserved.
    const defined = [
      ['cfsr', 0x030fbfbb],
      ['hfsr', 0xc0000002],
      ['dfsr', 0x0000001f],
    ] as const;
    for (const [name, mask] of defined) {
      for (let bit = 0; bit < 32; bit++) {
        const [words] = faultWords({ ...clear, [name]: 1 << bit });
        const count = words?.bits.length;
        expect([name, bit, count]).toEqual([name, bit, (mask >>> bit) & 1]);
      }
    }
  });

  it('calls the bits that are raised as the exception model does', () => {
    for (const [name, bit] of Object.entries(CFSR)) expect(namesOf({ cfsr: bit })).toEqual([['CFSR', name]]);
    for (const [name, bit] of Object.entries(HFSR)) expect(namesOf({ hfsr: bit })).toEqual([['HFSR', name]]);
    for (const [name, bit] of Object.entries(DFSR)) expect(namesOf({ dfsr: bit })).toEqual([['DFSR', name]]);
  });

  it('gives values unsigned', () => {
    expect(faultWords({ ...clear, hfsr: 1 << 31 })).toMatchObject([{ register: 'HFSR', value: 0x80000000 }]);
  });
});
