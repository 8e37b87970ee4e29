/** Scores of classes: as the network gives them, or between 0 and 1 with a sum of 1. */
export type ScoreKind = 'logits' | 'probabilities';

/** How the scores of several views or networks are averaged: as probabilities, as the paper does, or as logits. */
export type Averaging = 'softmax' | 'logits';

export type Scores = Float32Array | Float64Array;

/**
 * How many of the classes score higher than the label's; of equal scores the lower class counts as higher. The
 * label is among the top k where this is less than k. Scores that are not numbers count as higher, so that a
 * broken network is never right.
 *
 * @param scores of one image, one a class
 */
export function rankOfLabel(scores: Scores, label: number): number {
  const own = scores[label]!;
  let rank = 0;
  for (let index = 0; index < scores.length; index++) {
    if (index === label) continue;
    const score = scores[index]!;
    const isLower = score < own || (score === own && index > label);
    if (!isLower) rank++;
  }
  return rank;
}

/** The class of the highest score, of equal ones the lowest; one that is not a number counts as the highest. */
export function predictedClass(scores: Scores): number {
  let best = 0;
  for (let index = 1; index < scores.length && !Number.isNaN(scores[best]!); index++) {
    if (!(scores[index]! <= scores[best]!)) best = index;
  }
  return best;
}

/** The cross-entropy of one image's logits in float64. */
export function crossEntropy(logits: Scores, label: number): number {
  const largest = maximum(logits);
  let total = 0;
  for (const value of logits) total += Math.exp(value - largest);
  return Math.log(total) + largest - logits[label]!;
}

/** Probabilities from one image's logits, in float64. */
export function softmax(logits: Scores): Float64Array {
  const largest = maximum(logits);
  const probabilities = new Float64Array(logits.length);
  let total = 0;
  for (let index = 0; index < logits.length; index++) {
    probabilities[index] = Math.exp(logits[index]! - largest);
    total += probabilities[index]!;
  }
  for (let index = 0; index < logits.length; index++) probabilities[index]! /= total;
  return probabilities;
}

function maximum(values: Scores): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) largest = Math.max(largest, value);
  return largest;
}

/** Averages scores of the same image, in float64. */
export class ScoreAverage {
  readonly #sums: Float64Array;
  readonly #averaging: Averaging;
  #count = 0;

  /** How many were added. */
  get count(): number {
    return this.#count;
  }

  constructor(classes: number, averaging: Averaging) {
    this.#sums = new Float64Array(classes);
    this.#averaging = averaging;
  }

  add(scores: Scores, kind: ScoreKind): void {
    const added = this.#averaging === 'softmax' && kind === 'logits' ? softmax(scores) : scores;
    for (let index = 0; index < added.length; index++) this.#sums[index]! += added[index]!;
    this.#count++;
  }

  get kind(): ScoreKind {
    return this.#averaging === 'softmax' ? 'probabilities' : 'logits';
  }

  mean(): Float64Array {
    return this.#sums.map((sum) => sum / this.#count);
  }
}
