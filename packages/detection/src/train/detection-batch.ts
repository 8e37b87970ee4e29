import type { DetectionSample as ImageWithObjects, Normalization } from '@resnet/data';
import type { BatchPart, StepInput } from '@resnet/train';
import type * as tf from '@tensorflow/tfjs-core';
import { type DetectorInput, detectorInput } from '../detect/image-input.js';
import type { DetectionInput, DetectionSample } from '../losses/detection-losses.js';
import type { Truth } from '../proposals/sampling.js';

/** A part of a batch as a training step takes it. */
export interface DetectionPart extends BatchPart, DetectionInput {
  /** Index in the batch of the part's first image. */
  first: number;
  /** What is learned from it, where that was drawn before the step. */
  sample?: DetectionSample;
}

/** A batch of images with their objects. */
export class DetectionBatchInput implements StepInput<DetectionPart> {
  readonly count: number;
  readonly #parts: (readonly ImageWithObjects[])[] = [];
  readonly #uploaded: DetectorInput[] = [];

  /** @param images scaled to the detector's size @param parts how many, or as many as there are images */
  constructor(
    images: readonly ImageWithObjects[],
    private readonly normalization: Normalization,
    parts: number,
  ) {
    this.count = images.length;
    const size = Math.ceil(images.length / parts);
    for (let from = 0; from < images.length; from += size) this.#parts.push(images.slice(from, from + size));
  }

  makeAhead(upload: (tensor: tf.Tensor) => void): void {
    for (const part of this.#parts) {
      const input = this.#inputOf(part);
      this.#uploaded.push(input);
      upload(input.images);
    }
  }

  *parts(): Generator<DetectionPart> {
    let first = 0;
    for (const part of this.#parts) {
      const input = this.#uploaded.shift() ?? this.#inputOf(part);
      try {
        yield { ...input, count: part.length, first, truths: part.map(truthOf) };
      } finally {
        input.images.dispose();
      }
      first += part.length;
    }
  }

  dispose(): void {
    for (const { images } of this.#uploaded.splice(0)) images.dispose();
  }

  #inputOf(part: readonly ImageWithObjects[]): DetectorInput {
    const images = part.map(({ image }) => image);
    const sizes = images.map(({ height, width }) => [height, width] as const);
    return detectorInput(images, sizes, this.normalization);
  }
}

/** The objects to learn from: no crowds, and none that are difficult, as the authors of Faster R-CNN leave them out. */
export function truthOf({ objects }: Pick<ImageWithObjects, 'objects'>): Truth {
  const { boxes, labels, crowd, difficult } = objects;
  const kept = [...labels.keys()].filter((index) => !crowd?.[index] && !difficult?.[index]);
  return {
    boxes: Float32Array.from(kept.flatMap((index) => [...boxes.subarray(4 * index, 4 * index + 4)])),
    labels: Int32Array.from(kept, (index) => labels[index]! + 1),
  };
}
