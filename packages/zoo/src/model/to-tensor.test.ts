import '@tensorflow/tfjs-backend-cpu';
import { IMAGENET_NORMALIZATION, normalize } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { toTensor } from './to-tensor.js';

const batch = {
  images: Uint8Array.from({ length: 2 * 4 * 5 * 3 }, (_, index) => (index * 37) % 256),
  count: 2,
  height: 4,
  width: 5,
  channels: 3,
};

describe('toTensor', () => {
  it('makes one tensor, which the caller owns, and keeps nothing of the batch', () => {
    const before = tf.memory().numTensors;
    const expected = normalize(batch, IMAGENET_NORMALIZATION);
    const images = batch.images.slice();
    const tensor = toTensor({ ...batch, images }, IMAGENET_NORMALIZATION);
    expect(tf.memory().numTensors).toBe(before + 1);
    images.fill(0);
    expect(tensor.shape).toEqual([2, 4, 5, 3]);
    expect(tensor.dtype).toBe('float32');
    expect(tensor.dataSync()).toEqual(expected);
    tensor.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('makes none of what does not fit', () => {
    const before = tf.memory().numTensors;
    expect(() => toTensor({ ...batch, count: 1 }, IMAGENET_NORMALIZATION)).toThrow('bytes of pixels');
    expect(tf.memory().numTensors).toBe(before);
  });
});
