import { type Image, type Normalization, toTensor } from '@resnet/data';
import type { Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { softmax } from './scores.js';

export interface Prediction {
  /** Number of the class. */
  index: number;
  /** From 0 to 1. */
  probability: number;
}

/**
 * The classes that a network sees in one image, the most probable first. The network runs in inference mode and
 * comes back in the mode that it was in.
 *
 * @param image of the size that the network takes, with pixels from 0 to 255
 * @param options.top how many classes to give; default 5
 */
export async function predict(
  network: Network,
  image: Image,
  options: { normalization: Normalization; top?: number },
): Promise<Prediction[]> {
  const { height, width, channels } = image;
  const wasTraining = network.training;
  network.setTraining(false);
  try {
    const batch = { images: image.pixels, count: 1, height, width, channels };
    const output = tf.tidy(() => network.forward(toTensor(batch, options.normalization)));
    const logits = (await output.data()) as Float32Array;
    output.dispose();
    return softmax(logits)
      .map((probability, index) => ({ index, probability }))
      .sort((a, b) => b.probability - a.probability || a.index - b.index)
      .slice(0, options.top ?? 5);
  } finally {
    network.setTraining(wasTraining);
  }
}
