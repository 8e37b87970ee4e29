import { ResnetError } from '@resnet/core';
import { type Dataset, type ImageSet, sliceImages } from '@resnet/data';
import type { Classifier } from '@resnet/zoo';
import { type Averaging, ScoreAverage } from '../metrics/scores.js';
import { type LoadOptions, type ScoredBatch, type ScoreOptions, scoreSet } from './score-images.js';

/** One of the networks of an ensemble, with its normalization and view. */
export interface Member extends Omit<ScoreOptions, 'onlyClasses' | 'averaging'> {
  /** A network in memory, which the caller disposes; or a function that opens one, which is disposed after the set. */
  classifier: Classifier | (() => Promise<Classifier>);
}

/** Networks whose scores are averaged. */
export interface Ensemble {
  members: readonly Member[];
  averaging: Averaging;
}

/** Images that every member scores before the next ones, where all networks are in memory. */
const CHUNK = 1024;

/**
 * Several networks as one, whose scores are averaged (Table 5).
 *
 * Networks in memory go through a set side by side. If any is given as a function that opens it, each sees the whole set
 * before the next one is opened, so that only one of those is in memory at a time; the averages then take 8 bytes a class
 * and image.
 *
 * @param options.averaging of probabilities ('softmax', default) or of logits, over views and networks
 * @throws OPTION_INVALID without members
 */
export function ensemble(
  members: readonly Member[],
  { averaging = 'softmax' }: { averaging?: Averaging } = {},
): Ensemble {
  if (members.length === 0)
    throw new ResnetError('OPTION_INVALID', 'An ensemble needs at least one network.');
  return { members, averaging };
}

/** Scores images of a set in their order by all members. `onImages` is called with the number of images that a member has just scored. */
export async function* scoreSetByEnsemble(
  { members, averaging }: Ensemble,
  set: ImageSet | Dataset,
  onlyClasses: readonly number[] | undefined,
  check: (classifier: Classifier) => void,
  options: LoadOptions & { onImages: (count: number) => Promise<void> },
): AsyncGenerator<ScoredBatch> {
  const inTurn = members.some(({ classifier }) => typeof classifier === 'function');
  const chunk = inTurn ? set.count : CHUNK;
  for (let first = 0; first < set.count; first += chunk) {
    const part = sliceImages(set, first, Math.min(set.count, first + chunk));
    const averages = new Map<number, ScoreAverage>();
    const labels = new Map<number, number>();
    let classes: number | undefined;
    for (const { classifier: given, ...member } of members) {
      const classifier = typeof given === 'function' ? await given() : given;
      try {
        check(classifier);
        checkClasses(classifier, classes);
        classes = classifier.architecture.classes;
        const scoring = { ...member, averaging, onlyClasses };
        for await (const batch of scoreSet(classifier, part, scoring, loading(options, first))) {
          for (const [at, { scores, kind }] of batch.images.entries()) {
            const index = batch.indices[at]!;
            const average = averages.get(index) ?? new ScoreAverage(scores.length, averaging);
            averages.set(index, average);
            labels.set(index, batch.labels[at]!);
            average.add(scores, kind);
          }
          await options.onImages(batch.images.length);
        }
      } finally {
        if (typeof given === 'function') classifier.dispose();
      }
    }
    // An image that only some members could read counts as broken.
    const whole = [...averages].filter(([, { count }]) => count === members.length).sort(([a], [b]) => a - b);
    yield {
      images: whole.map(([, average]) => ({ scores: average.mean(), kind: average.kind })),
      labels: whole.map(([index]) => labels.get(index)!),
      indices: whole.map(([index]) => first + index),
    };
  }
}

/** The options for a part of a set that begins at the index `first`. */
function loading({ onBroken, ...options }: LoadOptions, first: number): LoadOptions {
  return onBroken ? { ...options, onBroken: (error, index) => onBroken(error, first + index) } : options;
}

function checkClasses({ architecture: { name, classes } }: Classifier, others: number | undefined): void {
  if (others === undefined || classes === others) return;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `All networks of an ensemble must have the same classes; ${name} has ${classes} and those before it ${others}.`,
  );
}
