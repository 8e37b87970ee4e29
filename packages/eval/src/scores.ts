/**
 * How many of the classes score higher than the label's; of equal scores the lower class counts as higher. The
 * label is among the top k where this is less than k. Scores that are not numbers count as higher, so that a
 * broken network is never right.
 *
 * @param scores count · classes scores, row by row
 */
export function rankOfLabel(scores: Float32Array, row: number, classes: number, label: number): number {
  const start = row * classes;
  const own = scores[start + label]!;
  let rank = 0;
  for (let index = 0; index < classes; index++) {
    if (index === label) continue;
    const score = scores[start + index]!;
    const isLower = score < own || (score === own && index > label);
    if (!isLower) rank++;
  }
  return rank;
}

/** The cross-entropy of one row of logits in float64. */
export function crossEntropy(logits: Float32Array, row: number, classes: number, label: number): number {
  const values = logits.subarray(row * classes, (row + 1) * classes);
  const largest = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return Math.log(total) + largest - values[label]!;
}

/** Probabilities from one row of logits, in float64. */
export function softmax(logits: Float32Array): number[] {
  const largest = logits.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const exponentials = Array.from(logits, (value) => Math.exp(value - largest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return exponentials.map((value) => value / total);
}
