/**
 * The paper's network in float64, written for finite differences: straight from the formulas, one sum an
 * output, sharing no code with the reference. Sizes are literal on purpose.
 */

/** Every value that a ReLU has seen, to keep clear of its kink. */
type Seen = (value: number) => void;

function convolve(x: number[][], w: Float64Array, b: Float64Array, seen: Seen): number[][] {
  const channels = x.length;
  const length = (x[0] as number[]).length - 2;
  return Array.from(b, (bias, j) =>
    Array.from({ length }, (_, m) => {
      let sum = bias;
      for (let c = 0; c < channels; c++) {
        for (let k = 0; k < 3; k++) {
          sum += (x[c]?.[m + k] as number) * (w[(j * channels + c) * 3 + k] as number);
        }
      }
      seen(sum);
      return Math.max(0, sum);
    }),
  );
}

function halve(x: number[][]): number[][] {
  return x.map((row) =>
    Array.from(
      { length: Math.floor(row.length / 2) },
      (_, m) => ((row[2 * m] as number) + (row[2 * m + 1] as number)) / 2,
    ),
  );
}

function dense(x: number[], w: Float64Array, b: Float64Array): number[] {
  return Array.from(b, (bias, j) =>
    x.reduce((sum, value, i) => sum + value * (w[j * x.length + i] as number), bias),
  );
}

function logits(p: Float64Array, window: Float32Array, seen: Seen): number[] {
  const n = window.length / 3;
  const x = [0, 1, 2].map((c) => Array.from(window.subarray(c * n, (c + 1) * n)));
  const first = halve(convolve(x, p.subarray(0, 288), p.subarray(288, 320), seen));
  const second = halve(convolve(first, p.subarray(320, 6464), p.subarray(6464, 6528), seen));
  const mean = second.map((row) => row.reduce((a, b) => a + b, 0) / row.length);
  const hidden = dense(mean, p.subarray(6528, 9728), p.subarray(9728, 9778));
  for (const value of hidden) seen(value);
  return dense(
    hidden.map((value) => Math.max(0, value)),
    p.subarray(9778, 10078),
    p.subarray(10078, 10084),
  );
}

/** Cross-entropy of one window. */
export function float64Loss(p: Float64Array, window: Float32Array, label: number): number {
  const z = logits(p, window, () => {});
  return Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - (z[label] as number);
}

/** How near any ReLU's input comes to 0. */
export function nearestKink(p: Float64Array, window: Float32Array): number {
  let nearest = Number.POSITIVE_INFINITY;
  logits(p, window, (value) => {
    nearest = Math.min(nearest, Math.abs(value));
  });
  return nearest;
}
