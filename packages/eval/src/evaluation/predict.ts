import type { Image } from '@resnet/data';
import type { Classifier } from '@resnet/zoo';
import { softmax } from '../metrics/scores.js';
import { type ScoreOptions, scoreImage } from './score-images.js';

export interface Prediction {
  /** Number of the class. */
  index: number;
  /** From 0 to 1. */
  probability: number;
}

/**
 * The classes that a network sees in one image, the most probable first. A network runs in inference mode and
 * comes back in the mode that it was in; `prepare` makes it faster.
 *
 * @param image with pixels from 0 to 255: of the size that the network takes, unless a view says otherwise
 * @param options.top how many classes to give; default 5
 */
export async function predict(
  network: Classifier,
  image: Image,
  options: Omit<ScoreOptions, 'onlyClasses'> & { top?: number },
): Promise<Prediction[]> {
  const { scores, kind } = await scoreImage(network, image, options);
  const probabilities = kind === 'logits' ? softmax(scores) : scores;
  return Array.from(probabilities, (probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, options.top ?? 5);
}
