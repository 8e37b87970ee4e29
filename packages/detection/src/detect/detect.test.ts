import { type Backend, useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION, type Image } from '@resnet/data';
import { coded } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { namedDetector } from '../networks/named-detector.js';
import { detect, detectBatch, detectionSettings, withRefinement } from './detect.js';
import { type PreparedDetector, prepareDetector } from './prepared-detector.js';

let backend: Backend;
let detectors: PreparedDetector[];
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
  detectors = [1, 2].map((seed) => prepared(seed, 64));
});
afterAll(() => {
  for (const each of detectors) each.dispose();
  backend.dispose();
});

function prepared(seed: number, shorterSide: number): PreparedDetector {
  const detector = namedDetector('resnet18-small', { classes: 2, seed, shorterSide, longestSide: 128 });
  detector.setTraining(false);
  const made = prepareDetector(detector);
  detector.dispose();
  return made;
}

const image: Image = {
  pixels: Uint8Array.from({ length: 48 * 64 * 3 }, (_, index) => (index * index * 31) % 251),
  ...{ height: 48, width: 64, channels: 3 },
};
const usual = detectionSettings('fpn');
const settings = {
  ...usual,
  proposals: { ...usual.proposals, after: 20 },
  results: { ...usual.results, score: 0 },
};
const normalization = IMAGENET_NORMALIZATION;

it('finds the same as an ensemble of one, and of the same detector twice', async () => {
  const [one] = detectors as [PreparedDetector];
  const before = tf.memory().numTensors;
  const alone = await detect(one, image, { normalization, settings });
  expect(alone.labels.length).toBeGreaterThan(0);
  expect(await detect([one], image, { normalization, settings })).toEqual(alone);
  const twice = await detect([one, one], image, { normalization, settings });
  for (const [index, score] of alone.scores.entries()) expect(twice.scores[index]).toBeCloseTo(score, 5);
  expect(await detect(detectors, image, { normalization, settings })).not.toEqual(alone);
  expect(tf.memory().numTensors).toBe(before);
});

it('judges boxes again where they have moved to', async () => {
  const [one] = detectors as [PreparedDetector];
  const [refined] = await detectBatch(one, [image, image], {
    normalization,
    settings: withRefinement(settings),
  });
  expect(refined!.labels.length).toBeGreaterThan(0);
  for (const [index, side] of refined!.boxes.entries()) {
    expect(side).toBeGreaterThanOrEqual(0);
    expect(side).toBeLessThanOrEqual(index % 2 === 0 ? 64.01 : 48.01);
  }
  expect(refined).not.toEqual(await detect(one, image, { normalization, settings }));
});

it('judges regions at several sizes', async () => {
  const [one] = detectors as [PreparedDetector];
  const before = tf.memory().numTensors;
  const alone = await detect(one, image, { normalization, settings });
  const same = await detect(one, image, { normalization, settings: { ...settings, scales: [64] } });
  for (const [index, score] of alone.scores.entries()) expect(same.scores[index]).toBeCloseTo(score, 5);
  const scales = [32, 64, 96];
  const several = await detect(detectors, image, { normalization, settings: { ...settings, scales } });
  expect(several.labels.length).toBeGreaterThan(0);
  expect(several).not.toEqual(await detect(detectors, image, { normalization, settings }));
  expect(tf.memory().numTensors).toBe(before);
  for (const wrong of [[64, 32], [10], [64.5], [64, 64]]) {
    const options = { normalization, settings: { ...settings, scales: wrong } };
    await expect(detect(one, image, options)).rejects.toEqual(coded('OPTION_INVALID', String(wrong[0])));
  }
});

it('refuses detectors that see images at different sizes, and none', async () => {
  const other = prepared(1, 96);
  const [one] = detectors as [PreparedDetector];
  await expect(detect([one, other], image, { normalization })).rejects.toEqual(
    coded('OPTION_INVALID', 'shorterSide'),
  );
  await expect(detect([], image, { normalization })).rejects.toEqual(coded('OPTION_INVALID'));
  other.dispose();
});
