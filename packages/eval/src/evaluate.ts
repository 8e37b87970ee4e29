import { nextTask, ResnetError, throwIfAborted } from '@resnet/backend';
import {
  type Dataset,
  type ImageSet,
  loader,
  type Normalization,
  type Transform,
  toTensor,
} from '@resnet/data';
import type { Classifier } from '@resnet/zoo';
import { logitsOf } from './logits.js';
import { crossEntropy, rankOfLabel } from './scores.js';

/** What an evaluation counts. Errors are whole numbers of images, so that parts add up exactly. */
export interface Evaluation {
  /** Images evaluated. */
  count: number;
  /** Images whose label does not have the highest score. */
  top1Errors: number;
  /** Images whose label is not among the five highest scores. */
  top5Errors: number;
  /** top1Errors / count. */
  top1Error: number;
  /** Mean cross-entropy. */
  loss: number;
  seconds: number;
}

export interface EvaluateOptions {
  normalization: Normalization;
  /** Default 128. The result does not depend on it. */
  batchSize?: number;
  /** Brings all images to one size: `scaledCenterCrop()` for ImageNet. */
  transform?: Transform;
  /** Threads that read and transform images. Default 0. */
  workers?: number;
  signal?: AbortSignal;
  /** Called after each batch. */
  onProgress?: (progress: { count: number; total: number; top1Errors: number }) => void;
}

/**
 * Tests a network on the single view of each image, as the paper does on CIFAR-10 (Section 4.2). A network runs in inference
 * mode and comes back in the mode that it was in; `prepare` makes it faster.
 *
 * @throws SHAPE_MISMATCH if the set has more classes or other channels than the network, or images of several sizes;
 *   ABORTED; what reading the set throws
 */
export async function evaluate(
  network: Classifier,
  set: ImageSet | Dataset,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { normalization, batchSize = 128, transform, workers = 0, signal, onProgress } = options;
  const { classes, inChannels } = network.architecture;
  const check = (channels: number) => {
    if (set.classes.length <= classes && channels === inChannels) return;
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `The network tells ${classes} classes apart in images of ${inChannels} channels; ${set.name} has ` +
        `${set.classes.length} classes and ${channels} channels.`,
    );
  };
  // A set that is read as it goes shows its channels with the first batch.
  check('channels' in set ? set.channels : inChannels);
  const started = performance.now();
  let [count, top1Errors, top5Errors, loss] = [0, 0, 0, 0];
  const batches = loader(set, { batchSize, workers, ...(transform ? { transform } : {}) });
  try {
    for await (const batch of batches.epoch(0)) {
      await nextTask();
      throwIfAborted(signal, 'Evaluation');
      check(batch.channels);
      const logits = await logitsOf(network, toTensor(batch, normalization));
      for (const [row, label] of batch.labels.entries()) {
        const rank = rankOfLabel(logits, row, classes, label);
        if (rank >= 1) top1Errors++;
        if (rank >= 5) top5Errors++;
        loss += crossEntropy(logits, row, classes, label);
      }
      count += batch.count;
      onProgress?.({ count, total: set.count, top1Errors });
    }
  } finally {
    batches.close();
  }
  const seconds = (performance.now() - started) / 1000;
  return { count, top1Errors, top5Errors, top1Error: top1Errors / count, loss: loss / count, seconds };
}
