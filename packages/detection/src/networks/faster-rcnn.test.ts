import { type Backend, useBackend } from '@resnet/backend';
import { sketch } from '@resnet/blocks';
import { coded } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fasterRcnn } from './faster-rcnn.js';
import { namedDetector } from './named-detector.js';
import { regionFeatures } from './region-features.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

const trunk = { name: 'resnet18', shortcut: 'B' as const };

it.each([
  [1, 41_755_286],
  [2, 43_712_278],
] as const)('has the parameters of torchvision’s version %i', (version, expected) => {
  const detector = sketch(() => fasterRcnn({ classes: 90, version }));
  // torchvision counts no normalization that is frozen, as that of its first version is.
  if (version === 1) detector.fixBatchNorm();
  const counted = [...detector.namedParameters()].filter(([, { trainable }]) => trainable);
  expect(counted.reduce((sum, [, { size }]) => sum + size, 0)).toBe(expected);
});

describe('the paper’s detector', () => {
  it('has the maps of stage 4, and the last stage on each region', () => {
    const before = tf.memory().numTensors;
    const detector = fasterRcnn({ classes: 3, style: 'c4', backbone: trunk });
    const names = [...detector.namedParameters()].map(([name]) => name);
    expect(names).toContain('backbone.body.layer3.1.conv2.weight');
    expect(names).toContain('roi_heads.box_head.layer4.0.conv1.weight');
    expect(names.some((name) => name.includes('fpn') || name.includes('fc.'))).toBe(false);
    const images = tf.zeros<tf.Rank.R4>([1, 64, 96, 3]);
    const { maps, logits, deltas } = detector.first(images);
    expect(maps.map(({ shape }) => shape)).toEqual([[1, 4, 6, 256]]);
    expect(logits[0]!.shape).toEqual([1, 4, 6, 9]);
    expect(deltas[0]!.shape).toEqual([1, 4, 6, 36]);
    const boxes = { list: [Float32Array.of(0, 0, 32, 32, 8, 8, 60, 60)], sizes: [[64, 96] as const] };
    const { features } = regionFeatures(detector, maps, boxes, images.shape);
    const predicted = detector.predict(features);
    expect(features.shape).toEqual([2, 512]);
    expect(predicted.deltas.shape).toEqual([2, 16]);
    tf.dispose([images, maps, logits, deltas, features, predicted.logits, predicted.deltas]);
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is one on VGG-16 too', () => {
    const detector = sketch(() => fasterRcnn({ classes: 20, style: 'c4', backbone: 'vgg16' }));
    const names = [...detector.namedParameters()].map(([name]) => name);
    expect(names).toContain('backbone.body.features.28.weight');
    expect(names).toContain('roi_heads.box_head.classifier.0.weight');
    expect(detector.regionShape).toEqual([7, 7, 512]);
  });

  it('has the features of its own image beside a region’s', () => {
    const usual = fasterRcnn({ classes: 3, style: 'c4', backbone: trunk }).settings;
    const detector = fasterRcnn({
      ...usual,
      head: { ...usual.head, size: 4, hasContext: true },
    });
    detector.setTraining(false);
    const images = tf.randomNormal<tf.Rank.R4>([2, 64, 64, 3], 0, 1, 'float32', 1);
    const { maps, logits, deltas } = detector.first(images);
    const whole = Float32Array.of(0, 0, 64, 64);
    const sizes = [[64, 64] as const, [64, 64] as const];
    // A region as large as the image has the image's features twice.
    const { features } = regionFeatures(detector, maps, { list: [whole, whole], sizes }, images.shape);
    expect(features.shape).toEqual([2, 1024]);
    const [first, second] = features.arraySync();
    expect(first!.slice(0, 512)).toEqual(first!.slice(512));
    expect(second!.slice(0, 512)).toEqual(second!.slice(512));
    expect(first).not.toEqual(second);
    tf.dispose([images, maps, logits, deltas, features]);
    detector.dispose();
  });
});

it('pools regions from the level of their size, in groups', () => {
  const detector = namedDetector('resnet18-small', { classes: 2 });
  detector.setTraining(false);
  const images = tf.zeros<tf.Rank.R4>([1, 128, 128, 3]);
  const { maps, logits, deltas } = detector.first(images);
  const boxes = Float32Array.of(0, 0, 120, 120, 0, 0, 20, 20, 0, 0, 128, 128);
  const { order } = regionFeatures(detector, maps, { list: [boxes], sizes: [[128, 128]] }, images.shape);
  expect([...order]).toEqual([1, 0, 2]);
  tf.dispose([images, maps, logits, deltas]);
  detector.dispose();
});

it('is small on a network for CIFAR too, with strides of 2, 4 and 8', () => {
  const detector = namedDetector('resnet20-small', { classes: 2 });
  const images = tf.zeros<tf.Rank.R4>([1, 64, 96, 3]);
  const { maps, logits, deltas } = detector.first(images);
  expect(maps.map(({ shape }) => shape.slice(1, 3))).toEqual([
    [32, 48],
    [16, 24],
    [8, 12],
  ]);
  const boxes = Float32Array.of(0, 0, 40, 40, 0, 0, 20, 20, 0, 0, 64, 64);
  const { features, order } = regionFeatures(
    detector,
    maps,
    { list: [boxes], sizes: [[64, 96]] },
    images.shape,
  );
  expect([...order]).toEqual([1, 0, 2]);
  tf.dispose([images, maps, logits, deltas, features]);
  detector.dispose();
});

describe('what is fixed', () => {
  it('is normalization alone, or the first stages', () => {
    const detector = sketch(() => fasterRcnn({ classes: 2, backbone: trunk }));
    const trainable = () =>
      [...detector.namedParameters()].filter(([, each]) => each.trainable).map(([name]) => name);
    detector.fixBatchNorm();
    expect(trainable()).toContain('backbone.body.conv1.weight');
    expect(trainable().some((name) => /\.bn\d\./.test(name))).toBe(false);
    detector.freezeThrough('layer1');
    expect(trainable().some((name) => /body\.(conv1|layer1)/.test(name))).toBe(false);
    expect(trainable()).toContain('backbone.body.layer2.0.conv1.weight');
  });
});

describe('wrong options', () => {
  it('are refused', () => {
    const make = (options: object) => () =>
      sketch(() => fasterRcnn({ classes: 2, backbone: trunk, ...options }));
    const anchors = { sizes: [[32], [64]], ratios: [1] };
    expect(make({ anchors })).toThrow(coded('OPTION_INVALID', '5 levels'));
    expect(make({ stages: ['layer9'] })).toThrow(coded('OPTION_INVALID', 'layer9'));
    expect(make({ classes: 0 })).toThrow(coded('OPTION_INVALID', 'classes'));
    expect(make({ style: 'c4', stages: ['layer4'] })).toThrow(coded('OPTION_INVALID', 'stage'));
    expect(make({ backbone: 'highway19' })).toThrow(coded('OPTION_INVALID', 'highway19'));
    expect(() => namedDetector('resnet50', { classes: 1 })).toThrow(coded('OPTION_INVALID', 'resnet50'));
    expect(() => namedDetector('resnet51-fpn', { classes: 1 })).toThrow(coded('OPTION_INVALID'));
    const detector = sketch(() => fasterRcnn({ classes: 2, backbone: trunk }));
    expect(() => detector.freezeThrough('layer7')).toThrow(coded('OPTION_INVALID', 'layer7'));
  });
});
