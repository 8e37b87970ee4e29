import { type Backend, useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import { digitScenes } from '@resnet/data/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fasterRcnn } from '../networks/faster-rcnn.js';
import { detectionRecipe } from './detection-recipe.js';
import { fitDetector } from './fit-detector.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

it('learns to find digits', async () => {
  const train = await digitScenes({ count: 64 });
  const test = await digitScenes({ count: 8, seed: 1, part: 'test' });
  const before = tf.memory().numTensors;
  const detector = fasterRcnn({
    classes: train.classes.length,
    backbone: { name: 'resnet18', zeroInitLast: true },
    stages: ['layer2', 'layer3', 'layer4'],
    pyramid: { channels: 128, hasExtraLevel: false, isNormalized: false },
    anchors: { sizes: [[24], [40], [56]], ratios: [0.5, 1, 2] },
    rpn: { depth: 1, channels: 128 },
    shorterSide: 128,
    longestSide: 128,
  });
  const losses: number[] = [];
  await fitDetector(detector, {
    recipe: detectionRecipe('detection-small', { iterations: 10, batchSize: 4, reestimateImages: 16 }),
    ...{ train, test, normalization: IMAGENET_NORMALIZATION, recordEvery: 1, testEvery: 100 },
    onRecord: (record) => {
      console.log(JSON.stringify(record));
      if (record.kind === 'train') losses.push(record.loss);
    },
  });
  expect(losses.every(Number.isFinite)).toBe(true);
  detector.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
