import { type Random, ResnetError } from '@resnet/core';
import { randomBeta } from 'd3-random';
import type { Batch } from '../loading/batch.js';
import { madeBy, type Origin } from './transform.js';

/** Mixes the images of a batch. It may change the batch, and draws only from `random`. */
export interface Mixing {
  (batch: Batch, random: Random): Batch;
  readonly origin?: Origin;
}

/**
 * Mixup (Zhang et al. 2018): every image is blended with the one before it in the batch, the first with the last,
 * as torchvision's `MixUp` does; pixels are rounded.
 *
 * @param options.alpha both parameters of the beta distribution that the share is drawn from; 0.2 by default
 * @throws OPTION_INVALID if alpha is not above 0
 */
export function mixup(options: { alpha?: number } = {}): Mixing {
  const { alpha = 0.2 } = options;
  checkAlpha(alpha);
  return madeBy('mixup', [options], (batch, random) => {
    const share = drawShare(alpha, random);
    const size = batch.images.length / batch.count;
    const images = new Uint8Array(batch.images.length);
    for (let position = 0; position < batch.count; position++) {
      const [own, other] = [position * size, before(position, batch.count) * size];
      for (let offset = 0; offset < size; offset++) {
        const [a, b] = [batch.images[own + offset]!, batch.images[other + offset]!];
        images[own + offset] = Math.round(b + share * (a - b));
      }
    }
    return { ...batch, images, mixed: { labels: labelsBefore(batch), share } };
  });
}

/**
 * CutMix (Yun et al. 2019): a rectangle of every image, at the same position, is that of the image before it in the
 * batch, of the last one for the first, as torchvision's `CutMix` draws it.
 *
 * @param options.alpha both parameters of the beta distribution that the share is drawn from; 1 by default
 * @throws OPTION_INVALID if alpha is not above 0
 */
export function cutmix(options: { alpha?: number } = {}): Mixing {
  const { alpha = 1 } = options;
  checkAlpha(alpha);
  return madeBy('cutmix', [options], (batch, random) => {
    const { height, width, channels, count } = batch;
    const side = 0.5 * Math.sqrt(1 - drawShare(alpha, random));
    const [x, y] = [random.int(width), random.int(height)];
    const [halfWidth, halfHeight] = [Math.trunc(side * width), Math.trunc(side * height)];
    const [left, right] = [Math.max(0, x - halfWidth), Math.min(width, x + halfWidth)];
    const [top, bottom] = [Math.max(0, y - halfHeight), Math.min(height, y + halfHeight)];
    const size = height * width * channels;
    const images = batch.images.slice();
    for (let position = 0; position < count; position++) {
      const other = before(position, count) * size;
      for (let row = top; row < bottom; row++) {
        const [start, end] = [(row * width + left) * channels, (row * width + right) * channels];
        images.set(batch.images.subarray(other + start, other + end), position * size + start);
      }
    }
    const share = 1 - ((right - left) * (bottom - top)) / (width * height);
    return { ...batch, images, mixed: { labels: labelsBefore(batch), share } };
  });
}

/**
 * Mixes each batch in one of several ways, all equally likely.
 *
 * @throws OPTION_INVALID if there is none
 */
export function oneOf(...ways: Mixing[]): Mixing {
  if (ways.length === 0) throw new ResnetError('OPTION_INVALID', 'oneOf needs at least one way, found none.');
  return madeBy('oneOf', ways, (batch, random) => ways[random.int(ways.length)]!(batch, random));
}

function checkAlpha(alpha: number): void {
  if (alpha > 0 && Number.isFinite(alpha)) return;
  throw new ResnetError('OPTION_INVALID', `alpha must be a number above 0, found ${alpha}.`);
}

function drawShare(alpha: number, random: Random): number {
  return randomBeta.source(() => random.uniform())(alpha, alpha)();
}

function before(position: number, count: number): number {
  return (position + count - 1) % count;
}

function labelsBefore({ labels, count }: Batch): Int32Array {
  return labels.map((_, position) => labels[before(position, count)]!);
}
