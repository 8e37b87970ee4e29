import { useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';

/** Bright or dark squares on noise: what a small network must be able to tell apart. */
function squares(count: number): { images: tf.Tensor4D; labels: tf.Tensor2D } {
  return tf.tidy(() => {
    const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
    const noise = tf.randomUniform<tf.Rank.R4>([count, 12, 12, 3], -1, 1, 'float32', 1);
    const sign = tf.reshape(tf.sub(tf.mul(tf.tensor1d(labels, 'float32'), 2), 1), [count, 1, 1, 1]);
    const square = tf.pad(tf.ones([count, 4, 4, 3]), [
      [0, 0],
      [4, 4],
      [4, 4],
      [0, 0],
    ]);
    return {
      images: tf.add(noise, tf.mul(square, sign)),
      labels: tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 2), 'float32') as tf.Tensor2D,
    };
  });
}

describe('a tf.layers model', () => {
  it('learns on WASM', async () => {
    const backend = await useBackend('wasm', { threads: 2 });
    const model = layers.sequential({
      layers: [
        layers.layers.conv2d({
          inputShape: [12, 12, 3],
          filters: 8,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
        }),
        layers.layers.batchNormalization(),
        layers.layers.maxPooling2d({ poolSize: 2 }),
        layers.layers.conv2d({ filters: 16, kernelSize: 3, strides: 2 }),
        layers.layers.reLU(),
        layers.layers.globalAveragePooling2d({}),
        layers.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    model.compile({
      optimizer: tf.train.momentum(0.05, 0.9),
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
    });
    const { images, labels } = squares(64);
    const { history } = await model.fit(images, labels, {
      epochs: 12,
      batchSize: 16,
      shuffle: false,
      verbose: 0,
    });
    const losses = history.loss as number[];
    expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);
    expect((history.acc as number[]).at(-1)!).toBeGreaterThan(0.9);
    tf.dispose([images, labels]);
    model.dispose();
    backend.dispose();
  });
});
