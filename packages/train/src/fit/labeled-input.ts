import type { Batch, Normalization } from '@resnet/data';
import { toTensor } from '@resnet/zoo';
import type * as tf from '@tensorflow/tfjs-core';
import type { StepInput } from './task.js';

/** A part of a batch, with its images as the network takes them. */
export interface LabeledPart extends Omit<Batch, 'images'> {
  images: tf.Tensor4D;
}

/** A batch of images and their classes, as a training step takes it. */
export class LabeledInput implements StepInput<LabeledPart> {
  readonly count: number;
  readonly #parts: Batch[];
  readonly #uploaded: tf.Tensor4D[] = [];

  /** @param parts how many, or as many as there are images */
  constructor(
    batch: Batch,
    private readonly normalization: Normalization,
    parts: number,
  ) {
    this.count = batch.count;
    this.#parts = partsOf(batch, parts);
  }

  makeAhead(upload: (images: tf.Tensor) => void): void {
    for (const part of this.#parts) {
      const images = toTensor(part, this.normalization);
      this.#uploaded.push(images);
      upload(images);
    }
  }

  *parts(): Generator<LabeledPart> {
    for (const part of this.#parts) {
      const images = this.#uploaded.shift() ?? toTensor(part, this.normalization);
      try {
        yield { ...part, images };
      } finally {
        images.dispose();
      }
    }
  }

  dispose(): void {
    for (const images of this.#uploaded.splice(0)) images.dispose();
  }
}

/** Splits a batch into so many parts, whose arrays are views. */
function partsOf(batch: Batch, parts: number): Batch[] {
  if (parts === 1) return [batch];
  const { images, labels, mixed, count } = batch;
  const size = images.length / count;
  const most = Math.ceil(count / parts);
  return Array.from({ length: Math.ceil(count / most) }, (_, part) => {
    const [first, end] = [part * most, Math.min(count, (part + 1) * most)];
    return {
      ...batch,
      images: images.subarray(first * size, end * size),
      labels: labels.slice(first, end),
      count: end - first,
      ...(mixed ? { mixed: { ...mixed, labels: mixed.labels.slice(first, end) } } : {}),
    };
  });
}
