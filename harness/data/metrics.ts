/** How good predictions are: confusion matrix, macro F1. */

/** Rows are true classes, columns predicted ones. Labels and predictions are equally many. */
export function confusionMatrix(
  labels: readonly number[],
  predictions: readonly number[],
  classCount: number,
): number[][] {
  if (labels.length !== predictions.length) {
    throw new RangeError(`${labels.length} labels with ${predictions.length} predictions`);
  }
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  labels.forEach((label, i) => {
    const row = matrix[label];
    const column = predictions[i] as number;
    if (row?.[column] === undefined) {
      throw new RangeError(`class ${label} predicted as ${column}, of ${classCount} classes`);
    }
    row[column] += 1;
  });
  return matrix;
}

/**
 * The mean over classes of F1 = 2 TP / (2 TP + FP + FN), from 0 to 1. A class that occurs neither
 * among the labels nor among the predictions has no F1 and is left out; with none at all, NaN.
 */
export function macroF1(confusion: readonly (readonly number[])[]): number {
  const scores: number[] = [];
  confusion.forEach((row, c) => {
    const hits = row[c] as number;
    const truths = row.reduce((sum, n) => sum + n, 0);
    const predicted = confusion.reduce((sum, other) => sum + (other[c] as number), 0);
    if (truths + predicted > 0) scores.push((2 * hits) / (truths + predicted));
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
