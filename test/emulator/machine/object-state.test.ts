import { describe, expect, it } from 'vitest';
import { captureObjects } from '../../../emulator/machine/object-state.js';

const shared = new ArrayBuffer(8);

describe('objects put back', () => {
  it('hold what they held: fields, arrays, maps, sets and typed arrays, however deep', () => {
    const make = () => ({
      number: 1,
      list: [{ name: 'a' }, { name: 'b' }],
      map: new Map([['x', { deep: 1 }]]),
      set: new Set([1]),
      bytes: Uint8Array.of(1, 2),
    });
    const object: ReturnType<typeof make> & { added?: number } = make();
    const [first] = object.list;
    const putBack = captureObjects([object], [], shared);
    object.number = 2;
    (object.list[0] as { name: string }).name = 'c';
    object.list.pop();
    (object.map.get('x') as { deep: number }).deep = 2;
    object.map.set('y', { deep: 3 });
    object.set.add(2);
    object.bytes.fill(9);
    object.added = 1;
    putBack();
    expect(object).toEqual(make());
    expect(object.list[0]).toBe(first);
  });

  it('may be in a circle, and are themselves afterwards', () => {
    const a: { other?: object; value: number } = { value: 1 };
    const b = { other: a, value: 2 };
    a.other = b;
    const putBack = captureObjects([a], [], shared);
    b.value = 3;
    delete a.other;
    putBack();
    expect(a.other).toBe(b);
    expect(b.value).toBe(2);
  });

  it('do not include what was left out, and what lies in the shared buffer', () => {
    const left = { value: 1 };
    const view = new Uint8Array(shared);
    const putBack = captureObjects([{ left, view }], [left], shared);
    left.value = 2;
    view[0] = 7;
    putBack();
    expect([left.value, view[0]]).toEqual([2, 7]);
  });

  it('may keep their state themselves', () => {
    let hidden = 1;
    const object = {
      captureState: () => {
        const then = hidden;
        return () => {
          hidden = then;
        };
      },
    };
    const putBack = captureObjects([{ object }], [], shared);
    hidden = 2;
    putBack();
    expect(hidden).toBe(1);
  });
});
