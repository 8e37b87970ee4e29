import type { Image, Normalization } from '@resnet/data';
import { type Classifier, toTensor } from '@resnet/zoo';

/** The logits of one image, and how long the network took for them. */
export async function infer(
  classifier: Classifier,
  image: Image,
  normalization: Normalization,
): Promise<{ logits: Float32Array; milliseconds: number }> {
  const { pixels: images, height, width, channels } = image;
  const input = toTensor({ images, count: 1, height, width, channels }, normalization);
  try {
    const start = performance.now();
    const output = await classifier.infer(input);
    try {
      const logits = (await output.data()) as Float32Array;
      // A copy, as it may be a view of the backend's memory.
      return { logits: logits.slice(), milliseconds: performance.now() - start };
    } finally {
      output.dispose();
    }
  } finally {
    input.dispose();
  }
}
