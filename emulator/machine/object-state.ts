/**
 * What objects hold, captured so that it can be put back: the fields of every object that can be reached
 * from a few roots. Not captured: variables of closures; an object with such state offers `captureState`
 * (ports.ts).
 */
import type { Snapshotable } from '../ports.js';

/** Puts back what one object held. */
type PutBack = () => void;

const isSnapshotable = (value: object): value is Snapshotable =>
  'captureState' in value && typeof value.captureState === 'function';

function captureView(view: Uint8Array): PutBack {
  const copy = view.slice();
  return () => view.set(copy);
}

function captureArray(array: unknown[]): PutBack {
  const copy = [...array];
  return () => {
    array.length = 0;
    array.push(...copy);
  };
}

function captureMap(map: Map<unknown, unknown>): PutBack {
  const copy = [...map];
  return () => {
    map.clear();
    for (const [key, value] of copy) map.set(key, value);
  };
}

function captureSet(set: Set<unknown>): PutBack {
  const copy = [...set];
  return () => {
    set.clear();
    for (const value of copy) set.add(value);
  };
}

/** Fields with a value of their own; accessors (get, set) hold nothing. */
function captureFields(object: Record<string, unknown>): PutBack {
  const copy = Object.entries(object);
  return () => {
    for (const [key, value] of copy) if (object[key] !== value) object[key] = value;
    if (Object.keys(object).length === copy.length) return;
    const known = new Set(copy.map(([key]) => key));
    for (const key of Object.keys(object)) if (!known.has(key)) delete object[key];
  };
}

function partsOf(value: object): Iterable<unknown> {
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof Set || Array.isArray(value)) return value as Iterable<unknown>;
  return Object.values(value);
}

function capture(value: object): PutBack {
  if (isSnapshotable(value)) return value.captureState();
  if (ArrayBuffer.isView(value)) {
    return captureView(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  if (Array.isArray(value)) return captureArray(value);
  if (value instanceof Map) return captureMap(value);
  if (value instanceof Set) return captureSet(value);
  return captureFields(value as Record<string, unknown>);
}

/**
 * @param roots where to start; `leftOut` are objects to go neither into nor past
 * @param shared a buffer whose views are kept elsewhere
 */
export function captureObjects(
  roots: readonly object[],
  leftOut: readonly object[],
  shared: ArrayBufferLike,
): PutBack {
  const seen = new Set<object>(leftOut);
  const putBacks: PutBack[] = [];
  const waiting: unknown[] = [...roots];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null || seen.has(value) || value === shared) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value) && value.buffer === shared) continue;
    putBacks.push(capture(value));
    if (!ArrayBuffer.isView(value) && !isSnapshotable(value)) waiting.push(...partsOf(value));
  }
  return () => {
    for (const putBack of putBacks) putBack();
  };
}
