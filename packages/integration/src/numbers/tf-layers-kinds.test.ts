import { useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';

/** Trains on examples of two classes, and expects to tell them apart. */
async function expectToLearn(model: layers.Sequential, inputs: tf.Tensor, classes: number[]): Promise<void> {
  const labels = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(classes, 'int32'), 2), 'float32'));
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(inputs, labels, {
    epochs: 15,
    batchSize: 16,
    shuffle: false,
    verbose: 0,
  });
  expect((history.loss as number[]).at(-1)!).toBeLessThan(0.5 * (history.loss as number[])[0]!);
  expect((history.acc as number[]).at(-1)!).toBeGreaterThan(0.9);
  tf.dispose([inputs, labels]);
  model.dispose();
}

const {
  depthwiseConv2d,
  separableConv2d,
  embedding,
  flatten,
  dense,
  averagePooling2d,
  globalAveragePooling2d,
} = layers.layers;

describe('tf.layers of kinds that tfjs does not train on WASM', () => {
  it('learns with depthwise and separable convolutions', async () => {
    const backend = await useBackend('wasm', { threads: 2 });
    const model = layers.sequential({
      layers: [
        depthwiseConv2d({
          inputShape: [8, 8, 2],
          kernelSize: 3,
          depthMultiplier: 2,
          padding: 'same',
          activation: 'relu',
        }),
        separableConv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
        averagePooling2d({ poolSize: 2, padding: 'same' }),
        globalAveragePooling2d({}),
        dense({ units: 2, activation: 'softmax' }),
      ],
    });
    const classes = Array.from({ length: 64 }, (_, index) => index % 2);
    const images = tf.tidy(() => {
      const sign = tf.reshape(tf.sub(tf.mul(tf.tensor1d(classes), 2), 1), [64, 1, 1, 1]);
      return tf.add(tf.randomUniform([64, 8, 8, 2], -1, 1, 'float32', 1), sign);
    });
    await expectToLearn(model, images, classes);
    backend.dispose();
  });

  it('learns with embeddings', async () => {
    const backend = await useBackend('wasm', { threads: 2 });
    const model = layers.sequential({
      layers: [
        embedding({ inputDim: 10, outputDim: 4, inputLength: 6 }),
        flatten(),
        dense({ units: 2, activation: 'softmax' }),
      ],
    });
    const classes = Array.from({ length: 64 }, (_, index) => index % 2);
    // Words of the second class are those of numbers from five on.
    const words = tf.tensor2d(
      classes.flatMap((label, row) =>
        Array.from({ length: 6 }, (_, place) => 5 * label + ((row + place) % 5)),
      ),
      [64, 6],
      'int32',
    );
    await expectToLearn(model, words, classes);
    backend.dispose();
  });
});
