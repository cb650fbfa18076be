import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../../harness/report/json-text.js';

describe('JSON for files', () => {
  it('keeps short lists and the objects of a list on one line', () => {
    const text = jsonText({
      a: [1, 2],
      b: [{ c: 1, d: 'x' }, [{}, 2]],
      e: [{ e: [1] }],
      f: {},
      g: [],
      h: { i: null },
    });
    expect(text).toBe(`{
  "a": [1, 2],
  "b": [{ "c": 1, "d": "x" }, [{}, 2]],
  "e": [
    {
      "e": [1]
    }
  ],
  "f": {},
  "g": [],
  "h": {
    "i": null
  }
}
`);
  });

  it('breaks a list that is too long', () => {
    const text = jsonText({ list: Array.from({ length: 40 }, (_, i) => i) });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
    expect(text.split('\n').length).toBe(45);
  });

  it('says what was put in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
