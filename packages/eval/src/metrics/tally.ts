import {
  CALIBRATION_BINS,
  type CalibrationBin,
  type Evaluation,
  type Mistake,
  MOST_MISTAKES,
  type RealLabelCounts,
} from '../evaluation/evaluation.js';
import type { ScoredImage } from '../evaluation/score-images.js';
import { crossEntropy, predictedClass, rankOfLabel, softmax } from './scores.js';

/** Counts what an evaluation holds, from the scores of images in the order of the set. */
export class Tally {
  readonly #classes: number;
  readonly #first: number;
  readonly #ranks: Float64Array;
  readonly #confusions = new Map<number, number>();
  readonly #calibration: CalibrationBin[] = Array.from({ length: CALIBRATION_BINS }, () => ({
    count: 0,
    right: 0,
    probabilitySum: 0,
  }));
  #mistakes: Mistake[] = [];
  #realLabels: RealLabelCounts | undefined;
  #lossSum = 0;
  #count = 0;
  readonly #broken: number[] = [];

  /** @param first the index in the set of the first image that will be added */
  constructor(classes: number, first: number) {
    this.#classes = classes;
    this.#first = first;
    this.#ranks = new Float64Array(classes);
  }

  get count(): number {
    return this.#count;
  }

  get top1Errors(): number {
    return this.#count - this.#ranks[0]!;
  }

  /** The index of the next image. */
  get next(): number {
    return this.#first + this.#count + this.#broken.length;
  }

  /** Leaves out the next image, which is broken. */
  leaveOut(): void {
    this.#broken.push(this.next);
  }

  /** @param realLabels of this image, if it was given any list of them */
  add({ scores, kind }: ScoredImage, label: number, realLabels?: readonly number[]): void {
    const probabilities = kind === 'logits' ? softmax(scores) : scores;
    const loss = kind === 'logits' ? crossEntropy(scores, label) : -Math.log(scores[label]!);
    const rank = rankOfLabel(scores, label);
    const predicted = rank === 0 ? label : predictedOther(scores, label);
    const probability = probabilities[predicted]!;
    this.#lossSum += exactly(loss);
    this.#ranks[rank]!++;
    const pair = label * this.#classes + predicted;
    this.#confusions.set(pair, (this.#confusions.get(pair) ?? 0) + 1);
    // A probability that is not a number goes into the first bin.
    const bin =
      this.#calibration[Math.min(CALIBRATION_BINS - 1, Math.floor(probability * CALIBRATION_BINS) || 0)]!;
    bin.count++;
    bin.right += rank === 0 ? 1 : 0;
    bin.probabilitySum += exactly(probability);
    if (rank > 0) {
      const labelProbability = probabilities[label]!;
      const index = this.next;
      this.#mistakes.push({ index, label, predicted, probability, labelProbability });
      if (this.#mistakes.length >= 4 * MOST_MISTAKES) this.#mistakes = worstOf(this.#mistakes);
    }
    if (realLabels) {
      this.#realLabels ??= { count: 0, top1Errors: 0 };
      if (realLabels.length > 0) {
        this.#realLabels.count++;
        if (!realLabels.includes(predicted)) this.#realLabels.top1Errors++;
      }
    }
    this.#count++;
  }

  /** What was added so far. */
  result(seconds: number): Evaluation {
    const ranks = Array.from(this.#ranks);
    const classes = this.#classes;
    return summarized({
      ranges: this.next === this.#first ? [] : [[this.#first, this.next]],
      ...(this.#broken.length > 0 ? { broken: [...this.#broken] } : {}),
      classes,
      lossSum: this.#lossSum,
      ranks,
      confusions: [...this.#confusions]
        .sort(([a], [b]) => a - b)
        .map(([pair, count]) => [Math.floor(pair / classes), pair % classes, count]),
      calibration: this.#calibration.map((bin) => ({ ...bin })),
      mistakes: worstOf(this.#mistakes),
      ...(this.#realLabels ? { realLabels: { ...this.#realLabels } } : {}),
      seconds,
    });
  }
}

/** What follows from the counts. */
export function summarized(
  counts: Omit<Evaluation, 'count' | 'top1Errors' | 'top5Errors' | 'top1Error' | 'loss'>,
): Evaluation {
  const { ranks, lossSum } = counts;
  const count = sum(ranks);
  const top1Errors = count - (ranks[0] ?? 0);
  return {
    ...counts,
    count,
    top1Errors,
    top5Errors: count - sum(ranks.slice(0, 5)),
    top1Error: top1Errors / count,
    loss: lossSum / count,
  };
}

/** The worst mistakes first, as many as an evaluation keeps. */
export function worstOf(mistakes: readonly Mistake[]): Mistake[] {
  return [...mistakes]
    .sort((a, b) => a.labelProbability - b.labelProbability || a.index - b.index)
    .slice(0, MOST_MISTAKES);
}

/** Rounded so that sums are the same in any order: exact below 2^23. */
function exactly(value: number): number {
  return Math.round(value * 2 ** 30) / 2 ** 30;
}

/** The predicted class where it is not the label's. */
function predictedOther(scores: ScoredImage['scores'], label: number): number {
  const predicted = predictedClass(scores);
  if (predicted !== label) return predicted;
  // Only the label's score is not a number.
  const others = scores.slice();
  others[label] = Number.NEGATIVE_INFINITY;
  const other = predictedClass(others);
  return other === label ? (label + 1) % scores.length : other;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
