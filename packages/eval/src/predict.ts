import { type Image, type Normalization, toTensor } from '@resnet/data';
import type { Classifier } from '@resnet/zoo';
import { logitsOf } from './logits.js';
import { softmax } from './scores.js';

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
 * @param image of the size that the network takes, with pixels from 0 to 255
 * @param options.top how many classes to give; default 5
 */
export async function predict(
  network: Classifier,
  image: Image,
  options: { normalization: Normalization; top?: number },
): Promise<Prediction[]> {
  const { height, width, channels } = image;
  const batch = { images: image.pixels, count: 1, height, width, channels };
  const logits = await logitsOf(network, toTensor(batch, options.normalization));
  return softmax(logits)
    .map((probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, options.top ?? 5);
}
