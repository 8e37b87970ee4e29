import { defined, nextTask, throwIfAborted } from '@resnet/core';
import { type Dataset, type ImageSet, loader, type Normalization, type Transform } from '@resnet/data';
import { type Network, toTensor } from '@resnet/zoo';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { checkFits } from '../evaluation/check-fits.js';

/** How a measurement of a network's layers reads images. */
export interface MeasureOptions {
  normalization: Normalization;
  /** Default 128. */
  batchSize?: number;
  /** Brings all images to one size: `scaledCenterCrop()` for ImageNet. */
  transform?: Transform;
  /** The network's number of each class of the set, where they differ. */
  classMap?: readonly number[];
  signal?: AbortSignal;
  /** Called after each batch, with images done. */
  onProgress?: (progress: { count: number; total: number }) => void;
}

/**
 * Measures batches of a set one after the other.
 *
 * @param order whether images come in random order, always the same one, and how many batches there are; by default all, in
 *   the order of the set
 * @param measure gets [count, height, width, channels], which is disposed after it, and [count] labels of the network
 * @throws SHAPE_MISMATCH if the set has more classes or other channels than the network, or images of several sizes;
 *   ABORTED; what reading the set throws
 */
export async function eachBatch(
  network: Network,
  set: ImageSet | Dataset,
  { normalization, batchSize = 128, transform, classMap, signal, onProgress }: MeasureOptions,
  { shuffle = false, batches = Number.POSITIVE_INFINITY }: { shuffle?: boolean; batches?: number },
  measure: (images: Tensor4D, labels: Int32Array) => Promise<void>,
): Promise<void> {
  const total = Math.min(set.count, batches * batchSize);
  let count = 0;
  const loaded = loader(set, { batchSize, shuffle, ...defined({ transform }) });
  for await (const batch of loaded.epoch(0)) {
    await nextTask();
    throwIfAborted(signal, 'Measuring layers');
    checkFits(network, set, batch.channels, classMap);
    const images = toTensor(batch, normalization);
    try {
      await measure(images, classMap ? batch.labels.map((label) => classMap[label]!) : batch.labels);
    } finally {
      images.dispose();
    }
    count += batch.count;
    onProgress?.({ count, total });
    if (count >= total) return;
  }
}
