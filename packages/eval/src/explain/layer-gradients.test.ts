import { softmaxCrossEntropy } from '@resnet/backend';
import { loader } from '@resnet/data';
import { madeSet } from '@resnet/testing';
import { useOneBackend, valuesOf } from '@resnet/testing/backends';
import { cifarResNet, features, type Network, toTensor } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerGradients } from '../index.js';

useOneBackend();
let network: Network;
beforeAll(async () => {
  network = cifarResNet(8, { seed: 1, classes: 3, inChannels: 1, shortcut: 'B' });
});
afterAll(() => {
  network.dispose();
});

const set = madeSet({ count: 12, height: 8, width: 8, channels: 1 });
const normalization = { mean: Float32Array.of(0.5), std: Float32Array.of(0.3) };

/** The batches that are measured. */
async function batchesOf(batchSize: number): Promise<{ images: tf.Tensor4D; labels: Int32Array }[]> {
  const batches: { images: tf.Tensor4D; labels: Int32Array }[] = [];
  for await (const batch of loader(set, { batchSize, shuffle: true }).epoch(0)) {
    batches.push({ images: toTensor(batch, normalization), labels: batch.labels });
  }
  return batches;
}

const length = (values: Iterable<number>) =>
  Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));

describe('layerGradients', () => {
  it('has the gradient of the last layer that float64 finds, as the mean over batches', async () => {
    const batches = await batchesOf(4);
    network.setTraining(true);
    const measured = batches.slice(0, 2).map(async ({ images, labels }) => {
      const { pool, fc } = features(network, images, ['pool', 'fc']);
      const [embedding, logits] = (await Promise.all([pool.array(), fc.array()])) as [number[][], number[][]];
      tf.dispose([pool, fc]);
      // The gradient of the mean cross-entropy by the logits: softmax less one-hot.
      const errors = logits.map((row, image) => {
        const powers = row.map((value) => Math.exp(value));
        const sum = powers.reduce((a, b) => a + b);
        return powers.map((power, index) => (power / sum - (index === labels[image] ? 1 : 0)) / 4);
      });
      const gradient = embedding[0]!.flatMap((_, from) =>
        [0, 1, 2].map((to) =>
          embedding.reduce((total, row, image) => total + row[from]! * errors[image]![to]!, 0),
        ),
      );
      return length(gradient);
    });
    const norms = await Promise.all(measured);
    for (const { images } of batches) images.dispose();
    const gradients = await layerGradients(network, set, { normalization, batchSize: 4, batches: 2 });
    const last = gradients.at(-1)!;
    const expected = (norms[0]! + norms[1]!) / 2;
    expect(last.name).toBe('fc');
    expect(Math.abs(last.norm / expected - 1)).toBeLessThan(1e-5);
    const weight = length(await network.fc.weight.variable.data());
    expect(Math.abs(last.ratio / (expected / weight) - 1)).toBeLessThan(1e-5);
  });

  it('has the gradient of the first layer that finite differences find', async () => {
    const [{ images, labels }] = (await batchesOf(12)) as [{ images: tf.Tensor4D; labels: Int32Array }];
    const [[, { variable }]] = [...network.namedParameters()] as [
      [string, { variable: tf.Variable }],
      ...unknown[],
    ];
    const start = (await variable.data()).slice();
    network.setTraining(true);
    const lossAt = async (index: number, step: number) => {
      const moved = start.slice();
      moved[index]! += step;
      const [loss] = await valuesOf(() => {
        variable.assign(tf.tensor(moved, variable.shape));
        return softmaxCrossEntropy(network.forward(images), tf.tensor1d(labels, 'int32'));
      });
      return loss!;
    };
    const step = 2e-3;
    const slopes: number[] = [];
    for (const index of start.keys()) {
      slopes.push(((await lossAt(index, step)) - (await lossAt(index, -step))) / (2 * step));
    }
    const expected = length(slopes);
    tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)));
    images.dispose();
    const [first] = await layerGradients(network, set, { normalization });
    expect(first!.name).toBe('conv1');
    expect(Math.abs(first!.norm / expected - 1)).toBeLessThan(0.02);
  });

  it('takes projections too, and leaves the network as it was, stopped or not', async () => {
    const state = await network.stateDict();
    const before = tf.memory().numTensors;
    for (const training of [true, false]) {
      network.setTraining(training);
      const gradients = await layerGradients(network, set, { normalization, batchSize: 5 });
      expect(gradients.map(({ name }) => name)).toContain('layer2.0.downsample.0');
      expect(gradients).toHaveLength(10);
      const controller = new AbortController();
      const stopped = layerGradients(network, set, {
        normalization,
        batchSize: 5,
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
      expect(network.training).toBe(training);
      expect(await network.stateDict()).toEqual(state);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('reports how many of the images are done', async () => {
    const seen: [number, number][] = [];
    await layerGradients(network, set, {
      normalization,
      batchSize: 5,
      batches: 2,
      onProgress: ({ count, total }) => seen.push([count, total]),
    });
    expect(seen).toEqual([
      [5, 10],
      [10, 10],
    ]);
    await expect(layerGradients(network, set, { normalization, batches: 0 })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });

  it('takes the labels of sets of other classes by a map', async () => {
    const expected = await layerGradients(network, set, { normalization, batchSize: 4 });
    // The same images, with their classes in another order.
    const turned = { ...set, classes: ['c', 'a', 'b'], labels: set.labels.map((label) => (label + 1) % 3) };
    const options = { normalization, batchSize: 4 };
    expect(await layerGradients(network, turned, { ...options, classMap: [2, 0, 1] })).toEqual(expected);
    expect(await layerGradients(network, turned, options)).not.toEqual(expected);
  });
});
