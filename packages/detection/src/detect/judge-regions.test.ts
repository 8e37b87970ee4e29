import { type Backend, useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION, type Image } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FasterRcnn } from '../networks/faster-rcnn.js';
import { namedDetector } from '../networks/named-detector.js';
import { regionFeatures } from '../networks/region-features.js';
import { detectorInput } from './image-input.js';
import { adjacentPair, judgeInViews, judgeRegions, type ScaledView } from './judge-regions.js';

let backend: Backend;
let detector: FasterRcnn;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
  detector = namedDetector('resnet20-small', { classes: 3, seed: 5 });
  detector.setTraining(false);
});
afterAll(() => {
  detector.dispose();
  backend.dispose();
});

const image: Image = {
  pixels: Uint8Array.from({ length: 64 * 96 * 3 }, (_, index) => (index * index * 31) % 251),
  ...{ height: 64, width: 96, channels: 3 },
};

/** Two images, at this many times their size. */
function viewAt(scale: number): ScaledView {
  const size = [64 * scale, 96 * scale] as const;
  const input = detectorInput([image, image], [size, size], IMAGENET_NORMALIZATION);
  const { maps, logits, deltas } = detector.first(input.images);
  tf.dispose([logits, deltas]);
  return {
    input,
    maps,
    scales: [
      [scale, scale],
      [scale, scale],
    ],
  };
}

const disposeView = ({ input, maps }: ScaledView) => tf.dispose([input.images, [...maps]]);

// Their sides are 20, 8, and 60 × 92.
const regions = [Float32Array.of(10, 10, 30, 30, 50, 20, 58, 28), Float32Array.of(2, 2, 94, 62)];

describe('the two adjacent scales of a region', () => {
  it('are the nearest one and its better neighbor', () => {
    expect(adjacentPair([50, 100, 200, 400], 224)).toEqual([2, 3]);
    expect(adjacentPair([100, 200, 300], 180)).toEqual([1, 2]);
    expect(adjacentPair([110, 220, 440], 200)).toEqual([0, 1]);
    expect(adjacentPair([300, 600], 224)).toEqual([0, 1]);
    expect(adjacentPair([20, 40, 60], 224)).toEqual([1, 2]);
    expect(adjacentPair([90], 224)).toEqual([0]);
    expect(adjacentPair([0, 0, 0], 224)).toEqual([0, 1]);
  });
});

describe('judgeInViews', () => {
  it('gives what one view gives, if there is no other', async () => {
    const before = tf.memory().numTensors;
    const view = viewAt(1);
    const expected = await judgeRegions(detector, view, regions);
    const found = await judgeInViews(detector, [view], regions);
    for (const [index, { probabilities, deltas }] of expected.entries()) {
      expect(found[index]!.regions).toEqual(regions[index]);
      for (const [at, value] of probabilities.entries())
        expect(found[index]!.probabilities[at]).toBeCloseTo(value, 5);
      for (const [at, value] of deltas.entries()) expect(found[index]!.deltas[at]).toBeCloseTo(value, 5);
    }
    disposeView(view);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('judges each region by the larger features of its two views', async () => {
    const before = tf.memory().numTensors;
    const views = [1, 2, 3].map(viewAt);
    const found = await judgeInViews(detector, views, regions);
    // The canonical side is 128: 20 and 8 are nearest to it at 3 and 2 times, 74 (60 × 92) at 2 times and 1 time.
    const pairs = [
      [1, 2],
      [1, 2],
      [0, 1],
    ];
    const all = [regions[0]!.subarray(0, 4), regions[0]!.subarray(4), regions[1]!];
    for (const [row, pair] of pairs.entries()) {
      const features = pair.map((view) => {
        const { scales, input, maps } = views[view]!;
        const scaled = all[row]!.map((side) => side * scales[0]![0]);
        const list = row < 2 ? [scaled, new Float32Array(0)] : [new Float32Array(0), scaled];
        return regionFeatures(detector, maps, { list, sizes: input.sizes }, input.images.shape).features;
      });
      const largest = tf.maximum<tf.Tensor2D>(features[0]!, features[1]!);
      const { logits, deltas } = detector.predict(largest);
      const expected = tf.softmax(logits).dataSync();
      const { probabilities } = found[row < 2 ? 0 : 1]!;
      const at = row === 1 ? 4 : 0;
      for (const [index, value] of expected.entries()) {
        expect(probabilities[at + index], `region ${row}`).toBeCloseTo(value, 5);
      }
      tf.dispose([features, largest, logits, deltas]);
    }
    for (const view of views) disposeView(view);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 3);
  });

  it('takes images without regions', async () => {
    const view = viewAt(1);
    const none = [new Float32Array(0), new Float32Array(0)];
    const found = await judgeInViews(detector, [view], none);
    expect(found.map(({ probabilities }) => probabilities.length)).toEqual([0, 0]);
    disposeView(view);
  });
});
