import { type Backend, useBackend } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import { Random } from '@resnet/core';
import type { Image } from '@resnet/data';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import { bits, hashOf, uniform } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from '../fixtures/torchvision.json' with { type: 'json' };
import { detectorInput, scaledSize } from './detect/image-input.js';
import { detectBatch, prepareDetector } from './index.js';
import { detectionLosses, drawSampleNow } from './losses/detection-losses.js';
import { trainingSettings } from './losses/training-settings.js';
import { type FasterRcnn, fasterRcnn } from './networks/faster-rcnn.js';

// The references are torchvision's detectors on weights and images of a formula that scripts/fixtures/detection.py and this file have
// in common.

interface Digest {
  shape: number[];
  largest: number;
  weighted: number;
  samples: number[];
}

type Size = readonly [number, number];

/** Largest difference of a value that passes, in the largest of its tensor. */
const TOLERANCE = 1e-4;

function spread(name: string, shape: readonly number[]): [number, number] {
  const fanIn = shape.slice(1).reduce((product, length) => product * length, 1);
  if (/bbox_pred|cls_score|cls_logits/.test(name) && shape.length > 1) return [0, 0.1 * Math.sqrt(6 / fanIn)];
  if (shape.length > 1) return [0, Math.sqrt(6 / fanIn)];
  if (name.endsWith('running_var')) return [1, 0.5];
  if (/\.bn[23]\.weight$/.test(name)) return [0.1875, 0.0625];
  return name.endsWith('.weight') ? [1, 0.25] : [0, 0.05];
}

function stateOf(detector: FasterRcnn, expected: { count: number; hash: number; sum: number }): StateDict {
  const state: StateDict = new Map();
  let sum = 0;
  for (const [name, { storedShape: shape, size }] of detector.namedParameters()) {
    const [middle, half] = spread(name, shape);
    const hash = hashOf(name);
    const data = new Float32Array(size);
    for (let index = 0; index < size; index++) {
      data[index] = middle + half * uniform(hash, index);
      sum += data[index]!;
    }
    state.set(name, { shape, data });
  }
  const lines = [...state].map(([name, { shape }]) => `${name} ${shape}`).sort();
  expect({ count: lines.length, hash: hashOf(lines.join('\n')) }, 'names and shapes').toEqual({
    count: expected.count,
    hash: expected.hash,
  });
  expect(sum / expected.sum, 'sum of the weights').toBeCloseTo(1, 9);
  return state;
}

function imageOf(index: number, [height, width]: Size): Image {
  const hash = hashOf(`image ${index}`);
  const columns = Math.ceil(width / 8);
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++, at++) {
        pixels[at] = bits(hash, ((y >> 3) * columns + (x >> 3)) * 3 + channel) >>> 24;
      }
    }
  }
  return { pixels, height, width, channels: 3 };
}

/** How far a tensor is from the reference, in the reference's largest value. */
function differenceFrom(expected: Digest, name: string, shape: number[], data: ArrayLike<number>): number {
  expect(shape, name).toEqual(expected.shape);
  const [samplesHash, weightsHash] = [hashOf(`${name} samples`), hashOf(`${name} weights`)];
  let largest = 0;
  let weighted = 0;
  for (let index = 0; index < data.length; index++) {
    largest = Math.max(largest, Math.abs(data[index]!));
    weighted += data[index]! * uniform(weightsHash, index);
  }
  const differences = [
    largest - expected.largest,
    (weighted - expected.weighted) / Math.sqrt(data.length),
    ...expected.samples.map((sample, each) => data[bits(samplesHash, each) % data.length]! - sample),
  ];
  // Levels without a region have a gradient of zeros.
  return Math.max(...differences.map(Math.abs)) / (expected.largest || 1);
}

function inStoredOrder(tensor: tf.Tensor): [shape: number[], data: Float32Array] {
  if (tensor.rank !== 4) return [tensor.shape, tensor.dataSync<'float32'>()];
  return tf.tidy(() => {
    const transposed = tf.transpose(tensor, [0, 3, 1, 2]);
    return [transposed.shape, transposed.dataSync<'float32'>()];
  });
}

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

const { versions: _, training, ...cases } = fixture;

const sizesOf: Record<string, [shorterSide: number, longestSide: number]> = {
  'v1, one image of 240×320': [256, 400],
  'v1, one image of 334×500': [256, 400],
  'v1, two images': [192, 400],
  'v2, one image of 200×240': [192, 400],
};

describe('detectors find what torchvision’s find', () => {
  it.each(Object.entries(cases))('%s', async (name, reference) => {
    const before = tf.memory().numTensors;
    const [shorterSide, longestSide] = sizesOf[name]!;
    const version = name.startsWith('v2') ? 2 : 1;
    const detector = fasterRcnn({ classes: 90, version, shorterSide, longestSide, initialize: false });
    detector.loadStateDict(stateOf(detector, reference.weights));
    detector.setTraining(false);
    const images = reference.sizes.map((size, index) => imageOf(index, size as unknown as Size));
    const expected: Record<string, Digest> = reference.values;

    const prepared = prepareDetector(detector);
    const sizes = images.map(({ height, width }) => scaledSize(height, width, detector.settings));
    const input = detectorInput(images, sizes, IMAGENET_NORMALIZATION);
    for (const stages of [detector, prepared]) {
      const first = stages.first(input.images);
      for (const kind of ['map', 'logits', 'deltas'] as const) {
        const list = { map: first.maps, logits: first.logits, deltas: first.deltas }[kind];
        for (const [level, tensor] of list.entries()) {
          const name = `${kind}${level}`;
          const difference = differenceFrom(expected[name]!, name, ...inStoredOrder(tensor));
          expect(difference, name).toBeLessThan(TOLERANCE);
        }
      }
      tf.dispose([first.maps, first.logits, first.deltas]);
    }
    tf.dispose(input.images);

    const found = await detectBatch(prepared, images, { normalization: IMAGENET_NORMALIZATION });
    for (const [index, { boxes, labels, scores }] of found.entries()) {
      const wanted = reference.results[index]!;
      expect([...labels].map((label) => label + 1)).toEqual(wanted.labels);
      for (const [each, score] of wanted.scores.entries()) {
        const box = wanted.boxes.slice(4 * each, 4 * each + 4);
        expect(Math.abs(scores[each]! - score), 'score').toBeLessThan(1e-4);
        // Two objects of one class may change places where their scores are as near as rounding.
        const distances = [...scores.keys()]
          .filter((other) => other === each || Math.abs(scores[other]! - score) < 1e-5)
          .map((other) => Math.max(...box.map((side, axis) => Math.abs(boxes[4 * other + axis]! - side))));
        expect(Math.min(...distances), 'box').toBeLessThan(0.05);
      }
    }
    prepared.dispose();
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Draws the first examples. */
class First extends Random {
  override int(): number {
    return 0;
  }
}

it('has the losses and gradients of torchvision’s', () => {
  const detector = fasterRcnn({
    classes: 5,
    backbone: { name: 'resnet18', shortcut: 'B' },
    shorterSide: 160,
    longestSide: 300,
    initialize: false,
  });
  detector.loadStateDict(stateOf(detector, training.weights));
  detector.fixBatchNorm();
  const images = training.sizes.map((size, index) => imageOf(index, size as unknown as Size));
  const sizes = images.map(({ height, width }) => scaledSize(height, width, detector.settings));
  const input = {
    ...detectorInput(images, sizes, IMAGENET_NORMALIZATION),
    truths: training.truths.map(({ boxes, labels }, index) => {
      const [scaleY, scaleX] = [0, 1].map((axis) => sizes[index]![axis]! / training.sizes[index]![axis]!);
      const scaled = boxes
        .flat()
        .map((value, at) => Math.fround(value * Math.fround((at % 2 === 0 ? scaleX : scaleY)!)));
      return { boxes: Float32Array.from(scaled), labels: Int32Array.from(labels) };
    }),
  };
  const settings = trainingSettings('fpn');
  const variables = [...detector.namedParameters()].filter(([, { trainable }]) => trainable);
  const parts: Record<string, number> = {};
  const { grads } = tf.variableGrads(
    () => {
      const sample = drawSampleNow(detector, input, settings, () => new First(0));
      const losses = detectionLosses(detector, input, settings, sample);
      for (const [part, loss] of Object.entries(losses.parts)) parts[part] = loss.dataSync()[0]!;
      return losses.loss;
    },
    variables.map(([, { variable }]) => variable),
  );
  const { losses } = training;
  const wanted = {
    objectness: losses.loss_objectness,
    proposalBox: losses.loss_rpn_box_reg,
    class: losses.loss_classifier,
    box: losses.loss_box_reg,
  };
  for (const [part, loss] of Object.entries(wanted)) expect(parts[part]! / loss, part).toBeCloseTo(1, 4);

  const expected: Record<string, Digest> = training.gradients;
  expect(variables.map(([name]) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, parameter] of variables) {
    const gradient = grads[parameter.variable.name]!;
    const ordered = tf.tidy(() => {
      if (gradient.rank === 4) {
        const stored = tf.transpose(gradient, [3, 2, 0, 1]);
        return parameter.layout === 'flat filter' ? tf.reshape(stored, parameter.storedShape) : stored;
      }
      return gradient.rank === 2 ? tf.transpose(gradient) : gradient.clone();
    });
    const difference = differenceFrom(expected[name]!, name, ordered.shape, ordered.dataSync());
    expect(difference, name).toBeLessThan(1e-3);
    ordered.dispose();
  }
  tf.dispose(grads);
});
