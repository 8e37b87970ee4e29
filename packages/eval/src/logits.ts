import type { Classifier } from '@resnet/zoo';
import type * as tf from '@tensorflow/tfjs-core';

/** The logits of images, row by row. Disposes the images. */
export async function logitsOf(network: Classifier, images: tf.Tensor4D): Promise<Float32Array> {
  try {
    const logits = await network.infer(images);
    const values = (await logits.data()) as Float32Array;
    logits.dispose();
    return values;
  } finally {
    images.dispose();
  }
}
