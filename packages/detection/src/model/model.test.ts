import { createHash } from 'node:crypto';
import { type Backend, useBackend } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import { coded } from '@resnet/testing';
import { imageNetResNet, readSafetensors, writeSafetensors } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FasterRcnn, fasterRcnn } from '../networks/faster-rcnn.js';
import { namedDetector } from '../networks/named-detector.js';
import { loadLayers, loadTrunk } from './load-trunk.js';
import { openDetector, packDetector } from './model.js';

let backend: Backend;
let detector: FasterRcnn;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
  detector = namedDetector('resnet18-small', { classes: 2, seed: 1 });
});
afterAll(() => {
  detector.dispose();
  backend.dispose();
});

const packed = () =>
  packDetector({ detector, normalization: IMAGENET_NORMALIZATION, classNames: ['cat', 'dog'] });

/** Names, shapes and digests of values: millions of them are not to be compared one by one. */
function digest(state: StateDict) {
  return [...state].map(([name, { shape, data }]) => {
    const hash = createHash('sha256').update(data).digest('hex');
    return [name, [...shape], hash];
  });
}

describe('a file of a detector', () => {
  it('opens as the same detector, to the bit', async () => {
    const { tensors, metadata } = await packed();
    const before = tf.memory().numTensors;
    const opened = openDetector(readSafetensors(writeSafetensors(tensors, metadata)));
    expect(opened.detector.settings).toEqual(detector.settings);
    expect(opened.classNames).toEqual(['cat', 'dog']);
    expect(opened.normalization).toEqual(IMAGENET_NORMALIZATION);
    expect(opened.notes).toEqual([]);
    expect(digest(await opened.detector.stateDict())).toEqual(digest(tensors));
    expect(opened.detector.training).toBe(false);
    opened.detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, (settings: Record<string, unknown>) => unknown]>([
    ['is no object', () => 7],
    ['has no style', ({ style: _, ...settings }) => settings],
    ['has a million classes', (settings) => ({ ...settings, classes: 1e6 })],
    ['has a negative number of classes', (settings) => ({ ...settings, classes: -1 })],
    [
      'has a head of no kind',
      (settings) => ({ ...settings, head: { ...(settings.head as object), kind: 3 } }),
    ],
    [
      'has huge channels',
      (settings) => ({ ...settings, pyramid: { channels: 1e9, hasExtraLevel: false, isNormalized: false } }),
    ],
    ['has anchors of text', (settings) => ({ ...settings, anchors: { sizes: [['32']], ratios: [1] } })],
    [
      'has many anchors',
      (settings) => ({ ...settings, anchors: { sizes: new Array(1000).fill([32]), ratios: [1] } }),
    ],
    ['names a network that is none', (settings) => ({ ...settings, backbone: { name: '__proto__' } })],
    ['has a backbone of text', (settings) => ({ ...settings, backbone: 'resnet18' })],
  ])('whose description %s is refused, and nothing is left', async (_, change) => {
    const { tensors, metadata } = await packed();
    const before = tf.memory().numTensors;
    const settings = change(JSON.parse(metadata['resnet.detector']!));
    const broken = { ...metadata, 'resnet.detector': JSON.stringify(settings) };
    expect(() => openDetector({ tensors, metadata: broken })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^WEIGHTS_(INVALID|MISMATCH)$/) }),
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that is cut off or of something else is refused', async () => {
    const { tensors, metadata } = await packed();
    const before = tf.memory().numTensors;
    const fewer: StateDict = new Map([...tensors].slice(1));
    expect(() => openDetector({ tensors: fewer, metadata })).toThrow(
      coded('WEIGHTS_MISMATCH', 'conv1.weight'),
    );
    expect(() => openDetector({ tensors, metadata: { 'resnet.detector': '{' } })).toThrow(
      coded('WEIGHTS_INVALID', 'resnet.detector'),
    );
    expect(() => openDetector({ tensors: new Map(), metadata: {} })).toThrow(
      coded('WEIGHTS_MISMATCH', 'fasterrcnn_resnet50_fpn'),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('opens torchvision’s tensors, also by their older names', () => {
  const made = fasterRcnn({ classes: 90, initialize: false });
  const zeros: StateDict = new Map(
    [...made.namedParameters()].map(([name, { storedShape, size }]) => {
      const older = name.replace('rpn.head.conv.0.0.', 'rpn.head.conv.').replace(/(_blocks\.\d)\.0\./, '$1.');
      return [older, { shape: storedShape, data: new Float32Array(size) }];
    }),
  );
  made.dispose();
  zeros.set('backbone.body.bn1.num_batches_tracked', { shape: [], data: new Float32Array(1) });
  const { detector: opened, notes, classNames } = openDetector({ tensors: zeros, metadata: {} });
  expect(opened.settings.epsilon).toBe(0);
  expect(classNames?.[0]).toBe('person');
  expect(classNames?.[89]).toBe('toothbrush');
  expect(notes.join('; ')).toMatch(/1 counters.*18 tensors have the names.*90 classes.*ε.*COCO/);
  opened.dispose();
});

describe('loadTrunk', () => {
  it('takes all tensors of a classification network, or none', async () => {
    const network = imageNetResNet(18, { seed: 3, zeroInitLast: true });
    const tensors = await network.stateDict();
    network.dispose();
    const target = namedDetector('resnet18-small', { classes: 2 });
    const before = await target.stateDict();
    const wrong: StateDict = new Map(tensors);
    wrong.set('layer4.1.conv2.weight', { shape: [1], data: new Float32Array(1) });
    expect(() => loadTrunk(target, wrong)).toThrow(coded('WEIGHTS_MISMATCH', 'layer4.1.conv2.weight'));
    expect(digest(await target.stateDict())).toEqual(digest(before));
    expect(loadTrunk(target, tensors)).toBe(tensors.size - 2);
    const after = await target.stateDict();
    expect(after.get('backbone.body.conv1.weight')!.data).toEqual(tensors.get('conv1.weight')!.data);
    const untouched = 'rpn.head.cls_logits.weight';
    expect(after.get(untouched)!.data).toEqual(before.get(untouched)!.data);
    target.dispose();
  });
});

describe('loadLayers', () => {
  it('takes all but the last layers, and those too if the classes are the same', async () => {
    const own = await detector.stateDict();
    const from = { detector, classNames: ['cat', 'dog'] };
    const target = namedDetector('resnet18-small', { classes: 2, seed: 9 });
    expect(await loadLayers(target, from, ['dog', 'cat'])).toEqual({ taken: own.size - 4, left: 4 });
    const others = await target.stateDict();
    expect(others.get('rpn.head.cls_logits.weight')!.data).toEqual(
      own.get('rpn.head.cls_logits.weight')!.data,
    );
    const last = 'roi_heads.box_predictor.cls_score.weight';
    expect(others.get(last)!.data).not.toEqual(own.get(last)!.data);
    expect(await loadLayers(target, from, ['cat', 'dog'])).toEqual({ taken: own.size, left: 0 });
    expect(digest(await target.stateDict())).toEqual(digest(own));
    target.dispose();
    const other = namedDetector('resnet18-fpn', { classes: 2 });
    await expect(loadLayers(other, from, ['cat', 'dog'])).rejects.toEqual(coded('WEIGHTS_MISMATCH', 'fpn'));
    other.dispose();
  });
});
