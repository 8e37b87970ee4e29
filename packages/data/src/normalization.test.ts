import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { IMAGENET_NORMALIZATION, perPixelMeanNormalization, toTensor } from './normalization.js';
import { perPixelMean } from './statistics.js';
import { coded, madeSet } from './test-support.js';

describe('toTensor', () => {
  it('subtracts the mean and divides by the deviation of each channel', () => {
    const set = madeSet();
    const tensor = toTensor(set, IMAGENET_NORMALIZATION);
    expect(tensor.shape).toEqual([10, 4, 5, 3]);
    expect(tensor.dtype).toBe('float32');
    const expected = Float32Array.from(set.images, (pixel, place) => {
      const { mean, std } = IMAGENET_NORMALIZATION;
      return (pixel / 255 - mean[place % 3]!) / std[place % 3]!;
    });
    expect(tensor.dataSync()).toEqual(expected);
    tensor.dispose();
  });

  it('subtracts the mean image, so that the mean of the training set is 0 at every place', () => {
    const set = madeSet({ count: 50 });
    const normalization = perPixelMeanNormalization(set);
    expect(normalization.mean).toEqual(perPixelMean(set));
    expect([...normalization.std]).toEqual([1, 1, 1]);
    const values = toTensor(set, normalization).dataSync();
    for (let place = 0; place < 60; place++) {
      const column = Array.from({ length: 50 }, (_, index) => values[index * 60 + place]!);
      expect(column.reduce((sum, value) => sum + value, 0) / 50).toBeCloseTo(0, 6);
      expect(values[place]).toBeCloseTo(set.images[place]! / 255 - normalization.mean[place]!, 6);
    }
  });

  it('makes one tensor, which the caller owns, and keeps nothing of the batch', () => {
    const set = madeSet();
    const before = tf.memory().numTensors;
    const tensor = toTensor(set, IMAGENET_NORMALIZATION);
    expect(tf.memory().numTensors).toBe(before + 1);
    const first = tensor.dataSync().slice();
    set.images.fill(0);
    expect(tensor.dataSync()).toEqual(first);
    tensor.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a mean, a deviation or pixels that do not fit, and makes no tensor', () => {
    const set = madeSet();
    const { mean, std } = IMAGENET_NORMALIZATION;
    const before = tf.memory().numTensors;
    expect(() => toTensor(set, { mean: new Float32Array(59), std })).toThrow(
      coded('SHAPE_MISMATCH', '3 numbers (one a channel) or 60 (one a place), found 59'),
    );
    expect(() => toTensor(set, { mean, std: new Float32Array(60).fill(1) })).toThrow(
      coded('SHAPE_MISMATCH', 'found 60'),
    );
    expect(() => toTensor({ ...set, count: 9 }, { mean, std })).toThrow(coded('SHAPE_MISMATCH', '540 bytes'));
    expect(() => toTensor(set, { mean, std: Float32Array.of(1, 0, 1) })).toThrow(
      coded('OPTION_INVALID', '1, 0, 1'),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
