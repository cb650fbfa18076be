/**
 * Cuts recordings into windows: equally long, not overlapping, never across the end of a trial (what
 * is left over at the end of a trial is dropped). A window is channel-major float32 in units of g.
 */
import { CHANNELS, type Dataset, type Recording } from './recording.js';

/** Standard gravity in m/s^2; CGPM 1901. Samples are divided by it in float64, then rounded once. */
export const STANDARD_GRAVITY = 9.80665;

/** Windows and their labels, equally many. */
export interface WindowSet {
  /** Each 3 x length, `x[c * length + t]`. */
  readonly windows: readonly Float32Array[];
  readonly labels: readonly number[];
}

/** The windows of one recording, `length` samples each. */
export function cutWindows(recording: Recording, length: number): Float32Array[] {
  const { samples } = recording;
  const count = Math.floor(samples.length / CHANNELS / length);
  return Array.from({ length: count }, (_, w) => {
    const window = new Float32Array(CHANNELS * length);
    for (let t = 0; t < length; t++) {
      for (let c = 0; c < CHANNELS; c++) {
        const sample = samples[(w * length + t) * CHANNELS + c] as number;
        window[c * length + t] = sample / STANDARD_GRAVITY;
      }
    }
    return window;
  });
}

/** The windows of several recordings, in their order. */
export function windowsOf(recordings: readonly Recording[], length: number): WindowSet {
  const windows: Float32Array[] = [];
  const labels: number[] = [];
  for (const recording of recordings) {
    for (const window of cutWindows(recording, length)) {
      windows.push(window);
      labels.push(recording.label);
    }
  }
  return { windows, labels };
}

/** A user's windows for training and for testing; they come from different trials. */
export function userWindows(
  dataset: Dataset,
  user: number,
  length: number,
): { train: WindowSet; test: WindowSet } {
  const recordings = dataset.recordings(user);
  const of = (part: Recording['part']) =>
    windowsOf(
      recordings.filter((recording) => recording.part === part),
      length,
    );
  return { train: of('train'), test: of('test') };
}

/**
 * Takes `count` windows, as many of each class as can be (a class with too few gives what it has),
 * spread evenly over that class's windows, and mixes the classes evenly, so that every batch holds them
 * in about the same proportion. The whole set in such an order, if it has no more than `count`.
 */
export function takeBalanced(set: WindowSet, count: number): WindowSet {
  const classes = indicesByLabel(set.labels);
  const shares = shareOut(
    classes.map((indices) => indices.length),
    count,
  );
  const picks = classes.flatMap((indices, c) => {
    const share = shares[c] as number;
    return Array.from({ length: share }, (_, i) => ({
      index: indices[Math.floor((i * indices.length) / share)] as number,
      /** Where in the order it belongs, 0 to 1. */
      place: (i + 0.5) / share,
    }));
  });
  const order = picks.sort((a, b) => a.place - b.place);
  return selectWindows(
    set,
    order.map(({ index }) => index),
  );
}

/** The indices of each label's windows, by rising label. */
function indicesByLabel(labels: readonly number[]): number[][] {
  const found = new Map<number, number[]>();
  labels.forEach((label, index) => {
    const indices = found.get(label) ?? [];
    indices.push(index);
    found.set(label, indices);
  });
  return [...found.entries()].sort(([a], [b]) => a - b).map(([, indices]) => indices);
}

/** Gives one to each in turn, until `count` are given or nobody has room. */
function shareOut(room: readonly number[], count: number): number[] {
  const shares = room.map(() => 0);
  let left = Math.min(
    count,
    room.reduce((sum, n) => sum + n, 0),
  );
  while (left > 0) {
    for (let i = 0; i < room.length && left > 0; i++) {
      if ((shares[i] as number) < (room[i] as number)) {
        shares[i] = (shares[i] as number) + 1;
        left -= 1;
      }
    }
  }
  return shares;
}

/** The windows at these indices, in the order of the indices. */
export function selectWindows(set: WindowSet, indices: readonly number[]): WindowSet {
  return {
    windows: indices.map((index) => set.windows[index] as Float32Array),
    labels: indices.map((index) => set.labels[index] as number),
  };
}

/** Batches of `size` windows in order; the last may be smaller. */
export function batchesOf(set: WindowSet, size: number): WindowSet[] {
  const batches: WindowSet[] = [];
  for (let from = 0; from < set.windows.length; from += size) {
    batches.push({
      windows: set.windows.slice(from, from + size),
      labels: set.labels.slice(from, from + size),
    });
  }
  return batches;
}
