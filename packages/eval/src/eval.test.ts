import { type Backend, Random, useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION, type ImageSet, imageAt } from '@resnet/data';
import { cifarResNet, type Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, predict } from './index.js';
import { crossEntropy, rankOfLabel, softmax } from './scores.js';

let backend: Backend;
let network: Network;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
  network = cifarResNet(8, { seed: 1 });
});
afterAll(() => {
  network.dispose();
  backend.dispose();
});

function randomSet(count: number): ImageSet {
  const random = new Random(4);
  return {
    name: 'noise',
    images: Uint8Array.from({ length: count * 32 * 32 * 3 }, () => random.int(256)),
    labels: Uint8Array.from({ length: count }, () => random.int(10)),
    count,
    height: 32,
    width: 32,
    channels: 3,
    classes: Array.from({ length: 10 }, (_, index) => `class ${index}`),
  };
}

describe('evaluate', () => {
  it('counts what one prediction at a time finds, in any batch size, and leaks nothing', async () => {
    const set = randomSet(11);
    const before = tf.memory().numTensors;
    const whole = await evaluate(network, set, { normalization: IMAGENET_NORMALIZATION, batchSize: 11 });
    const parts = await evaluate(network, set, { normalization: IMAGENET_NORMALIZATION, batchSize: 4 });
    let [top1Errors, top5Errors, loss] = [0, 0, 0];
    for (let index = 0; index < set.count; index++) {
      const classes = await predict(network, imageAt(set, index), {
        normalization: IMAGENET_NORMALIZATION,
        top: 10,
      });
      const place = classes.findIndex((prediction) => prediction.index === set.labels[index]);
      if (place > 0) top1Errors++;
      if (place > 4) top5Errors++;
      loss -= Math.log(classes[place]!.probability) / set.count;
    }
    const counts = { count: 11, top1Errors, top5Errors, top1Error: top1Errors / 11 };
    expect(whole).toMatchObject(counts);
    expect(parts).toMatchObject(counts);
    expect(parts.loss).toBeCloseTo(loss, 5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reports progress, keeps the mode of the network, and stops when asked', async () => {
    const set = randomSet(6);
    const seen: number[] = [];
    const options = { normalization: IMAGENET_NORMALIZATION, batchSize: 2 };
    network.setTraining(true);
    await evaluate(network, set, { ...options, onProgress: ({ count }) => seen.push(count) });
    expect(seen).toEqual([2, 4, 6]);
    expect(network.training).toBe(true);
    const before = tf.memory().numTensors;
    const stopped = evaluate(network, set, { ...options, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a set of other channels or more classes', async () => {
    const normalization = IMAGENET_NORMALIZATION;
    const grey: ImageSet = { ...randomSet(1), channels: 1, images: new Uint8Array(1024) };
    const many: ImageSet = { ...randomSet(1), classes: Array(11).fill('class') };
    for (const set of [grey, many]) {
      await expect(evaluate(network, set, { normalization })).rejects.toMatchObject({
        code: 'SHAPE_MISMATCH',
      });
    }
  });
});

describe('scores', () => {
  it('ranks by score, ties by class, and never counts a broken score as right', () => {
    const scores = Float32Array.of(1, 3, 2, 3, Number.NaN, 0);
    expect(rankOfLabel(scores, 0, 4, 1)).toBe(0);
    expect(rankOfLabel(scores, 0, 4, 3)).toBe(1);
    expect(rankOfLabel(scores, 0, 4, 0)).toBe(3);
    expect(rankOfLabel(scores, 2, 2, 0)).toBe(1);
    expect(rankOfLabel(scores, 2, 2, 1)).toBe(1);
  });

  it('has a softmax and a cross-entropy that do not overflow', () => {
    const logits = Float32Array.of(1000, 999);
    expect(softmax(logits)[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(crossEntropy(logits, 0, 2, 1)).toBeCloseTo(Math.log(1 + Math.exp(1)), 12);
  });
});
